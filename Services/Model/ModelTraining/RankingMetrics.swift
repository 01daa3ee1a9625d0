extension ScoredRows {
    /// The probability that a positive row scores above a negative one, ties counting half.
    ///
    /// Nil where one of the classes is missing.
    public var auroc: Double? { Self.auroc(ties, labels) { _ in 1 } }

    /// The same, each row counting `weight` times.
    static func auroc(
        _ ties: [ArraySlice<Int>], _ labels: [Bool], weight: (Int) -> Int
    ) -> Double? {
        // Twice the number of pairs in the right order; whole numbers stay exact.
        var (pairs, positives, negatives) = (0.0, 0, 0)
        for tie in ties {
            var (tiedPositives, tiedNegatives) = (0, 0)
            for row in tie {
                if labels[row] {
                    tiedPositives += weight(row)
                } else {
                    tiedNegatives += weight(row)
                }
            }
            pairs += Double(tiedPositives) * Double(2 * negatives + tiedNegatives)
            positives += tiedPositives
            negatives += tiedNegatives
        }
        guard positives > 0, negatives > 0 else { return nil }
        return pairs / (2 * Double(positives) * Double(negatives))
    }

    /// The area under the precision-recall curve as steps, without interpolation.
    ///
    /// Nil where there are no positives.
    public var averagePrecision: Double? {
        guard positiveCount > 0 else { return nil }
        var (sum, positives, taken) = (0.0, 0, 0)
        for tie in ties.reversed() {
            let tiedPositives = tie.count { labels[$0] }
            positives += tiedPositives
            taken += tie.count
            sum += Double(tiedPositives) * Double(positives) / Double(taken)
        }
        return sum / Double(positiveCount)
    }

    /// The area under the ROC curve with its percentile interval over bootstrap samples.
    ///
    /// Rows are drawn with replacement; samples without both classes are drawn again.
    public func aurocInterval(
        level: Double = 0.95, samples: Int = 1000, seed: UInt64
    ) throws(TrainingError) -> ClosedRange<Double> {
        guard positiveCount > 0, negativeCount > 0 else { throw .oneClass }
        guard level > 0, level < 1 else { throw .badOption("level \(level)") }
        guard (10...100_000).contains(samples) else { throw .badOption("samples \(samples)") }
        var generator = SeededGenerator(seed: seed)
        let ties = ties
        var areas: [Double] = []
        while areas.count < samples {
            var weights = [Int](repeating: 0, count: count)
            for _ in 0..<count { weights[generator.next(below: count)] += 1 }
            if let area = Self.auroc(ties, labels, weight: { weights[$0] }) { areas.append(area) }
        }
        areas.sort()
        return Self.quantile(areas, (1 - level) / 2)...Self.quantile(areas, (1 + level) / 2)
    }

    /// A quantile of sorted numbers, between two of them in a straight line.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
}
