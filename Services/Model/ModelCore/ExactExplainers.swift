/// Makes the attributions of one ensemble: what a room that knows TreeSHAP gives.
public typealias TreeAttribution =
    @Sendable (TreeEnsemble) ->
    @Sendable (_ row: [Float]) -> (
        baseline: Double, contributions: [Double]
    )

/// A model whose raw score has exact additive attributions.
public enum ExactForm: Hashable, Sendable {
    case trees(TreeEnsemble, preparations: [Preparation], link: ScoreLink)
    /// The sum of weights times prepared columns, plus the intercept.
    case linear(
        weights: [Float], intercept: Float, preparations: [Preparation], link: ScoreLink)
}

/// Path-dependent TreeSHAP over the prepared row.
public struct TreeExplainer: Explainer {
    private let featureCount: Int
    private let preparations: [Preparation]
    private let link: ScoreLink
    private let attributions:
        @Sendable (_ row: [Float]) -> (baseline: Double, contributions: [Double])

    public init(
        _ ensemble: TreeEnsemble, preparations: [Preparation], link: ScoreLink,
        attribution: TreeAttribution
    ) {
        featureCount = ensemble.featureCount
        self.preparations = preparations
        self.link = link
        attributions = attribution(ensemble)
    }

    public func explain(_ row: [Float]) throws(ModelError) -> Explanation {
        guard row.count == featureCount else {
            throw .width(expected: featureCount, got: row.count)
        }
        var prepared = row
        for step in preparations { step.apply(to: &prepared, width: featureCount) }
        let (baseline, contributions) = attributions(prepared)
        return Explanation(baseline: baseline, contributions: contributions, link: link)
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
        guard background.count == weights.count, names.count == weights.count else {
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
        return Explanation(baseline: baseline, contributions: contributions, link: link)
    }
}
