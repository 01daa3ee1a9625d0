public import ModelTraining

/// How well scores of rows that the model had not seen foretell what happened.
public struct Evaluation: Sendable {
    public let rowCount: Int
    public let positiveCount: Int
    /// The share that is called right at a probability of one half.
    public let accuracy: Double
    public let auroc: Double
    /// 95 %, by bootstrap.
    public let aurocInterval: ClosedRange<Double>
    /// The area under precision and recall, as average precision.
    public let averagePrecision: Double
    public let brierScore: Double
    public let logLoss: Double
    /// Ten bins.
    public let expectedCalibrationError: Double
    /// What the error would be if every probability were right.
    public let chanceCalibrationError: Double
    /// 1 and 0 where the probabilities are right; nil where the fit has no solution.
    public let calibrationLine: LogisticLine?
    public let reliability: [ReliabilityBin]
    /// min(sensitivity, positive predictive value) at its best threshold.
    public let event1: ThresholdMetrics?

    public init(_ rows: ScoredRows, seed: UInt64) throws(TrainerError) {
        do {
            guard let auroc = rows.auroc, let averagePrecision = rows.averagePrecision else {
                throw TrainingError.oneClass
            }
            self.auroc = auroc
            self.averagePrecision = averagePrecision
            aurocInterval = try rows.aurocInterval(samples: 500, seed: seed)
        } catch {
            throw .table("\(error)")
        }
        rowCount = rows.count
        accuracy = ThresholdMetrics(rows, threshold: 0.5).accuracy ?? 0
        logLoss = rows.logLoss
        positiveCount = rows.positiveCount
        brierScore = rows.brierScore
        expectedCalibrationError = rows.expectedCalibrationError()
        chanceCalibrationError = rows.chanceCalibrationError(seed: seed)
        calibrationLine = try? rows.calibrationLine()
        reliability = rows.reliability()
        event1 = rows.bestEvent1
    }
}
