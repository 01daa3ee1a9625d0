public import ModelTraining

/// What a model says of rows that it has not seen, beside what happened.
public struct Forecast: Hashable, Sendable {
    /// Calibrated probabilities.
    public let calibrated: ScoredRows
    /// What the scores say by themselves.
    public let uncalibrated: ScoredRows
}

/// The forecasts of a cross-validation.
public struct Validation: Sendable {
    /// All rows that were scored, each by the model of its fold.
    public let pooled: Forecast
    /// The calibrated probability of each row of the table; NaN where its fold was not run.
    public let probabilities: [Double]
    public let byFold: [Forecast]
}
