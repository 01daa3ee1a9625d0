/// Reads the tables of a tree ensemble's node before version 5: nodes have names of two numbers.
struct ForestReader {
    private struct Key: Hashable {
        var tree: Int64
        var node: Int64
    }

    private var table = ForestTable()
    private var keys: [Key] = []
    private var places: [Key: Int] = [:]

    /// `prefix` is `class` or `target`.
    static func read(
        _ attributes: inout NodeAttributes, prefix: String, targetCount: Int
    ) throws(KernelFailure) -> Forest {
        var reader = ForestReader()
        try reader.readNodes(&attributes)
        try reader.readWeights(&attributes, prefix, targetCount)
        try reader.checkTrees()
        return try ForestBuilder.forest(reader.table)
    }

    private mutating func readNodes(_ attributes: inout NodeAttributes) throws(KernelFailure) {
        let trees = try attributes.ints("nodes_treeids")
        let ids = try attributes.ints("nodes_nodeids")
        let features = try attributes.ints("nodes_featureids")
        let thresholds = try attributes.reals("nodes_values")
        let modes = try attributes.texts("nodes_modes")
        let yes = try attributes.ints("nodes_truenodeids")
        let no = try attributes.ints("nodes_falsenodeids")
        var covers = try attributes.reals("nodes_hitrates")
        var missing = try attributes.ints("nodes_missing_value_tracks_true")
        let count = trees.count
        if covers.isEmpty { covers = [Double](repeating: 1, count: count) }
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
            keys.append(key)
        }
        for index in 0..<count {
            guard let mode = ForestTable.Mode(rawValue: modes[index]), mode != .member else {
                throw .refused("mode \(modes[index])")
            }
            let place = { [places] (node: Int64) in
                mode == .leaf ? -1 : places[Key(tree: trees[index], node: node)] ?? -1
            }
            table.nodes.append(
                ForestTable.Node(
                    mode: mode, feature: features[index], threshold: thresholds[index],
                    yes: place(yes[index]), no: place(no[index]),
                    missingGoesYes: missing[index] != 0, cover: Float(covers[index])))
        }
    }

    private mutating func readWeights(
        _ attributes: inout NodeAttributes, _ prefix: String, _ targetCount: Int
    ) throws(KernelFailure) {
        let leafTrees = try attributes.ints("\(prefix)_treeids")
        let leafIDs = try attributes.ints("\(prefix)_nodeids")
        let targets = try attributes.ints("\(prefix)_ids")
        let values = try attributes.reals("\(prefix)_weights")
        guard leafTrees.count == leafIDs.count, leafTrees.count == targets.count,
            leafTrees.count == values.count
        else { throw .refused("tables of unlike length") }
        for index in leafTrees.indices {
            guard let place = places[Key(tree: leafTrees[index], node: leafIDs[index])],
                table.nodes[place].mode == .leaf
            else { throw .refused("weight \(index) is at no leaf") }
            guard (0..<Int64(targetCount)).contains(targets[index]) else {
                throw .refused("weight \(index) is for class \(targets[index])")
            }
            table.nodes[place].weights.append(
                Forest.Weight(target: Int32(targets[index]), value: values[index]))
        }
    }

    /// One root a tree.
    private func checkTrees() throws(KernelFailure) {
        var isBranch = [Bool](repeating: false, count: keys.count)
        for node in table.nodes {
            for branch in [node.yes, node.no] where branch >= 0 { isBranch[branch] = true }
        }
        let trees = keys.indices.filter { !isBranch[$0] }.map { keys[$0].tree }
        guard Set(trees).count == trees.count else { throw .refused("a tree with two roots") }
    }
}
