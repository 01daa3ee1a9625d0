public import ModelCore

/// Scores rows with a forest: the base value and the trees' leaves, added in order, in double.
///
/// One row or many, the bits are the same, and the same as those of the plainest walk.
public struct ForestScorer: Sendable {
    private enum Form: Sendable {
        case compact(CompactForest)
        case plain(TreeEnsemble)
    }

    private let form: Form
    public let featureCount: Int

    public init(_ ensemble: TreeEnsemble) throws(ForestError) {
        try ensemble.check()
        featureCount = ensemble.featureCount
        form = CompactForest(ensemble).map(Form.compact) ?? .plain(ensemble)
    }

    /// Whether the ensemble fits the fast nodes.
    var isCompact: Bool {
        if case .compact = form { true } else { false }
    }

    /// The raw score of one row; NaN stands for a missing value.
    public func score(_ row: [Float]) throws(ForestError) -> Double {
        guard row.count == featureCount else {
            throw .rowLength(row.count, expected: featureCount)
        }
        switch form {
        case .compact(let forest): return forest.score(row)
        case .plain(let ensemble): return ensemble.plainScore(of: row[...])
        }
    }

    /// The raw scores of many rows, which follow each other in `rows`.
    public func scores(_ rows: [Float]) throws(ForestError) -> [Double] {
        guard rows.count.isMultiple(of: featureCount) else {
            throw .rowLength(rows.count % featureCount, expected: featureCount)
        }
        switch form {
        case .compact(let forest): return forest.scores(rows)
        case .plain(let ensemble):
            return stride(from: 0, to: rows.count, by: featureCount).map {
                ensemble.plainScore(of: rows[$0..<$0 + featureCount])
            }
        }
    }
}
