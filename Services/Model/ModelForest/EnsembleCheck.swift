public import ModelCore

extension TreeEnsemble {
    /// The most features, and nodes of all trees, that are taken.
    static let featureCountMax = 1 << 20
    static let nodeCountMax = 1 << 27

    /// Proves that every walk from a root ends at a leaf of a finite value.
    ///
    /// Each node but the root must be the child of exactly one node before it, so that a tree is
    /// a tree: nothing loops, and there are no more paths than nodes.
    public func check() throws(ForestError) {
        guard featureCount > 0, featureCount <= Self.featureCountMax else { throw .noFeatures }
        guard baseValue.isFinite else { throw .badBaseValue }
        var nodeCount = 0
        for (index, nodes) in trees.enumerated() {
            guard !nodes.isEmpty else { throw .emptyTree(index) }
            nodeCount += nodes.count
            guard nodeCount <= Self.nodeCountMax else { throw .tooLarge("\(nodeCount) nodes") }
            try check(nodes, of: index)
        }
    }

    private func check(_ nodes: [Node], of tree: Int) throws(ForestError) {
        var hasParent = [Bool](repeating: false, count: nodes.count)
        for (index, node) in nodes.enumerated() {
            func refuse(_ what: String) -> ForestError { .badNode(tree: tree, node: index, what) }
            guard index == 0 || hasParent[index] else { throw refuse("no parent before it") }
            if node.isLeaf {
                guard node.feature == -1 else { throw refuse("a negative feature") }
                guard node.value.isFinite else { throw refuse("the value is not finite") }
                continue
            }
            guard node.feature < featureCount else { throw refuse("no such feature") }
            guard !node.threshold.isNaN else { throw refuse("the threshold is not a number") }
            for child in [Int(node.trueBranch), Int(node.falseBranch)] {
                guard child > index, child < nodes.count else {
                    throw refuse("a child is not after it")
                }
                guard !hasParent[child] else { throw refuse("a child has two parents") }
                hasParent[child] = true
            }
        }
    }
}

extension TreeEnsemble.Node {
    var isLeaf: Bool { feature < 0 }

    /// Whether a value goes to the true branch.
    func sendsTrue(_ value: Float) -> Bool {
        value.isNaN ? missingGoesTrue : value <= threshold
    }
}

extension [TreeEnsemble.Node] {
    /// The comparisons of the longest path; children come after their parents.
    var depth: Int {
        var depths = [Int](repeating: 0, count: count)
        for (place, node) in enumerated() where !node.isLeaf {
            depths[Int(node.trueBranch)] = depths[place] + 1
            depths[Int(node.falseBranch)] = depths[place] + 1
        }
        return depths.max() ?? 0
    }
}
