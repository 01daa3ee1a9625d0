import ModelCore

/// An ensemble as the columns of a `TreeEnsembleClassifier` or a `TreeEnsembleRegressor`.
struct TreeTables {
    var trees: [Int64] = []
    var nodes: [Int64] = []
    var features: [Int64] = []
    var thresholds: [Float] = []
    var modes: [String] = []
    var trueBranches: [Int64] = []
    var falseBranches: [Int64] = []
    var covers: [Float] = []
    var missing: [Int64] = []
    var leafTrees: [Int64] = []
    var leafNodes: [Int64] = []
    var leafClasses: [Int64] = []
    var leafValues: [Float] = []

    init(_ leaves: LeafVectors) {
        for (tree, own) in leaves.trees.enumerated() {
            for (place, node) in own.enumerated() {
                appendNode(node, tree: Int64(tree), place: Int64(place))
                guard node.feature < 0 else { continue }
                for (target, value) in leaves.values(tree: tree, node: place).enumerated() {
                    appendLeaf(value, tree: Int64(tree), place: Int64(place), target: target)
                }
            }
        }
    }

    init(_ ensemble: TreeEnsemble, link: ScoreLink) {
        for (tree, own) in ensemble.trees.enumerated() {
            for (place, node) in own.enumerated() {
                append(node, tree: Int64(tree), place: Int64(place), link)
            }
        }
        // The base is a tree of one leaf: runtimes disagree about base values of two classes.
        guard ensemble.baseValue != 0 else { return }
        let leaf = TreeEnsemble.Node(
            feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0, missingGoesTrue: false,
            value: ensemble.baseValue, cover: ensemble.trees[0][0].cover)
        append(leaf, tree: Int64(ensemble.trees.count), place: 0, link)
    }

    private mutating func append(
        _ node: TreeEnsemble.Node, tree: Int64, place: Int64, _ link: ScoreLink
    ) {
        appendNode(node, tree: tree, place: place)
        guard node.feature < 0 else { return }
        // A probability or quantity is written once, and runtimes complement it. A margin is written for both
        // classes: where no weight is negative, runtimes would take it for a probability.
        for (target, value) in link == .identity
            ? [(0, node.value)] : [(0, -node.value), (1, node.value)]
        {
            appendLeaf(value, tree: tree, place: place, target: target)
        }
    }

    private mutating func appendLeaf(_ value: Float, tree: Int64, place: Int64, target: Int) {
        leafTrees.append(tree)
        leafNodes.append(place)
        leafClasses.append(Int64(target))
        leafValues.append(value)
    }

    private mutating func appendNode(_ node: TreeEnsemble.Node, tree: Int64, place: Int64) {
        let isLeaf = node.feature < 0
        trees.append(tree)
        nodes.append(place)
        features.append(isLeaf ? 0 : Int64(node.feature))
        thresholds.append(isLeaf ? 0 : node.threshold)
        modes.append(isLeaf ? "LEAF" : "BRANCH_LEQ")
        trueBranches.append(isLeaf ? 0 : Int64(node.trueBranch))
        falseBranches.append(isLeaf ? 0 : Int64(node.falseBranch))
        covers.append(node.cover)
        missing.append(node.missingGoesTrue && !isLeaf ? 1 : 0)
    }
}
