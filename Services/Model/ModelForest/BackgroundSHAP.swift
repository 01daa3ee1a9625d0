public import ModelCore

/// Exact Shapley values of a forest against a background: what is absent is taken from each row of
/// the background in turn, and the accounts are averaged.
///
/// The same definition as `shap.TreeExplainer` with `interventional`. It needs no covers. A branch
/// is followed only while some mixture of the row and a background row goes there, all background
/// rows at once as the bits of one word.
public struct BackgroundSHAP: Sendable {
    public static let rowCountMax = 128
    /// Deeper trees are refused.
    public static let depthMax = 128

    public let featureCount: Int
    /// The mean score of the background.
    public let baseline: Double
    private let ensemble: TreeEnsemble
    private let rowCount: Int
    /// For each node of each tree, which background rows go to its true branch.
    private let goesTrue: [[UInt128]]
    private let weights: CoalitionWeights

    public init(
        _ ensemble: TreeEnsemble, background: [[Float]]
    ) throws(ForestError) {
        try ensemble.check()
        guard (1...Self.rowCountMax).contains(background.count) else {
            throw .tooLarge("\(background.count) rows of background")
        }
        for row in background where row.count != ensemble.featureCount {
            throw .rowLength(row.count, expected: ensemble.featureCount)
        }
        for (tree, nodes) in ensemble.trees.enumerated() where nodes.depth > Self.depthMax {
            throw .tooDeep(tree: tree)
        }
        self.ensemble = ensemble
        featureCount = ensemble.featureCount
        rowCount = background.count
        goesTrue = ensemble.trees.map { nodes in
            nodes.map { node in
                guard !node.isLeaf else { return 0 }
                return background.enumerated().reduce(0) { mask, row in
                    node.sendsTrue(row.element[Int(node.feature)])
                        ? mask | 1 << UInt128(row.offset) : mask
                }
            }
        }
        weights = CoalitionWeights(countMax: Self.depthMax)
        baseline =
            background.reduce(0) { $0 + ensemble.plainScore(of: $1[...]) } / Double(rowCount)
    }

    /// The attributions of one row; NaN stands for a missing value.
    public func attributions(_ row: [Float]) throws(ForestError) -> ForestAttribution {
        guard row.count == featureCount else {
            throw .rowLength(row.count, expected: featureCount)
        }
        var walk = BackgroundWalk(featureCount: featureCount, rowCount: rowCount)
        for (tree, nodes) in ensemble.trees.enumerated() {
            walk.enter(nodes, goesTrue[tree], row, weights)
        }
        return ForestAttribution(
            baseline: baseline, contributions: walk.contributions.map { $0 / Double(rowCount) })
    }
}

/// How much of a leaf's value each feature gets, where some features keep the row there and others
/// keep the background row there.
///
/// Of `own` features that only the row meets and `other` that only the background row meets, each
/// of the former gets 1 / (own · C(own + other, own)) and each of the latter loses
/// 1 / (other · C(own + other, own)).
private struct CoalitionWeights {
    private let countMax: Int
    /// The inverse of C(own + other, own).
    private let inverses: [Double]

    init(countMax: Int) {
        self.countMax = countMax
        let width = countMax + 1
        var inverses = [Double](repeating: 1, count: width * width)
        for own in 1...countMax {
            for other in 1...countMax {
                // C(n, k) = C(n - 1, k - 1) · n / k.
                inverses[own * width + other] =
                    inverses[(own - 1) * width + other] * Double(own) / Double(own + other)
            }
        }
        self.inverses = inverses
    }

    func gain(own: Int, other: Int) -> Double {
        inverses[own * (countMax + 1) + other] / Double(own)
    }

    func loss(own: Int, other: Int) -> Double {
        inverses[own * (countMax + 1) + other] / Double(other)
    }
}

/// One row on its way through the trees, beside all background rows.
private struct BackgroundWalk {
    /// A feature that was asked for on the path.
    private struct Element {
        var feature: Int
        /// Whether the row meets what the path asks of the feature.
        var fits: Bool
        /// Which background rows meet it.
        var rows: UInt128
    }

    private(set) var contributions: [Double]
    private let all: UInt128
    private var path: [Element] = []
    /// Each feature's place on the path; -1 where it was not asked for.
    private var places: [Int]

    init(featureCount: Int, rowCount: Int) {
        contributions = [Double](repeating: 0, count: featureCount)
        places = [Int](repeating: -1, count: featureCount)
        all = rowCount == 128 ? .max : 1 << UInt128(rowCount) - 1
    }

    /// Adds what one tree says.
    mutating func enter(
        _ nodes: [TreeEnsemble.Node], _ goesTrue: [UInt128], _ row: [Float],
        _ weights: CoalitionWeights
    ) {
        descend(nodes, goesTrue, row, weights, at: 0, alive: all, misses: 0)
    }

    /// `alive` are the background rows that meet everything that the row does not meet; `misses`
    /// counts the features that it does not.
    private mutating func descend(
        _ nodes: [TreeEnsemble.Node], _ goesTrue: [UInt128], _ row: [Float],
        _ weights: CoalitionWeights, at place: Int, alive: UInt128, misses: Int
    ) {
        let node = nodes[place]
        guard !node.isLeaf else { return settle(Double(node.value), weights, alive, misses) }
        let feature = Int(node.feature)
        let rowGoesTrue = node.sendsTrue(row[feature])
        for isTrue in [true, false] {
            let rows = isTrue ? goesTrue[place] : ~goesTrue[place]
            let known = places[feature]
            let before =
                known < 0 ? Element(feature: feature, fits: true, rows: all) : path[known]
            let now = Element(
                feature: feature, fits: before.fits && rowGoesTrue == isTrue,
                rows: before.rows & rows)
            let stillAlive = now.fits ? alive : alive & now.rows
            guard stillAlive != 0 else { continue }
            if known < 0 {
                places[feature] = path.count
                path.append(now)
            } else {
                path[known] = now
            }
            descend(
                nodes, goesTrue, row, weights, at: Int(isTrue ? node.trueBranch : node.falseBranch),
                alive: stillAlive, misses: misses + (before.fits && !now.fits ? 1 : 0))
            if known < 0 {
                path.removeLast()
                places[feature] = -1
            } else {
                path[known] = before
            }
        }
    }

    /// Shares out one leaf among the features of its path.
    private mutating func settle(
        _ value: Double, _ weights: CoalitionWeights, _ alive: UInt128, _ misses: Int
    ) {
        var lost = 0.0
        var rest = alive
        while rest != 0 {
            let bit: UInt128 = 1 << UInt128(rest.trailingZeroBitCount)
            rest &= rest - 1
            let own = path.count { $0.fits && $0.rows & bit == 0 }
            if misses > 0 { lost += weights.loss(own: own, other: misses) }
            guard own > 0 else { continue }
            let gain = value * weights.gain(own: own, other: misses)
            for element in path where element.fits && element.rows & bit == 0 {
                contributions[element.feature] += gain
            }
        }
        for element in path where !element.fits { contributions[element.feature] -= value * lost }
    }
}
