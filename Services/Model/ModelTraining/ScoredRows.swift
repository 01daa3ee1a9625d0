/// Scores beside what really happened.
///
/// Where a measure speaks of probabilities, the scores are taken as such.
public struct ScoredRows: Hashable, Sendable {
    public let scores: [Double]
    public let labels: [Bool]

    public init(scores: [Double], labels: [Bool]) throws(TrainingError) {
        guard scores.count == labels.count else {
            throw .counts("\(scores.count) scores, \(labels.count) labels")
        }
        guard !scores.isEmpty else { throw .noRows }
        if let row = scores.firstIndex(where: { !$0.isFinite }) { throw .notFinite(row: row) }
        self.init(proven: scores, labels)
    }

    init(proven scores: [Double], _ labels: [Bool]) {
        self.scores = scores
        self.labels = labels
    }

    /// The rows whose score is a number, as out-of-bag and out-of-fold scores need it.
    public init(known scores: [Double], labels: [Bool]) throws(TrainingError) {
        guard scores.count == labels.count else {
            throw .counts("\(scores.count) scores, \(labels.count) labels")
        }
        let known = scores.indices.filter { !scores[$0].isNaN }
        try self.init(scores: known.map { scores[$0] }, labels: known.map { labels[$0] })
    }

    public var count: Int { scores.count }
    public var positiveCount: Int { labels.count { $0 } }
    public var negativeCount: Int { count - positiveCount }

    /// The row numbers from the lowest score to the highest.
    var ascending: [Int] { scores.indices.sorted { scores[$0] < scores[$1] } }

    /// Rows that share one score, from the lowest score to the highest.
    var ties: [ArraySlice<Int>] {
        let order = ascending
        var ties: [ArraySlice<Int>] = []
        var start = 0
        for end in 1...order.count
        where end == order.count || scores[order[end]] != scores[order[start]] {
            ties.append(order[start..<end])
            start = end
        }
        return ties
    }
}
