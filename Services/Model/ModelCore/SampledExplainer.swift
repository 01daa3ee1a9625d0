import TwinCore

/// Shapley values by sampled permutations, for models without exact ones.
///
/// Features go one by one, in random order, from their typical value to the patient's; what each
/// step moves is the feature's. Every permutation's steps add up to the whole way, so the sum is
/// exact; the single values carry a standard error. Permutations come in pairs, each with its
/// reverse, which cancels much of the noise. The seed is fixed: the same row has the same account.
public struct SampledExplainer: Explainer {
    public static let permutationCountMax = 32
    /// The operations that one explanation may take, unless two permutations need more.
    public static let operationCountMax = 1 << 31
    private static let blockRowCount = 256

    private let scorer: any Scorer
    private let positiveIndex: Int
    private let background: [Float]
    private let baseline: Double

    /// Throws if the background has no number for a feature.
    public init(
        _ scorer: any Scorer, positiveIndex: Int, background: [Float], names: [String]
    ) throws(ModelError) {
        guard background.count == scorer.featureCount, names.count == background.count else {
            throw .width(expected: scorer.featureCount, got: background.count)
        }
        if let index = background.firstIndex(where: \.isNaN) {
            throw .backgroundMissing(names[index])
        }
        self.scorer = scorer
        self.positiveIndex = positiveIndex
        self.background = background
        let scores = try scorer.score(background, count: 1)
        guard scores.indices.contains(positiveIndex) else {
            throw .width(expected: positiveIndex + 1, got: scores.count)
        }
        baseline = Double(scores[positiveIndex])
    }

    public func explain(_ row: [Float]) throws(ModelError) -> Explanation {
        guard row.count == background.count else {
            throw .width(expected: background.count, got: row.count)
        }
        // A feature at its typical value moves nothing: it need not be sampled.
        let players = row.indices.filter { row[$0] != background[$0] }
        var contributions = [Double](repeating: 0, count: row.count)
        var errors = contributions
        guard !players.isEmpty else {
            return Explanation(
                baseline: baseline, contributions: contributions, link: .identity,
                standardErrors: errors, method: .sampled)
        }
        let pairs = pairCount(players: players.count)
        var squares = contributions
        var random = SeededSequence(seed: 0x5EED)
        var order = players
        for _ in 0..<pairs {
            for index in stride(from: order.count - 1, to: 0, by: -1) {
                order.swapAt(index, random.next(below: index + 1))
            }
            let forward = try steps(to: row, in: order)
            let backward = try steps(to: row, in: order.reversed())
            for (place, feature) in order.enumerated() {
                let (one, other) = (forward[place], backward[order.count - 1 - place])
                let mean = (one + other) / 2
                contributions[feature] += mean
                squares[feature] += mean * mean
                // One pair says nothing of how pairs differ: its two halves must.
                if pairs == 1 { errors[feature] = (one - other).magnitude / 2 }
            }
        }
        for feature in players {
            contributions[feature] /= Double(pairs)
            let mean = contributions[feature]
            let variance = max(0, squares[feature] / Double(pairs) - mean * mean)
            if pairs > 1 { errors[feature] = (variance / Double(pairs - 1)).squareRoot() }
        }
        return Explanation(
            baseline: baseline, contributions: contributions, link: .identity,
            standardErrors: errors, method: .sampled)
    }

    private func pairCount(players: Int) -> Int {
        let (cost, overflow) = scorer.operationsPerRow.multipliedReportingOverflow(
            by: 2 * players)
        guard !overflow else { return 1 }
        let affordable = SampledExplainer.operationCountMax / max(1, cost)
        return min(max(1, affordable), SampledExplainer.permutationCountMax / 2)
    }

    /// What each step of one permutation moves the score by.
    private func steps(to row: [Float], in order: [Int]) throws(ModelError) -> [Double] {
        var moves: [Double] = []
        moves.reserveCapacity(order.count)
        var current = background
        var before = baseline
        var start = 0
        while start < order.count {
            let end = min(start + SampledExplainer.blockRowCount, order.count)
            var rows: [Float] = []
            rows.reserveCapacity((end - start) * row.count)
            for feature in order[start..<end] {
                current[feature] = row[feature]
                rows += current
            }
            let scores = try scorer.score(rows, count: end - start)
            guard scores.count == (end - start) * scorer.classCount else {
                throw .width(expected: (end - start) * scorer.classCount, got: scores.count)
            }
            for index in 0..<(end - start) {
                let score = Double(scores[index * scorer.classCount + positiveIndex])
                moves.append(score - before)
                before = score
            }
            start = end
        }
        return moves
    }
}
