import ModelCore

/// How the predicted probabilities of one bin compare with what happened.
public struct ReliabilityBin: Hashable, Sendable {
    /// Scores from `lower` up to, without, `upper`; the last bin has its upper end.
    public let lower: Double
    public let upper: Double
    public let count: Int
    /// The mean score, and the share of positives; nil in an empty bin.
    public let meanScore: Double?
    public let positiveShare: Double?
}

extension ScoredRows {
    /// The mean squared distance between probability and outcome.
    public var brierScore: Double {
        zip(scores, labels).reduce(0) { sum, row in
            let distance = row.0 - (row.1 ? 1 : 0)
            return sum + distance * distance
        } / Double(count)
    }

    /// The mean of minus the logarithm of the probability of what happened.
    public var logLoss: Double {
        zip(scores, labels).reduce(0) { sum, row in
            let probability = min(max(row.0, 0x1p-52), 1 - 0x1p-52)
            return sum - Elementary.log(row.1 ? probability : 1 - probability)
        } / Double(count)
    }

    /// Bins of equal width over 0...1; scores outside fall into the first or last.
    public func reliability(binCount: Int = 10) -> [ReliabilityBin] {
        precondition(binCount > 0)
        var counts = [Int](repeating: 0, count: binCount)
        var positives = counts
        var sums = [Double](repeating: 0, count: binCount)
        for (score, label) in zip(scores, labels) {
            let bin = Int(min(max(score * Double(binCount), 0), Double(binCount - 1)))
            counts[bin] += 1
            positives[bin] += label ? 1 : 0
            sums[bin] += score
        }
        return (0..<binCount).map { bin in
            let size = Double(counts[bin])
            return ReliabilityBin(
                lower: Double(bin) / Double(binCount), upper: Double(bin + 1) / Double(binCount),
                count: counts[bin], meanScore: size > 0 ? sums[bin] / size : nil,
                positiveShare: size > 0 ? Double(positives[bin]) / size : nil)
        }
    }

    /// The mean distance between mean score and share of positives, by the size of the bins.
    public func expectedCalibrationError(binCount: Int = 10) -> Double {
        reliability(binCount: binCount).reduce(0) { sum, bin in
            guard let mean = bin.meanScore, let share = bin.positiveShare else { return sum }
            return sum + abs(mean - share) * Double(bin.count)
        } / Double(count)
    }

    /// What the error above would be on average if every probability were right: chance alone.
    ///
    /// Few rows never fit their probabilities to the last digit. Outcomes are drawn anew, so many
    /// times, by the probabilities themselves; an error near this one is no error of the model.
    public func chanceCalibrationError(
        binCount: Int = 10, samples: Int = 200, seed: UInt64
    ) -> Double {
        precondition(samples > 0)
        var generator = SeededGenerator(seed: seed)
        var sum = 0.0
        for _ in 0..<samples {
            let drawn = scores.map { generator.nextUnit() < $0 }
            sum += ScoredRows(proven: scores, drawn).expectedCalibrationError(binCount: binCount)
        }
        return sum / Double(samples)
    }

    /// The line through log odds: of outcome on prediction; slope 1 and intercept 0 are perfect.
    ///
    /// Probabilities are kept 1e-6 away from 0 and 1.
    public func calibrationLine() throws(TrainingError) -> LogisticLine {
        guard positiveCount > 0, negativeCount > 0 else { throw .oneClass }
        return try LogisticLine(
            fitting: scores.map { Elementary.logit(min(max($0, 1e-6), 1 - 1e-6)) },
            to: labels.map { $0 ? 1 : 0 })
    }
}
