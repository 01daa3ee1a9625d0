import CModelForest
import ModelCore

/// Rows in bins, ready to grow any number of trees at once.
struct ForestGrower: Sendable {
    /// One tree, its leaves not yet divided among the trees.
    struct Grown: Sendable {
        var index: Int
        var nodes: [TreeEnsemble.Node]
        /// How much each feature lowered the impurity.
        var gains: [Double]
        /// For each row outside the bag the tree's class-1 fraction in units of 2^-30.
        var sums: [Int64]
        var seen: [Int32]
    }

    /// One tree whose leaves hold several numbers, not yet divided among the trees.
    struct GrownTargets: Sendable {
        var index: Int
        var nodes: [TreeEnsemble.Node]
        /// The mean targets of each leaf, 0 of other nodes; node after node.
        var values: [Double]
        var gains: [Double]
        /// For each row outside the bag its leaf's means in units of 2^-30.
        var sums: [Int64]
        var seen: [Int32]
    }

    private let rows: ForestRows
    private let options: ForestOptions
    /// Feature-major.
    private var bins: [UInt8]
    private var binCounts: [UInt8]
    private var edges: [Float]
    private let classWeights: (Float, Float)
    private let nodeCountMax: Int

    init(_ rows: ForestRows, _ options: ForestOptions) {
        self.rows = rows
        self.options = options
        bins = [UInt8](repeating: 0, count: rows.values.count)
        binCounts = [UInt8](repeating: 0, count: rows.featureCount)
        edges = [Float](repeating: 0, count: rows.featureCount * options.binsMax)
        classWeights = options.weights(for: rows)
        let leafCountMax = max(1, rows.rowCount / options.leafRowsMin)
        nodeCountMax = min(2 * leafCountMax - 1, 1 << min(options.depthMax + 1, 30) - 1)
        var keys = [UInt32](repeating: 0, count: 2 * rows.rowCount)
        for feature in 0..<rows.featureCount {
            let edgeCount = unsafe twin_forest_bin(
                rows.values, Int32(rows.rowCount), Int32(rows.featureCount), Int32(feature),
                Int32(options.binsMax), &keys, &bins, &edges)
            binCounts[feature] = UInt8(edgeCount + 1)
        }
    }

    /// Grows the tree of one number; the same one whenever and wherever it is asked for.
    func grow(_ index: Int) -> Grown {
        var samples = [TwinForestSample](repeating: .init(), count: 2 * rows.rowCount)
        var multiplicity = [UInt32](repeating: 0, count: rows.rowCount)
        var features = [Int32](repeating: 0, count: rows.featureCount)
        var nodes = [TwinForestNode](repeating: .init(), count: nodeCountMax)
        let count = unsafe twin_forest_grow(
            bins, binCounts, rows.labels, rows.weights, growth(of: index), &samples,
            &multiplicity, &features, &nodes)
        var grown = Grown(
            index: index, nodes: nodes[0..<Int(count)].map(finished),
            gains: [Double](repeating: 0, count: rows.featureCount),
            sums: [Int64](repeating: 0, count: rows.rowCount),
            seen: [Int32](repeating: 0, count: rows.rowCount))
        for node in nodes[0..<Int(count)] where node.feature >= 0 {
            grown.gains[Int(node.feature)] += node.gain
        }
        unsafe twin_forest_out_of_bag(
            bins, Int32(rows.rowCount), multiplicity, nodes, &grown.sums, &grown.seen)
        return grown
    }

    /// Grows the tree of one number for rows of several targets, row after row.
    func grow(_ index: Int, targets: [Float], count targetCount: Int) -> GrownTargets {
        precondition(targets.count == rows.rowCount * targetCount)
        var samples = [TwinForestSample](repeating: .init(), count: 2 * rows.rowCount)
        var multiplicity = [UInt32](repeating: 0, count: rows.rowCount)
        var features = [Int32](repeating: 0, count: rows.featureCount)
        var nodes = [TwinForestNode](repeating: .init(), count: nodeCountMax)
        var sums = [Double](repeating: 0, count: nodeCountMax * targetCount)
        var room = [Double](repeating: 0, count: 256 * (targetCount + 1) + 3 * targetCount)
        let count = Int(
            unsafe twin_forest_grow_targets(
                bins, binCounts, targets, Int32(targetCount), rows.weights, growth(of: index),
                &samples, &multiplicity, &features, &room, &nodes, &sums))
        var grown = GrownTargets(
            index: index, nodes: nodes[0..<count].map(finished),
            values: [Double](repeating: 0, count: count * targetCount),
            gains: [Double](repeating: 0, count: rows.featureCount),
            sums: [Int64](repeating: 0, count: rows.rowCount * targetCount),
            seen: [Int32](repeating: 0, count: rows.rowCount))
        for (place, node) in nodes[0..<count].enumerated() {
            if node.feature >= 0 {
                grown.gains[Int(node.feature)] += node.gain
            } else if node.cover > 0 {
                for own in place * targetCount..<(place + 1) * targetCount {
                    grown.values[own] = sums[own] / node.cover
                }
            }
        }
        unsafe twin_forest_targets_out_of_bag(
            bins, Int32(rows.rowCount), multiplicity, nodes, sums, Int32(targetCount),
            &grown.sums, &grown.seen)
        return grown
    }

    /// Each feature's share of the impurity that trees removed; all 0 where they removed none.
    static func shares(of gains: [[Double]], featureCount: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: featureCount)
        for own in gains { for feature in sums.indices { sums[feature] += own[feature] } }
        let all = sums.reduce(0, +)
        return all > 0 ? sums.map { $0 / all } : sums
    }

    private func growth(of index: Int) -> TwinForestGrowth {
        TwinForestGrowth(
            // Odd, so that no two trees of a forest start from the same state.
            seed: options.seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03,
            row_count: Int32(rows.rowCount), feature_count: Int32(rows.featureCount),
            features_per_node: Int32(options.featureCount(of: rows.featureCount)),
            leaf_rows_min: Int32(options.leafRowsMin), depth_max: Int32(options.depthMax),
            node_count_max: Int32(nodeCountMax), bootstrap: options.bootstrap,
            random_cuts: options.randomCuts, class_weights: classWeights)
    }

    private func finished(_ node: TwinForestNode) -> TreeEnsemble.Node {
        let isLeaf = node.feature < 0
        return TreeEnsemble.Node(
            feature: node.feature, threshold: isLeaf ? 0 : threshold(node),
            trueBranch: node.true_branch, falseBranch: node.false_branch,
            missingGoesTrue: node.missing_goes_true,
            value: isLeaf && node.cover > 0 ? Float(node.positive / node.cover) : 0,
            cover: Float(node.cover))
    }

    /// The edge of the node's bin; after the last bin all present values go to the true branch.
    private func threshold(_ node: TwinForestNode) -> Float {
        let feature = Int(node.feature)
        return node.bin + 1 < binCounts[feature]
            ? edges[feature * options.binsMax + Int(node.bin)] : .greatestFiniteMagnitude
    }
}
