/// Reads the tables of `TreeEnsemble` (version 5): branches are places, leaves have a list of
/// their own, a comparison may be with a set.
struct TreeEnsembleReader {
    private let modes: [Int64]
    private let features: [Int64]
    private let splits: [Double]
    private let yes: [Int64]
    private let no: [Int64]
    private let yesIsLeaf: [Int64]
    private let noIsLeaf: [Int64]
    private let covers: [Double]
    private let missing: [Int64]
    private let leafWeights: [Forest.Weight]
    /// The sets of the nodes that compare with one, in order.
    private let sets: [[Double]]
    private let roots: [Int64]

    static func read(
        _ attributes: inout NodeAttributes, targetCount: Int
    ) throws(KernelFailure) -> Forest {
        let reader = try TreeEnsembleReader(&attributes, targetCount)
        return try ForestBuilder.forest(try reader.table())
    }

    private init(
        _ attributes: inout NodeAttributes, _ targetCount: Int
    ) throws(KernelFailure) {
        func reals(_ name: String) throws(KernelFailure) -> [Double] {
            guard let value = try attributes.tensor(name) else { return [] }
            guard let reals = Reals(value) else { throw .refused("type of attribute \(name)") }
            return reals.elements
        }
        modes = try reals("nodes_modes").map { Int64(exactly: $0) ?? -1 }
        splits = try reals("nodes_splits")
        covers = try reals("nodes_hitrates")
        sets = try reals("membership_values").split(
            omittingEmptySubsequences: false, whereSeparator: \.isNaN
        ).map { Array($0) }
        let weights = try reals("leaf_weights")
        features = try attributes.ints("nodes_featureids")
        yes = try attributes.ints("nodes_truenodeids")
        no = try attributes.ints("nodes_falsenodeids")
        yesIsLeaf = try attributes.ints("nodes_trueleafs")
        noIsLeaf = try attributes.ints("nodes_falseleafs")
        missing = try attributes.ints("nodes_missing_value_tracks_true")
        roots = try attributes.ints("tree_roots")
        let targets = try attributes.ints("leaf_targetids")
        let count = modes.count
        let counts = [features, yes, no, yesIsLeaf, noIsLeaf].map(\.count) + [splits.count]
        guard count > 0, counts.allSatisfy({ $0 == count }),
            covers.isEmpty || covers.count == count,
            missing.isEmpty || missing.count == count, targets.count == weights.count
        else { throw .refused("tables of unlike length") }
        guard targets.allSatisfy((0..<Int64(targetCount)).contains) else {
            throw .refused("a leaf for no target")
        }
        leafWeights = zip(targets, weights).map {
            Forest.Weight(target: Int32($0), value: $1)
        }
    }

    private func table() throws(KernelFailure) -> ForestTable {
        var table = ForestTable()
        table.nodes = [ForestTable.Node](repeating: ForestTable.Node(), count: modes.count)
        var sets = sets.makeIterator()
        for index in modes.indices {
            guard (0...6).contains(modes[index]) else { throw .refused("mode \(modes[index])") }
            let mode = ForestTable.Mode.allCases[Int(modes[index])]
            let yes = try branch(yes[index], isLeaf: yesIsLeaf[index] != 0, &table)
            let no = try branch(no[index], isLeaf: noIsLeaf[index] != 0, &table)
            table.nodes[index] = ForestTable.Node(
                mode: mode, feature: features[index], threshold: splits[index], yes: yes, no: no,
                missingGoesYes: missing.isEmpty ? false : missing[index] != 0,
                cover: covers.isEmpty ? 1 : Float(covers[index]),
                members: mode == .member ? sets.next() ?? [] : [])
        }
        for root in roots {
            guard modes.indices.contains(Int(root)) else { throw .refused("root \(root)") }
            table.roots.append(Int(root))
        }
        guard !roots.isEmpty else { throw .refused("no roots") }
        return table
    }

    /// The place of a branch; a leaf gets one, as often as a node leads to it.
    private func branch(
        _ place: Int64, isLeaf: Bool, _ table: inout ForestTable
    ) throws(KernelFailure) -> Int {
        guard isLeaf else { return modes.indices.contains(Int(place)) ? Int(place) : -1 }
        guard leafWeights.indices.contains(Int(place)) else { throw .refused("leaf \(place)") }
        table.nodes.append(ForestTable.Node(weights: [leafWeights[Int(place)]]))
        return table.nodes.count - 1
    }
}
