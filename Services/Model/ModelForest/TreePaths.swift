import ModelCore

/// What a row must be to follow one path from root to leaf, one element a feature.
struct TreePath {
    struct Element {
        var feature: Int32
        /// Values above `lower` (NaN: any) up to `upper` fit.
        var lower = Float.nan
        var upper = Float.infinity
        var missingFits = true
        /// The share of the training rows that stay on the path at this feature's nodes.
        var share = 1.0

        /// Takes one more comparison of the feature into account.
        mutating func narrow(_ node: TreeEnsemble.Node, goesTrue: Bool, share: Double) {
            if goesTrue {
                upper = min(upper, node.threshold)
            } else {
                lower = lower.isNaN ? node.threshold : max(lower, node.threshold)
            }
            missingFits = missingFits && node.missingGoesTrue == goesTrue
            self.share *= share
        }
    }

    var elements: [Element] = []
    var node = 0

    /// The path one step further down.
    func stepping(from node: TreeEnsemble.Node, goesTrue: Bool, share: Double) -> TreePath {
        var next = self
        next.node = Int(goesTrue ? node.trueBranch : node.falseBranch)
        let known = elements.firstIndex { $0.feature == node.feature }
        if known == nil { next.elements.append(Element(feature: node.feature)) }
        next.elements[known ?? elements.count].narrow(node, goesTrue: goesTrue, share: share)
        return next
    }
}

extension TreeEnsemble {
    /// Visits the path to every leaf of one tree; the ensemble must have passed its check.
    func visitPaths(
        of tree: Int, _ visit: (TreePath, Float) throws(ForestError) -> Void
    ) throws(ForestError) {
        let nodes = trees[tree]
        var pending = [TreePath()]
        while let path = pending.popLast() {
            let node = nodes[path.node]
            if node.isLeaf {
                try visit(path, node.value)
                continue
            }
            let toTrue = Double(nodes[Int(node.trueBranch)].cover)
            let toFalse = Double(nodes[Int(node.falseBranch)].cover)
            let sum = toTrue + toFalse
            guard toTrue >= 0, toFalse >= 0, sum > 0, sum.isFinite else {
                throw .noCover(tree: tree, node: path.node)
            }
            pending.append(path.stepping(from: node, goesTrue: false, share: toFalse / sum))
            pending.append(path.stepping(from: node, goesTrue: true, share: toTrue / sum))
        }
    }
}
