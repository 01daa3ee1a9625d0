/// What a model said of rows, beside what is true of them.
public protocol Judged: Sendable {
    var count: Int { get }

    /// Some of the rows, in the order given; a row may be there more than once.
    func drawing(_ rows: [Int]) -> Self
}

extension Judged {
    /// The percentile intervals of several measures over the same bootstrap samples.
    ///
    /// Rows are drawn with replacement. A measure that a sample has no answer to is left out of
    /// that sample; its interval is nil where fewer than half of the samples had one.
    /// Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
    public func intervals(
        level: Double = 0.95, samples: Int = 500, seed: UInt64,
        of measures: [(Self) -> Double?]
    ) throws(TrainingError) -> [ClosedRange<Double>?] {
        guard level > 0, level < 1 else { throw .badOption("level \(level)") }
        guard (10...100_000).contains(samples) else { throw .badOption("samples \(samples)") }
        var generator = SeededGenerator(seed: seed)
        var answers = [[Double]](repeating: [], count: measures.count)
        for _ in 0..<samples {
            let sample = drawing((0..<count).map { _ in generator.next(below: count) })
            for (index, measure) in measures.enumerated() {
                if let answer = measure(sample), answer.isFinite { answers[index].append(answer) }
            }
        }
        return answers.map { answers in
            guard answers.count * 2 >= samples else { return nil }
            let sorted = answers.sorted()
            return ScoredRows.quantile(
                sorted, (1 - level) / 2)...ScoredRows.quantile(
                    sorted, (1 + level) / 2)
        }
    }
}

extension ScoredRows: Judged {
    public func drawing(_ rows: [Int]) -> ScoredRows {
        ScoredRows(proven: rows.map { scores[$0] }, rows.map { labels[$0] })
    }
}
