import CModelForest
public import ModelCore

/// How far each feature moved one score away from the score of the average training row.
public struct ForestAttribution: Hashable, Sendable {
    /// The mean score of the training rows, by the covers of the nodes.
    public var baseline: Double
    /// One a feature; with the baseline they add up to the raw score.
    public var contributions: [Double]
}

/// Exact Shapley values of a forest, path-dependent: absent features are averaged by cover.
///
/// The same definition as `shap.TreeExplainer` with `tree_path_dependent`. All paths are laid out
/// once; a row then costs time in proportion to leaves x the square of the path's length.
public struct TreeSHAP: Sendable {
    private static let elementCountMax = 1 << 27

    public let featureCount: Int
    /// The mean score of the training rows.
    public let baseline: Double
    private var features: [Int32] = []
    private var lowers: [Float] = []
    private var uppers: [Float] = []
    private var shares: [Float] = []
    private var values: [Float] = []
    /// How many elements the paths of each group have.
    private var counts: [Int32] = []

    public init(_ ensemble: TreeEnsemble) throws(ForestError) {
        try ensemble.check()
        featureCount = ensemble.featureCount
        var baseline = Double(ensemble.baseValue)
        var pathsOfLength = [[(path: TreePath, value: Float)]](
            repeating: [], count: Int(TWIN_FOREST_DEPTH_MAX) + 1)
        var elementCount = 0
        for tree in ensemble.trees.indices {
            try ensemble.visitPaths(of: tree) { path, value throws(ForestError) in
                guard path.elements.count < pathsOfLength.count else { throw .tooDeep(tree: tree) }
                elementCount += path.elements.count
                guard elementCount <= Self.elementCountMax else {
                    throw .tooLarge("\(elementCount) elements of paths")
                }
                baseline += path.elements.reduce(Double(value)) { $0 * $1.share }
                pathsOfLength[path.elements.count].append((path, value))
            }
        }
        self.baseline = baseline
        // A path without elements says nothing of any feature.
        for paths in pathsOfLength.dropFirst() { append(paths) }
    }

    /// Lays paths of one length out in groups, the last filled up with paths that add nothing.
    private mutating func append(_ paths: [(path: TreePath, value: Float)]) {
        let lanes = Int(TWIN_FOREST_LANES)
        for first in stride(from: 0, to: paths.count, by: lanes) {
            let group = paths[first..<min(first + lanes, paths.count)]
            let count = paths[first].path.elements.count
            counts.append(Int32(count))
            for lane in 0..<lanes {
                values.append(lane < group.count ? group[first + lane].value : 0)
            }
            for element in 0..<count {
                for lane in 0..<lanes {
                    append(
                        lane < group.count
                            ? group[first + lane].path.elements[element]
                            : TreePath.Element(feature: 0))
                }
            }
        }
    }

    private mutating func append(_ element: TreePath.Element) {
        features.append(2 * element.feature + (element.missingFits ? 1 : 0))
        lowers.append(element.lower)
        uppers.append(element.upper)
        shares.append(Float(element.share))
    }

    /// The attributions of one row; NaN stands for a missing value.
    public func attributions(_ row: [Float]) throws(ForestError) -> ForestAttribution {
        try attributions(row, wide: true)
    }

    func attributions(_ row: [Float], wide: Bool) throws(ForestError) -> ForestAttribution {
        guard row.count == featureCount else {
            throw .rowLength(row.count, expected: featureCount)
        }
        let rule = Quadrature.shared
        var contributions = [Double](repeating: 0, count: featureCount)
        unsafe twin_forest_explain(
            features, lowers, uppers, shares, values, counts, Int32(counts.count), rule.nodes,
            rule.weights, row, &contributions, wide)
        return ForestAttribution(baseline: baseline, contributions: contributions)
    }
}
