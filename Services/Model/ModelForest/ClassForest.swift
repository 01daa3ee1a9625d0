public import ModelCore

/// Rows of several classes to grow a forest from.
public struct ClassRows: Sendable {
    /// More would make leaves, and the room that growing takes, too large.
    public static let classCountMax = 256

    let rows: ForestRows
    let classCount: Int
    /// Row after row, 1 for the row's class and else 0.
    let targets: [Float]
    let classes: [Int]

    /// Proves the rows; classes are numbered from 0.
    public init(
        featureCount: Int, values: [Float], classes: [Int], classCount: Int
    ) throws(ForestError) {
        guard (2...Self.classCountMax).contains(classCount) else {
            throw .tooLarge("\(classCount) classes")
        }
        guard classes.allSatisfy({ (0..<classCount).contains($0) }) else {
            throw .counts("a class that is not below \(classCount)")
        }
        rows = try ForestRows(
            featureCount: featureCount, values: values,
            labels: [Bool](repeating: false, count: classes.count))
        self.classCount = classCount
        self.classes = classes
        var targets = [Float](repeating: 0, count: classes.count * classCount)
        for (row, own) in classes.enumerated() { targets[row * classCount + own] = 1 }
        self.targets = targets
    }

    /// The same rows, each with the weight of its class.
    func weighted(_ weights: ForestOptions.ClassWeights) throws(ForestError) -> ForestRows {
        var counts = [Int](repeating: 0, count: classCount)
        for own in classes { counts[own] += 1 }
        let present = counts.count { $0 > 0 }
        guard present > 1 else { throw .oneClass }
        switch weights {
        case .equal: return rows
        case .given: throw .badOption("two class weights for \(classCount) classes")
        case .balanced:
            return try ForestRows(
                featureCount: rows.featureCount, values: rows.values,
                labels: [Bool](repeating: false, count: classes.count),
                weights: classes.map {
                    Float(Double(classes.count) / Double(present * counts[$0]))
                })
        }
    }
}

/// A forest of several classes, and what is known of it from the rows that it was grown from.
public struct GrownClassForest: Hashable, Sendable {
    public var leaves: LeafVectors
    /// Each row's probabilities by the trees that have not seen it; nil where all have.
    public var outOfBag: [[Double]?]
    /// Each feature's share of the impurity that was removed; they add up to 1, or are all 0.
    public var importances: [Double]
    /// Whether it was stopped, and has fewer trees than were asked for.
    public var wasStopped: Bool
}

extension ForestTraining {
    /// Grows a forest whose leaves hold the shares of several classes.
    ///
    /// It keeps the promises of `grow(_:_:progress:)` for two.
    public static func grow(
        _ rows: ClassRows, _ options: ForestOptions,
        progress: (_ treesDone: Int) -> Bool = { _ in true }
    ) async throws(ForestError) -> GrownClassForest {
        try options.check()
        let weighted = try rows.weighted(options.classWeights)
        var equal = options
        equal.classWeights = .equal
        guard !Task.isCancelled else { throw .stopped }
        let grower = ForestGrower(weighted, equal)
        let (targets, classCount) = (rows.targets, rows.classCount)
        var harvest = ClassHarvest(
            rowCount: weighted.rowCount, classCount: classCount, treeCount: options.treeCount)
        await TreeTasks.run(options, progress: progress) {
            grower.grow($0, targets: targets, count: classCount)
        } add: {
            harvest.add($0)
        }
        guard let forest = harvest.forest(featureCount: weighted.featureCount) else {
            throw .stopped
        }
        return forest
    }
}

/// The trees as they come in, in whatever order.
private struct ClassHarvest {
    private let classCount: Int
    private var trees: [ForestGrower.GrownTargets?]
    // Whole numbers, so that their sums do not depend on the order.
    private var sums: [Int64]
    private var seen: [Int32]

    init(rowCount: Int, classCount: Int, treeCount: Int) {
        self.classCount = classCount
        trees = .init(repeating: nil, count: treeCount)
        sums = .init(repeating: 0, count: rowCount * classCount)
        seen = .init(repeating: 0, count: rowCount)
    }

    mutating func add(_ grown: ForestGrower.GrownTargets) {
        var kept = grown
        for place in sums.indices { sums[place] += grown.sums[place] }
        for row in seen.indices { seen[row] += grown.seen[row] }
        (kept.sums, kept.seen) = ([], [])
        trees[grown.index] = kept
    }

    /// The forest of the trees that came in; nil if none did.
    func forest(featureCount: Int) -> GrownClassForest? {
        let grown = trees.compactMap { $0 }
        guard !grown.isEmpty else { return nil }
        let count = Double(grown.count)
        return GrownClassForest(
            leaves: LeafVectors(
                featureCount: featureCount, classCount: classCount, trees: grown.map(\.nodes),
                values: grown.map { $0.values.map { Float(Double($0) / count) } }),
            outOfBag: seen.indices.map { row in
                guard seen[row] > 0 else { return nil }
                return (0..<classCount).map {
                    Double(sums[row * classCount + $0]) / Double(Int64(1) << 30)
                        / Double(seen[row])
                }
            },
            importances: ForestGrower.shares(
                of: grown.map(\.gains), featureCount: featureCount),
            wasStopped: grown.count < trees.count)
    }
}
