/// Decision trees as a file lists them, whichever version of the operator it uses.
struct ForestTable {
    enum Mode: String, CaseIterable {
        case lessOrEqual = "BRANCH_LEQ"
        case less = "BRANCH_LT"
        case greaterOrEqual = "BRANCH_GTE"
        case greater = "BRANCH_GT"
        case equal = "BRANCH_EQ"
        case unequal = "BRANCH_NEQ"
        /// In a set of numbers.
        case member = "BRANCH_MEMBER"
        case leaf = "LEAF"
    }

    struct Node {
        var mode = Mode.leaf
        var feature: Int64 = 0
        var threshold = 0.0
        /// Places in ``ForestTable/nodes``; what is not one is refused.
        var yes = -1
        var no = -1
        var missingGoesYes = false
        /// How many rows of the training data came by; NaN where the file does not say.
        var cover: Float = .nan
        var members: [Double] = []
        var weights: [Forest.Weight] = []
    }

    var nodes: [Node] = []
    /// In order; empty where each node that is no branch is a root.
    var roots: [Int] = []
}

/// Makes a ``Forest`` of a table, once it is proved to be one.
struct ForestBuilder {
    private let table: ForestTable
    private var forest = Forest()

    /// A node that is still to be walked to.
    private struct Open {
        var index: Int
        /// The nodes of the forest that lead to it; empty for a root.
        var parents: Range<Int>
        var isYes: Bool
        var depth: Int
    }

    static func forest(_ table: ForestTable) throws(KernelFailure) -> Forest {
        guard !table.nodes.isEmpty, table.nodes.count < 1 << 28 else { throw .refused("no nodes") }
        var builder = ForestBuilder(table: table)
        return try builder.build()
    }

    private init(table: ForestTable) { self.table = table }

    /// The nodes that are no branch of another.
    private func roots() throws(KernelFailure) -> [Int] {
        var isBranch = [Bool](repeating: false, count: table.nodes.count)
        for (index, node) in table.nodes.enumerated() where node.mode != .leaf {
            for branch in [node.yes, node.no] {
                guard isBranch.indices.contains(branch) else {
                    throw .refused("node \(index) leads nowhere")
                }
                guard !isBranch[branch] else {
                    throw .refused("a node has two parents, one of them node \(index)")
                }
                isBranch[branch] = true
            }
        }
        let found = isBranch.indices.filter { !isBranch[$0] }
        guard table.roots.isEmpty || table.roots.sorted() == found else {
            throw .refused("roots \(table.roots.prefix(8)), not \(found.prefix(8))")
        }
        return table.roots.isEmpty ? found : table.roots
    }

    /// Walks every tree from its root, so that what is not reached (a cycle) is found.
    private mutating func build() throws(KernelFailure) -> Forest {
        var walked = 0
        for root in try roots() {
            forest.roots.append(Int32(forest.nodes.count))
            var depth = 0
            var open = [Open(index: root, parents: 0..<0, isYes: false, depth: 1)]
            while let next = open.popLast() {
                walked += 1
                depth = max(depth, next.depth)
                for parent in next.parents {
                    let place = Int32(forest.nodes.count)
                    if next.isYes {
                        forest.nodes[parent].yes = place
                    } else {
                        forest.nodes[parent].no = place
                    }
                }
                let node = table.nodes[next.index]
                guard node.mode != .leaf else {
                    appendLeaf(node)
                    continue
                }
                let (chain, yes, no) = try appendBranch(node)
                let deeper = next.depth + chain.count
                open.append(
                    Open(
                        index: no, parents: chain.dropFirst(chain.count - 1), isYes: false,
                        depth: deeper))
                open.append(Open(index: yes, parents: chain, isYes: true, depth: deeper))
            }
            forest.depth = max(forest.depth, depth)
            forest.stepCountMax += depth
        }
        guard walked == table.nodes.count else {
            throw .refused("a node that no root leads to")
        }
        return forest
    }

    private mutating func appendLeaf(_ node: ForestTable.Node) {
        forest.nodes.append(
            Forest.Node(
                feature: -1, threshold: 0, yes: Int32(forest.weights.count),
                no: Int32(node.weights.count), missingGoesYes: false, isEquality: false,
                cover: node.cover))
        forest.weights += node.weights
    }

    /// Brings every comparison to `<=` or `==`; returns its nodes, all with the same true branch,
    /// each but the last with the next one as its false branch, and the branches in the new order.
    private mutating func appendBranch(
        _ node: ForestTable.Node
    ) throws(KernelFailure) -> (chain: Range<Int>, yes: Int, no: Int) {
        guard node.feature >= 0, node.feature < 1 << 24 else {
            throw .refused("feature \(node.feature)")
        }
        var (yes, no) = (node.yes, node.no)
        var threshold = node.threshold
        var missingGoesYes = node.missingGoesYes
        switch node.mode {
        case .less, .greaterOrEqual:
            // x < t is x <= the number just below t.
            guard threshold > -.infinity else { throw .refused("less than all numbers") }
            threshold = threshold.nextDown
        default: break
        }
        switch node.mode {
        case .greater, .greaterOrEqual, .unequal:
            swap(&yes, &no)
            missingGoesYes.toggle()
        default: break
        }
        let isEquality = [.equal, .unequal, .member].contains(node.mode)
        let thresholds = node.mode == .member ? node.members : [threshold]
        guard !thresholds.isEmpty, !thresholds.contains(where: \.isNaN) else {
            throw .refused("an empty set, or no threshold")
        }
        let start = forest.nodes.count
        forest.featureCountMin = max(forest.featureCountMin, Int(node.feature) + 1)
        for threshold in thresholds {
            forest.nodes.append(
                Forest.Node(
                    feature: Int32(node.feature), threshold: threshold, yes: 0,
                    no: Int32(forest.nodes.count + 1), missingGoesYes: missingGoesYes,
                    isEquality: isEquality, cover: node.cover))
        }
        return (start..<forest.nodes.count, yes, no)
    }
}
