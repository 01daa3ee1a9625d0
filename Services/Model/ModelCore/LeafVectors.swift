/// A forest whose leaves hold a number for each of several classes; their sums are the classes'
/// probabilities.
///
/// Semantics of the nodes are those of ``TreeEnsemble``; their own values are 0.
public struct LeafVectors: Hashable, Sendable {
    public var featureCount: Int
    public var classCount: Int
    /// Each tree's nodes, the root first; children come after their parents.
    public var trees: [[TreeEnsemble.Node]]
    /// Each tree's values: of each node one a class, 0 where it is no leaf.
    public var values: [[Float]]

    public init(
        featureCount: Int, classCount: Int, trees: [[TreeEnsemble.Node]], values: [[Float]]
    ) {
        self.featureCount = featureCount
        self.classCount = classCount
        self.trees = trees
        self.values = values
    }

    /// The values of one node.
    public func values(tree: Int, node: Int) -> ArraySlice<Float> {
        values[tree][node * classCount..<(node + 1) * classCount]
    }

    /// The ensemble whose raw score is the probability of one class.
    public func ensemble(of index: Int) -> TreeEnsemble {
        precondition((0..<classCount).contains(index))
        let own = trees.indices.map { tree in
            trees[tree].indices.map { place in
                var node = trees[tree][place]
                node.value = values[tree][place * classCount + index]
                return node
            }
        }
        return TreeEnsemble(featureCount: featureCount, trees: own, baseValue: 0)
    }
}
