public import ModelCore

/// Scores rows by a straight plan's own arithmetic: the graph's answers to the bit, without values,
/// labels and steps on the way.
public struct DirectScorer: Scorer {
    /// So many that a block stays in the cache from layer to layer.
    private static let blockRowCount = 96

    public let featureCount: Int
    public let classCount: Int
    public let operationsPerRow: Int
    private let stages: [DirectStage]
    private let end: DirectEnd
    private let isNegated: Bool

    init(_ plan: DirectPlan, featureCount: Int, operationsPerRow: Int) {
        self.featureCount = featureCount
        self.operationsPerRow = operationsPerRow
        classCount = plan.classCount
        stages = plan.stages
        end = plan.end
        isNegated = plan.isNegated
    }

    public func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        guard count > 0, rows.count == count * featureCount else {
            throw .width(expected: count * featureCount, got: rows.count)
        }
        guard count > Self.blockRowCount else { return block(rows, from: 0, count: count) }
        var scores: [Float] = []
        scores.reserveCapacity(count * classCount)
        for first in stride(from: 0, to: count, by: Self.blockRowCount) {
            scores += block(rows, from: first, count: min(Self.blockRowCount, count - first))
        }
        return scores
    }

    private func block(_ rows: [Float], from first: Int, count: Int) -> [Float] {
        var block = RowBlock(rows, width: featureCount, from: first, count: count)
        for stage in stages { stage.run(&block) }
        let scores = end.scores(of: &block)
        return isNegated ? scores.map { -$0 } : scores
    }
}

extension ONNXScorer {
    /// What gives the same answers faster, where the graph is one line of steps that it knows.
    public var direct: DirectScorer? {
        guard artifact.entry.isPlain,
            let plan = DirectPlan(
                artifact.plan, scorePlace: scorePlace, featureCount: featureCount,
                isSingleColumn: isSingleColumn),
            plan.classCount == classCount
        else { return nil }
        return DirectScorer(
            plan, featureCount: featureCount, operationsPerRow: operationsPerRow)
    }
}
