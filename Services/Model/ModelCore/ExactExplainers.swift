import TwinCore

/// The attributions of one row.
public typealias RowAttribution =
    @Sendable (_ row: [Float]) throws(ModelError) -> (baseline: Double, contributions: [Double])

/// Makes the attributions of one ensemble: what a room that knows TreeSHAP gives.
///
/// Throws ``ModelError/notExplainable(_:)`` where the ensemble has no exact account.
public typealias TreeAttribution =
    @Sendable (TreeEnsemble) throws(ModelError) -> RowAttribution

/// Makes the attributions of one ensemble against the rows of a background.
///
/// What is absent is taken from each row of the background; the rows are as wide as the ensemble
/// takes them, and at least one. Throws ``ModelError/notExplainable(_:)`` where it can't.
public typealias TreeBackgroundAttribution =
    @Sendable (TreeEnsemble, _ background: [[Float]]) throws(ModelError) -> RowAttribution

/// A model whose raw score has exact additive attributions.
public enum ExactForm: Hashable, Sendable {
    case trees(TreeEnsemble, preparations: [Preparation], link: ScoreLink)
    /// Trees that do not say how many training rows took each branch, as some exporters write them:
    /// exact against a background alone.
    case coverless(TreeEnsemble, preparations: [Preparation], link: ScoreLink)
    /// The sum of weights times prepared columns, plus the intercept.
    case linear(
        weights: [Float], intercept: Float, preparations: [Preparation], link: ScoreLink)
}

/// TreeSHAP over the prepared row: path-dependent, or against a background.
public struct TreeExplainer: Explainer {
    private let featureCount: Int
    private let preparations: [Preparation]
    private let link: ScoreLink
    private let method: AttributionMethod
    private let attributions: RowAttribution

    /// Path-dependent.
    public init(
        _ ensemble: TreeEnsemble, preparations: [Preparation], link: ScoreLink,
        attribution: TreeAttribution
    ) throws(ModelError) {
        precondition(preparations.allSatisfy { $0.fits(width: ensemble.featureCount) })
        featureCount = ensemble.featureCount
        self.preparations = preparations
        self.link = link
        method = .treePaths
        attributions = try attribution(ensemble)
    }

    /// Against a background of unprepared rows, in which nothing is missing that is put in.
    public init(
        _ ensemble: TreeEnsemble, preparations: [Preparation], link: ScoreLink,
        background: [[Float]], attribution: TreeBackgroundAttribution
    ) throws(ModelError) {
        precondition(preparations.allSatisfy { $0.fits(width: ensemble.featureCount) })
        featureCount = ensemble.featureCount
        self.preparations = preparations
        self.link = link
        method = .treeBackground
        var prepared = background
        for row in prepared.indices {
            guard prepared[row].count == featureCount else {
                throw .width(expected: featureCount, got: prepared[row].count)
            }
            for step in preparations { step.apply(to: &prepared[row], width: featureCount) }
        }
        attributions = try attribution(ensemble, prepared)
    }

    public func explain(_ row: [Float]) throws(ModelError) -> Explanation {
        guard row.count == featureCount else {
            throw .width(expected: featureCount, got: row.count)
        }
        var prepared = row
        for step in preparations { step.apply(to: &prepared, width: featureCount) }
        let (baseline, contributions) = try attributions(prepared)
        return Explanation(
            baseline: baseline, contributions: contributions, link: link, method: method)
    }
}

/// Weight times distance from the background: exact for a linear raw score.
public struct LinearExplainer: Explainer {
    private let weights: [Float]
    private let preparations: [Preparation]
    private let link: ScoreLink
    private let baseline: Double
    /// The prepared background.
    private let origin: [Float]

    /// Throws if the background has no number for a feature that nothing is put in for.
    public init(
        weights: [Float], intercept: Float, preparations: [Preparation], link: ScoreLink,
        background: [Float], names: [String]
    ) throws(ModelError) {
        guard background.count == weights.count, names.count == weights.count,
            preparations.allSatisfy({ $0.fits(width: weights.count) })
        else {
            throw .width(expected: weights.count, got: background.count)
        }
        var origin = background
        for step in preparations { step.apply(to: &origin, width: weights.count) }
        if let index = origin.firstIndex(where: \.isNaN) {
            throw .backgroundMissing(names[index])
        }
        self.weights = weights
        self.preparations = preparations
        self.link = link
        self.origin = origin
        baseline = zip(weights, origin).reduce(Double(intercept)) {
            $0 + Double($1.0) * Double($1.1)
        }
    }

    public func explain(_ row: [Float]) throws(ModelError) -> Explanation {
        guard row.count == weights.count else {
            throw .width(expected: weights.count, got: row.count)
        }
        var prepared = row
        for step in preparations { step.apply(to: &prepared, width: weights.count) }
        let contributions = weights.indices.map {
            Double(weights[$0]) * (Double(prepared[$0]) - Double(origin[$0]))
        }
        return Explanation(
            baseline: baseline, contributions: contributions, link: link, method: .linear)
    }
}
