import ModelCore

/// Rows with a quantity each, to grow a forest from.
public struct QuantityRows: Sendable {
    let rows: ForestRows
    let mean: Double
    let deviation: Double
    /// The quantities less their mean, by their deviation.
    let targets: [Float]

    /// Proves the rows; their quantities must be numbers, and must differ.
    public init(
        featureCount: Int, values: [Float], quantities: [Double]
    ) throws(ForestError) {
        rows = try ForestRows(
            featureCount: featureCount, values: values,
            labels: [Bool](repeating: false, count: quantities.count))
        guard quantities.allSatisfy(\.isFinite) else { throw .counts("a quantity is no number") }
        guard quantities.contains(where: { $0 != quantities[0] }) else { throw .oneClass }
        let count = Double(quantities.count)
        let mean = quantities.reduce(0) { $0 + $1 / count }
        let variance = quantities.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / count }
        guard variance > 0, variance.isFinite else { throw .oneClass }
        let deviation = variance.squareRoot()
        (self.mean, self.deviation) = (mean, deviation)
        targets = quantities.map { Float(($0 - mean) / deviation) }
    }
}

extension ForestTraining {
    /// Grows a forest whose raw score is a quantity: the impurity is the variance.
    ///
    /// It keeps the promises of `grow(_:_:progress:)` for two classes; class weights are not asked
    /// for.
    public static func grow(
        _ rows: QuantityRows, _ options: ForestOptions,
        progress: (_ treesDone: Int) -> Bool = { _ in true }
    ) async throws(ForestError) -> GrownForest {
        guard options.classWeights == .equal else {
            throw .badOption("class weights for a quantity")
        }
        try options.check()
        guard !Task.isCancelled else { throw .stopped }
        let grower = ForestGrower(rows.rows, options)
        let targets = rows.targets
        var harvest = QuantityHarvest(rowCount: targets.count, treeCount: options.treeCount)
        await TreeTasks.run(options, progress: progress) {
            grower.grow($0, targets: targets, count: 1)
        } add: {
            harvest.add($0)
        }
        guard let forest = harvest.forest(of: rows) else { throw .stopped }
        return forest
    }
}

/// The trees as they come in, in whatever order.
private struct QuantityHarvest {
    private var trees: [ForestGrower.GrownTargets?]
    // Whole numbers, so that their sums do not depend on the order.
    private var sums: [Int64]
    private var seen: [Int32]

    init(rowCount: Int, treeCount: Int) {
        trees = .init(repeating: nil, count: treeCount)
        sums = .init(repeating: 0, count: rowCount)
        seen = .init(repeating: 0, count: rowCount)
    }

    mutating func add(_ grown: ForestGrower.GrownTargets) {
        var kept = grown
        for row in sums.indices {
            sums[row] += grown.sums[row]
            seen[row] += grown.seen[row]
        }
        (kept.sums, kept.seen) = ([], [])
        trees[grown.index] = kept
    }

    /// The forest of the trees that came in; nil if none did.
    func forest(of rows: QuantityRows) -> GrownForest? {
        let grown = trees.compactMap { $0 }
        guard !grown.isEmpty else { return nil }
        let scale = rows.deviation / Double(grown.count)
        let featureCount = rows.rows.featureCount
        return GrownForest(
            ensemble: TreeEnsemble(
                featureCount: featureCount,
                trees: grown.map { tree in
                    zip(tree.nodes, tree.values).map { node, value in
                        var node = node
                        node.value = node.feature < 0 ? Float(value * scale) : 0
                        return node
                    }
                }, baseValue: Float(rows.mean)),
            outOfBag: zip(sums, seen).map { sum, seen in
                guard seen > 0 else { return .nan }
                let own = Double(sum) / Double(Int64(1) << 30) / Double(seen)
                return rows.mean + rows.deviation * own
            },
            importances: ForestGrower.shares(
                of: grown.map(\.gains), featureCount: featureCount),
            wasStopped: grown.count < trees.count)
    }
}
