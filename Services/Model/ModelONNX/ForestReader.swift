/// Reads the tables of a tree ensemble's node into a ``Forest``.
struct ForestReader {
    private struct Key: Hashable {
        var tree: Int64
        var node: Int64
    }

    /// A node that is still to be walked to.
    private struct Open {
        var index: Int
        var parent: Int
        var isYes: Bool
        var depth: Int
    }

    private var trees: [Int64] = []
    private var ids: [Int64] = []
    private var features: [Int64] = []
    private var thresholds: [Float] = []
    private var modes: [String] = []
    private var yes: [Int64] = []
    private var no: [Int64] = []
    private var covers: [Float] = []
    private var missing: [Int64] = []
    private var places: [Key: Int] = [:]
    /// Weights of each node of the file.
    private var weights: [[Forest.Weight]] = []

    /// `prefix` is `class` or `target`.
    static func read(
        _ attributes: inout NodeAttributes, prefix: String, targetCount: Int
    ) throws(KernelFailure) -> Forest {
        var reader = ForestReader()
        try reader.readNodes(&attributes)
        try reader.readWeights(&attributes, prefix, targetCount)
        return try reader.forest()
    }

    private mutating func readNodes(_ attributes: inout NodeAttributes) throws(KernelFailure) {
        trees = try attributes.ints("nodes_treeids")
        ids = try attributes.ints("nodes_nodeids")
        features = try attributes.ints("nodes_featureids")
        thresholds = try attributes.floats("nodes_values")
        modes = try attributes.texts("nodes_modes")
        yes = try attributes.ints("nodes_truenodeids")
        no = try attributes.ints("nodes_falsenodeids")
        covers = try attributes.floats("nodes_hitrates")
        missing = try attributes.ints("nodes_missing_value_tracks_true")
        let count = trees.count
        guard count > 0, count <= Int(Int32.max) else { throw .refused("no nodes") }
        if covers.isEmpty { covers = [Float](repeating: 1, count: count) }
        if missing.isEmpty { missing = [Int64](repeating: 0, count: count) }
        let counts = [
            ids.count, features.count, thresholds.count, modes.count, yes.count, no.count,
            covers.count, missing.count,
        ]
        guard counts.allSatisfy({ $0 == count }) else { throw .refused("tables of unlike length") }
        places.reserveCapacity(count)
        for index in 0..<count {
            let key = Key(tree: trees[index], node: ids[index])
            guard places.updateValue(index, forKey: key) == nil else {
                throw .refused("node \(key.node) of tree \(key.tree) is there twice")
            }
        }
    }

    private mutating func readWeights(
        _ attributes: inout NodeAttributes, _ prefix: String, _ targetCount: Int
    ) throws(KernelFailure) {
        let leafTrees = try attributes.ints("\(prefix)_treeids")
        let leafIDs = try attributes.ints("\(prefix)_nodeids")
        let targets = try attributes.ints("\(prefix)_ids")
        let values = try attributes.floats("\(prefix)_weights")
        guard leafTrees.count == leafIDs.count, leafTrees.count == targets.count,
            leafTrees.count == values.count
        else { throw .refused("tables of unlike length") }
        weights = [[Forest.Weight]](repeating: [], count: trees.count)
        for index in leafTrees.indices {
            guard let place = places[Key(tree: leafTrees[index], node: leafIDs[index])],
                modes[place] == "LEAF"
            else { throw .refused("weight \(index) is at no leaf") }
            guard (0..<Int64(targetCount)).contains(targets[index]) else {
                throw .refused("weight \(index) is for class \(targets[index])")
            }
            weights[place].append(
                Forest.Weight(target: Int32(targets[index]), value: values[index]))
        }
    }

    /// The two branches of a node of the file.
    private func branches(_ index: Int) throws(KernelFailure) -> (yes: Int, no: Int) {
        guard let yes = places[Key(tree: trees[index], node: yes[index])],
            let no = places[Key(tree: trees[index], node: no[index])]
        else { throw .refused("node \(ids[index]) of tree \(trees[index]) leads nowhere") }
        return (yes, no)
    }

    /// The nodes that are no branch of another: one for each tree, in order of the file.
    private func roots() throws(KernelFailure) -> [Int] {
        var isBranch = [Bool](repeating: false, count: trees.count)
        for index in trees.indices where modes[index] != "LEAF" {
            let (yes, no) = try branches(index)
            guard yes != no, !isBranch[yes], !isBranch[no] else {
                throw .refused("a node of tree \(trees[index]) has two parents")
            }
            isBranch[yes] = true
            isBranch[no] = true
        }
        let roots = trees.indices.filter { !isBranch[$0] }
        guard Set(roots.map { trees[$0] }).count == roots.count else {
            throw .refused("a tree with two roots")
        }
        return roots
    }

    /// Walks every tree from its root, so that what is not reached (a cycle) is found.
    private func forest() throws(KernelFailure) -> Forest {
        var forest = Forest()
        forest.nodes.reserveCapacity(trees.count)
        for root in try roots() {
            forest.roots.append(Int32(forest.nodes.count))
            var depth = 0
            // The node of the file, and where its place must be written; -1 for a root.
            var open = [Open(index: root, parent: -1, isYes: false, depth: 1)]
            while let next = open.popLast() {
                let place = forest.nodes.count
                depth = max(depth, next.depth)
                if next.parent >= 0 {
                    if next.isYes {
                        forest.nodes[next.parent].yes = Int32(place)
                    } else {
                        forest.nodes[next.parent].no = Int32(place)
                    }
                }
                guard modes[next.index] != "LEAF" else {
                    appendLeaf(next.index, to: &forest)
                    continue
                }
                let (yes, no) = try appendBranch(next.index, to: &forest)
                for (index, isYes) in [(no, false), (yes, true)] {
                    open.append(
                        Open(index: index, parent: place, isYes: isYes, depth: next.depth + 1))
                }
            }
            forest.depth = max(forest.depth, depth)
            forest.stepCountMax += depth
        }
        guard forest.nodes.count == trees.count else {
            throw .refused("a node that no root leads to")
        }
        return forest
    }

    private func appendLeaf(_ index: Int, to forest: inout Forest) {
        forest.nodes.append(
            Forest.Node(
                feature: -1, threshold: 0, yes: Int32(forest.weights.count),
                no: Int32(weights[index].count), missingGoesYes: false, isEquality: false,
                cover: covers[index]))
        forest.weights += weights[index]
    }

    /// Brings every comparison to `<=` or `==`; returns the branches in the new order.
    private func appendBranch(
        _ index: Int, to forest: inout Forest
    ) throws(KernelFailure) -> (yes: Int, no: Int) {
        guard features[index] >= 0, features[index] < 1 << 24 else {
            throw .refused("feature \(features[index])")
        }
        var (yes, no) = try branches(index)
        var threshold = thresholds[index]
        var missingGoesYes = missing[index] != 0
        let mode = modes[index]
        switch mode {
        case "BRANCH_LEQ", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ": break
        // x < t is x <= the number just below t.
        case "BRANCH_LT", "BRANCH_GTE": threshold = threshold.nextDown
        default: throw .refused("mode \(mode)")
        }
        if mode == "BRANCH_GT" || mode == "BRANCH_GTE" || mode == "BRANCH_NEQ" {
            swap(&yes, &no)
            missingGoesYes.toggle()
        }
        forest.featureCountMin = max(forest.featureCountMin, Int(features[index]) + 1)
        forest.nodes.append(
            Forest.Node(
                feature: Int32(features[index]), threshold: threshold, yes: 0, no: 0,
                missingGoesYes: missingGoesYes,
                isEquality: mode == "BRANCH_EQ" || mode == "BRANCH_NEQ", cover: covers[index]))
        return (yes, no)
    }
}
