/// A probability that never falls as the score rises, straight between its points.
public struct IsotonicCalibration: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        public var score: Double
        public var probability: Double
    }

    /// From the lowest score to the highest; outside them the probability stays what it is.
    public let points: [Point]

    /// The best fit by least squares: neighbours that fall are pooled.
    ///
    /// Fit it on scores of rows that the model has not learnt from.
    public init(_ rows: ScoredRows) throws(TrainingError) {
        guard rows.positiveCount > 0, rows.negativeCount > 0 else { throw .oneClass }
        var pools: [Pool] = []
        for tie in rows.ties {
            let score = rows.scores[tie[tie.startIndex]]
            pools.append(
                Pool(
                    first: score, last: score, count: Double(tie.count),
                    positives: Double(tie.count { rows.labels[$0] })))
            while let last = pools.popLast() {
                guard let before = pools.last, before.share >= last.share else {
                    pools.append(last)
                    break
                }
                pools[pools.count - 1] = before.joined(last)
            }
        }
        points = pools.flatMap { pool in
            let first = Point(score: pool.first, probability: pool.share)
            let last = Point(score: pool.last, probability: pool.share)
            return pool.first == pool.last ? [first] : [first, last]
        }
    }

    private struct Pool {
        var first: Double
        var last: Double
        var count: Double
        var positives: Double
        var share: Double { positives / count }

        func joined(_ next: Pool) -> Pool {
            Pool(
                first: first, last: next.last, count: count + next.count,
                positives: positives + next.positives)
        }
    }

    public func probability(_ score: Double) -> Double {
        // The first point that is not below the score.
        var (low, high) = (0, points.count)
        while low < high {
            let middle = (low + high) / 2
            if points[middle].score < score { low = middle + 1 } else { high = middle }
        }
        guard low < points.count else { return points[points.count - 1].probability }
        guard low > 0 else { return points[0].probability }
        let (below, above) = (points[low - 1], points[low])
        let share = (score - below.score) / (above.score - below.score)
        return below.probability + share * (above.probability - below.probability)
    }
}
