/// How much one feature moved a prediction.
public struct Attribution: Hashable, Sendable {
    public var feature: String
    /// The value that was used; nil where the feature was missing and nothing was put in.
    public var value: Double?
    public var unit: String
    public var flags: QualityFlags
    /// In the units of the prediction; baseline plus all contributions is the raw score.
    public var contribution: Double

    public init(
        feature: String, value: Double?, unit: String, flags: QualityFlags, contribution: Double
    ) {
        self.feature = feature
        self.value = value
        self.unit = unit
        self.flags = flags
        self.contribution = contribution
    }
}

/// A piece of advice and what it rests on.
public struct Recommendation: Hashable, Sendable {
    public var text: String
    /// The rule, guideline or threshold it follows from.
    public var basis: String

    public init(text: String, basis: String) {
        self.text = text
        self.basis = basis
    }
}

/// How good the inputs of an assessment were.
public struct InputQuality: Hashable, Sendable {
    /// How many features the artifact asks for.
    public var featureCount: UInt32
    /// How many of them were missing, imputed or not.
    public var missingCount: UInt32
    /// How many carried a flag.
    public var flaggedCount: UInt32

    public init(featureCount: UInt32, missingCount: UInt32, flaggedCount: UInt32) {
        self.featureCount = featureCount
        self.missingCount = missingCount
        self.flaggedCount = flaggedCount
    }

    /// The share of features that were present, 0 to 1.
    public var completeness: Double {
        featureCount == 0 ? 0 : 1 - Double(missingCount) / Double(featureCount)
    }
}

/// What a model says about an outcome.
public enum Verdict: Hashable, Sendable {
    /// The probability of the outcome, 0 to 1, and the classes that can't be ruled out.
    case prediction(probability: Double, classes: [String])
    /// The model abstains, and why.
    case indeterminate(reason: String)
}

/// What the model stage says of a twin, from one revision and one artifact.
///
/// It holds no time of its making: replaying the same inputs gives the same bits.
public struct Assessment: Hashable, Sendable {
    /// The name of the predicted outcome, as in the artifact's manifest.
    public var outcome: String
    public var artifact: ArtifactID
    /// The twin's revision that its features were made from.
    public var revision: Revision
    /// The feature extractor's version.
    public var featureVersion: String
    public var verdict: Verdict
    /// The mean raw score of the artifact's background: what the contributions start from.
    public var baseline: Double
    /// The strongest contributions first; those left out are summed in `remainder`.
    public var reasons: [Attribution]
    /// The sum of the contributions that `reasons` leaves out.
    public var remainder: Double
    public var recommendations: [Recommendation]
    public var quality: InputQuality

    public init(
        outcome: String, artifact: ArtifactID, revision: Revision, featureVersion: String,
        verdict: Verdict, baseline: Double, reasons: [Attribution], remainder: Double,
        recommendations: [Recommendation], quality: InputQuality
    ) {
        self.outcome = outcome
        self.artifact = artifact
        self.revision = revision
        self.featureVersion = featureVersion
        self.verdict = verdict
        self.baseline = baseline
        self.reasons = reasons
        self.remainder = remainder
        self.recommendations = recommendations
        self.quality = quality
    }
}

/// An assessment as the store keeps it.
public struct StoredAssessment: Hashable, Sendable {
    public var assessment: Assessment
    public var commitTime: Instant

    public init(assessment: Assessment, commitTime: Instant) {
        self.assessment = assessment
        self.commitTime = commitTime
    }
}
