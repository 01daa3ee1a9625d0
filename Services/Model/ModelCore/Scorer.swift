public import TwinCore

/// A trained model's arithmetic: immutable, and the same answer for the same row on every thread.
public protocol Scorer: Sendable {
    var featureCount: Int { get }
    /// How many numbers a row is answered with: a score for each class, or one quantity.
    var classCount: Int { get }
    /// About how many multiplications one row takes: what bounds sampled explanations.
    var operationsPerRow: Int { get }

    /// The answers for each row, flat, row after row.
    ///
    /// `rows` holds `count` rows of `featureCount` numbers; a missing one is NaN.
    func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float]
}

/// Says what moved the answer that is shown.
public protocol Explainer: Sendable {
    func explain(_ row: [Float]) throws(ModelError) -> Explanation
}

/// How a raw score becomes the model's score of the positive class.
public enum ScoreLink: UInt8, Hashable, Sendable, CaseIterable {
    case identity = 0
    case logistic = 1

    public func score(ofRaw raw: Double) -> Double {
        self == .identity ? raw : Elementary.logistic(raw)
    }
}

/// An additive account of one raw score.
public struct Explanation: Hashable, Sendable {
    /// The raw score of the background.
    public var baseline: Double
    /// One for each feature, in the model's order.
    public var contributions: [Double]
    public var link: ScoreLink
    /// How far each contribution may be off, where they are not exact; else empty.
    public var standardErrors: [Double]
    /// How the contributions were made; nil where that is not said.
    public var method: AttributionMethod?
    /// By how much they miss the raw score, as their maker measured it; nil where they add up by
    /// their making.
    public var gap: Double?

    public init(
        baseline: Double, contributions: [Double], link: ScoreLink, standardErrors: [Double] = [],
        method: AttributionMethod? = nil, gap: Double? = nil
    ) {
        self.baseline = baseline
        self.contributions = contributions
        self.link = link
        self.standardErrors = standardErrors
        self.method = method
        self.gap = gap
    }

    /// An account of a raw score by the slopes on the way from a typical patient.
    public static func integrated(
        baseline: Double, contributions: [Double], link: ScoreLink, errors: [Double], gap: Double
    ) -> Explanation {
        Explanation(
            baseline: baseline, contributions: contributions, link: link,
            standardErrors: errors, method: .integratedGradients, gap: gap)
    }

    /// Baseline plus all contributions.
    public var rawScore: Double { contributions.reduce(baseline, +) }
}

/// A model that is ready to be proved and to serve: a value, shared by reference inside.
public struct LoadedModel: Sendable {
    public let id: ArtifactID
    public let manifest: Manifest
    /// The column of the positive class, or of the quantity.
    public let positiveIndex: Int
    public let scorer: any Scorer
    public let explainer: any Explainer

    /// Throws unless the manifest is valid and speaks of this scorer's columns.
    public init(
        id: ArtifactID, manifest: Manifest, scorer: any Scorer, explainer: any Explainer
    ) throws(ManifestError) {
        try manifest.validate()
        self.id = id
        self.manifest = manifest
        self.positiveIndex = try manifest.shownIndex(of: scorer)
        self.scorer = scorer
        self.explainer = explainer
    }

    /// The row with missing values (NaN) treated as the manifest says.
    public func imputed(_ row: [Float]) -> [Float] {
        zip(row, manifest.features).map { value, feature in
            value.isNaN ? Float(feature.missing.value ?? .nan) : value
        }
    }
}

extension Manifest {
    /// The place in a model's answer of what is shown; throws unless the model takes as many
    /// features and gives as many numbers as the manifest says.
    public func shownIndex(of scorer: any Scorer) throws(ManifestError) -> Int {
        guard scorer.featureCount == features.count else {
            throw .disagrees(
                "\(features.count) features, but the model takes \(scorer.featureCount)")
        }
        guard scorer.classCount == answerCount, let shownIndex else {
            let own = quantity == nil ? "\(classes.count) classes" : "a quantity"
            throw .disagrees("\(own), but the model gives \(scorer.classCount)")
        }
        return shownIndex
    }
}

/// Why a model can't answer, or may not serve.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A row's width is not the model's.
    case width(expected: Int, got: Int)
    /// The arithmetic can't be done: what, and why.
    case notComputable(String)
    /// It answers more slowly than the bound on operations allows.
    case tooExpensive
    /// There is no exact account of it, and why.
    case notExplainable(String)
    /// Explanations can't start: no typical value is known for this feature.
    case backgroundMissing(String)
    /// Not the answer of the library that trained the model.
    case goldenMismatch(row: Int, column: Int, expected: Double, got: Double)
    /// The contributions do not add up to the score.
    case explanationMismatch(row: Int, score: Double, explained: Double)
    /// Another model is being proved in this slot.
    case busy

    /// What it says to people.
    public var description: String {
        switch self {
        case .width(let expected, let got): "a row of \(got) values, the model takes \(expected)"
        case .notComputable(let what): "it can't be computed: \(what)"
        case .tooExpensive: "a row takes more operations than is allowed"
        case .notExplainable(let what): "it can't be explained: \(what)"
        case .backgroundMissing(let name):
            "explanations have nothing to start from: say what is `typical` of \(name)"
        case .goldenMismatch(let row, let column, let expected, let got):
            "golden row \(row), class \(column): its answer is \(got), the library that trained it "
                + "said \(expected)"
        case .explanationMismatch(let row, let score, let explained):
            "golden row \(row): its explanation adds up to \(explained), its answer is \(score)"
        case .busy: "another model is being proved"
        }
    }

    /// What it says to the peer.
    public var refusal: Refusal {
        switch self {
        case .busy: Refusal(.conflict, "another model is being proved", retryAfterMs: 1000)
        case .tooExpensive: Refusal(.tooLarge, "the model takes too many operations a row")
        default: Refusal(.failed, "model: \(self)")
        }
    }
}
