/// Decision trees as they are walked: two kinds of comparison, every index proved.
struct Forest: Sendable {
    struct Node: Sendable {
        /// Below 0 at a leaf.
        var feature: Int32
        var threshold: Double
        /// At a leaf: where its weights start, and how many there are.
        var yes: Int32
        var no: Int32
        var missingGoesYes: Bool
        /// `==` instead of `<=`.
        var isEquality: Bool
        var cover: Float
    }

    struct Weight: Sendable {
        var target: Int32
        var value: Double
    }

    /// Each tree's root first, then its nodes, children after their parents; only nodes that
    /// compare with a set share a child.
    var nodes: [Node] = []
    var roots: [Int32] = []
    var weights: [Weight] = []
    /// One more than the highest feature that is compared.
    var featureCountMin = 0
    /// The length of the longest path.
    var depth = 0
    /// The comparisons that one row can take: the longest path of each tree, summed.
    var stepCountMax = 0

    var holdsEquality: Bool { nodes.contains { $0.isEquality } }

    var hasFiniteThresholds: Bool { nodes.allSatisfy { $0.threshold.magnitude < 1e38 } }

    /// The weights of the leaf that one row ends in; `row` must be at least `featureCountMin` wide.
    func leaf(of root: Int32, _ rows: UnsafeBufferPointer<Double>, at start: Int) -> Range<Int> {
        var node = nodes[Int(root)]
        while node.feature >= 0 {
            let value = rows[start + Int(node.feature)]
            let goesYes =
                value.isNaN
                ? node.missingGoesYes
                : node.isEquality ? value == node.threshold : value <= node.threshold
            node = nodes[Int(goesYes ? node.yes : node.no)]
        }
        return Int(node.yes)..<Int(node.yes) + Int(node.no)
    }

    /// Whether each branch's cover is the sum of its children's, as exact explanations need it.
    ///
    /// Some exporters write 1 everywhere.
    var coversAddUp: Bool {
        nodes.allSatisfy { node in
            guard node.feature >= 0 else { return node.cover >= 0 }
            let sum = nodes[Int(node.yes)].cover + nodes[Int(node.no)].cover
            return node.cover > 0 && (node.cover - sum).magnitude <= node.cover * 1e-3
        }
    }
}
