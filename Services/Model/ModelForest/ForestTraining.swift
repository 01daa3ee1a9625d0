public import ModelCore

/// A grown forest, and what is known of it from the rows that it was grown from.
public struct GrownForest: Hashable, Sendable {
    /// The sum over the trees is the probability of class 1, or a quantity.
    public var ensemble: TreeEnsemble
    /// Each row's probability or quantity by the trees that have not seen it; NaN where all have.
    public var outOfBag: [Double]
    /// Each feature's share of the impurity that was removed; they add up to 1, or are all 0.
    public var importances: [Double]
    /// Whether it was stopped, and has fewer trees than were asked for.
    public var wasStopped: Bool
}

/// Grows forests.
public enum ForestTraining {
    /// Grows a forest: the same rows, options and seed give the same bits on any number of threads.
    ///
    /// After each tree `progress` hears how many are done, and says whether to go on; when it says
    /// no, or the task is cancelled, the trees so far make the forest. The trees are grown by child
    /// tasks, at most `threadsMax` at once; one tree runs without suspension.
    public static func grow(
        _ rows: ForestRows, _ options: ForestOptions,
        progress: (_ treesDone: Int) -> Bool = { _ in true }
    ) async throws(ForestError) -> GrownForest {
        try options.check()
        let totals = rows.classTotals
        guard totals.negative > 0, totals.positive > 0 else { throw .oneClass }
        guard !Task.isCancelled else { throw .stopped }
        let grower = ForestGrower(rows, options)
        var harvest = Harvest(rowCount: rows.rowCount, treeCount: options.treeCount)
        await TreeTasks.run(options, progress: progress) {
            grower.grow($0)
        } add: {
            harvest.add($0)
        }
        guard let forest = harvest.forest(featureCount: rows.featureCount) else { throw .stopped }
        return forest
    }
}

/// The trees as they come in, in whatever order.
private struct Harvest {
    private var trees: [(nodes: [TreeEnsemble.Node], gains: [Double])?]
    // Whole numbers, so that their sums do not depend on the order.
    private var sums: [Int64]
    private var seen: [Int32]

    init(rowCount: Int, treeCount: Int) {
        trees = .init(repeating: nil, count: treeCount)
        sums = .init(repeating: 0, count: rowCount)
        seen = .init(repeating: 0, count: rowCount)
    }

    mutating func add(_ grown: ForestGrower.Grown) {
        trees[grown.index] = (grown.nodes, grown.gains)
        for row in sums.indices {
            sums[row] += grown.sums[row]
            seen[row] += grown.seen[row]
        }
    }

    /// The forest of the trees that came in; nil if none did.
    func forest(featureCount: Int) -> GrownForest? {
        let grown = trees.compactMap { $0 }
        guard !grown.isEmpty else { return nil }
        return GrownForest(
            ensemble: TreeEnsemble(
                featureCount: featureCount,
                trees: grown.map { divided($0.nodes, by: Double(grown.count)) }, baseValue: 0),
            outOfBag: zip(sums, seen).map { sum, seen in
                seen == 0 ? .nan : Double(sum) / Double(Int64(1) << 30) / Double(seen)
            },
            importances: ForestGrower.shares(
                of: grown.map(\.gains), featureCount: featureCount),
            wasStopped: grown.count < trees.count)
    }

    private func divided(_ nodes: [TreeEnsemble.Node], by count: Double) -> [TreeEnsemble.Node] {
        nodes.map { node in
            var node = node
            node.value = Float(Double(node.value) / count)
            return node
        }
    }
}
