import ModelCore

/// Probabilities made more or less sure of themselves: their log odds divided by a temperature.
///
/// The order of the scores stays, and what was even stays even.
public struct TemperatureScaling: Hashable, Sendable {
    /// How close to 0 and 1 probabilities are taken.
    private static let least = 1e-12

    public let temperature: Double

    public init(temperature: Double) { self.temperature = temperature }

    /// The temperature of the greatest likelihood, between 0.01 and 100.
    ///
    /// Fit it on scores of rows that the model has not learnt from.
    public init(_ rows: ScoredRows) throws(TrainingError) {
        guard rows.positiveCount > 0, rows.negativeCount > 0 else { throw .oneClass }
        guard rows.scores.allSatisfy({ (0...1).contains($0) }) else {
            throw .badOption("scores that are no probabilities")
        }
        let odds = rows.scores.map(Self.logit)
        // The loss is convex in 1 / temperature: its slope has one zero.
        func slope(_ inverse: Double) -> Double {
            zip(odds, rows.labels).reduce(0) {
                $0 + $1.0 * (Elementary.logistic(inverse * $1.0) - ($1.1 ? 1 : 0))
            }
        }
        var (low, high) = (0.01, 100.0)
        for _ in 0..<55 {
            let middle = (low + high) / 2
            if slope(middle) < 0 { low = middle } else { high = middle }
        }
        temperature = 2 / (low + high)
    }

    public func probability(_ score: Double) -> Double {
        Elementary.logistic(Self.logit(score) / temperature)
    }

    private static func logit(_ probability: Double) -> Double {
        Elementary.logit(min(max(probability, least), 1 - least))
    }
}
