import ModelCore

extension Forest {
    /// Deeper trees have no exact account: its cost grows with the square of the depth.
    static let explainedDepthMax = 128

    /// Where each tree's nodes are.
    private var trees: [Range<Int>] {
        zip(roots, roots.dropFirst() + [Int32(nodes.count)]).map { Int($0)..<Int($1) }
    }

    /// What each tree's leaves bring all targets together, summed over the trees; nil where the
    /// leaves of one tree differ in it.
    var sumOfTreeTotals: Double? {
        var sum = 0.0
        for tree in trees {
            let totals = nodes[tree].lazy.filter { $0.feature < 0 }.map { leaf in
                weights[Int(leaf.yes)..<Int(leaf.yes) + Int(leaf.no)].reduce(0) { $0 + $1.value }
            }
            guard let first = totals.first,
                totals.allSatisfy({ ($0 - first).magnitude <= 1e-6 * max(1, first.magnitude) })
            else { return nil }
            sum += first
        }
        return sum
    }

    /// The forest as a sum of single values: each weight times its target's factor.
    func ensemble(
        width: Int, base: Float, _ factor: (Int32) -> Float
    ) -> TreeEnsemble {
        var trees: [[TreeEnsemble.Node]] = []
        var base = base
        for own in self.trees {
            let tree = nodes[own].map { single($0, root: Int32(own.lowerBound), factor) }
            // A tree of one leaf asks nothing: it is a part of the base.
            if tree.count == 1 { base += tree[0].value } else { trees.append(tree) }
        }
        return TreeEnsemble(featureCount: width, trees: trees, baseValue: base)
    }

    private func single(
        _ node: Node, root: Int32, _ factor: (Int32) -> Float
    ) -> TreeEnsemble.Node {
        guard node.feature >= 0 else {
            let own = weights[Int(node.yes)..<Int(node.yes) + Int(node.no)]
            return TreeEnsemble.Node(
                feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0, missingGoesTrue: false,
                value: own.reduce(0) { $0 + Float($1.value) * factor($1.target) }, cover: node.cover
            )
        }
        return TreeEnsemble.Node(
            feature: node.feature, threshold: node.singleThreshold, trueBranch: node.yes - root,
            falseBranch: node.no - root, missingGoesTrue: node.missingGoesYes, value: 0,
            cover: node.cover)
    }
}

extension Forest.Node {
    /// The threshold for numbers of single precision: the highest such number below or at it.
    fileprivate var singleThreshold: Float {
        let nearest = Float(threshold)
        return Double(nearest) > threshold ? nearest.nextDown : nearest
    }
}
