/// A sum of binary decision trees, immutable once made.
///
/// Semantics are ONNX `TreeEnsembleClassifier`'s with `BRANCH_LEQ`: a row goes to the true branch
/// where `x[feature] <= threshold`; NaN goes where `missingGoesTrue` says.
public struct TreeEnsemble: Hashable, Sendable {
    public struct Node: Hashable, Sendable {
        /// The feature that is compared; -1 at a leaf.
        public var feature: Int32
        public var threshold: Float
        /// Indices into the tree's nodes; 0 at a leaf.
        public var trueBranch: Int32
        public var falseBranch: Int32
        public var missingGoesTrue: Bool
        /// What the leaf adds; 0 elsewhere.
        public var value: Float
        /// The weight of the training rows that came through, as path-dependent TreeSHAP needs it.
        public var cover: Float

        public init(
            feature: Int32, threshold: Float, trueBranch: Int32, falseBranch: Int32,
            missingGoesTrue: Bool, value: Float, cover: Float
        ) {
            self.feature = feature
            self.threshold = threshold
            self.trueBranch = trueBranch
            self.falseBranch = falseBranch
            self.missingGoesTrue = missingGoesTrue
            self.value = value
            self.cover = cover
        }
    }

    public var featureCount: Int
    /// Each tree's nodes, the root first; children come after their parents.
    public var trees: [[Node]]
    /// Added to the sum of the trees.
    public var baseValue: Float

    public init(featureCount: Int, trees: [[Node]], baseValue: Float) {
        self.featureCount = featureCount
        self.trees = trees
        self.baseValue = baseValue
    }
}
