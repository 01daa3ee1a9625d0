/// How much one feature moved a prediction.
public struct Attribution: Hashable, Sendable {
    public var feature: String
    /// The value that was used; nil where the feature was missing and nothing was put in.
    public var value: Double?
    public var unit: String
    public var flags: QualityFlags
    /// In the units of the prediction; baseline plus all contributions is the raw score.
    public var contribution: Double
    /// How far the contribution may be off, where it was sampled; nil where it was not.
    public var standardError: Double?

    public init(
        feature: String, value: Double?, unit: String, flags: QualityFlags, contribution: Double,
        standardError: Double? = nil
    ) {
        self.feature = feature
        self.value = value
        self.unit = unit
        self.flags = flags
        self.contribution = contribution
        self.standardError = standardError
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
    /// How many that were present were older than their quantity stays valid.
    public var staleCount: UInt32
    /// How many that were present lie outside of what the model's training patients had.
    public var outsideCount: UInt32
    /// Whether so many lie outside that the model does not speak of such a patient.
    public var isOutOfDistribution: Bool
    /// How good the twin's data were, and the newest findings on quantities that the artifact asks
    /// for; nil where the features came without.
    public var cleaning: CleaningReport?

    public init(
        featureCount: UInt32, missingCount: UInt32, flaggedCount: UInt32, staleCount: UInt32 = 0,
        outsideCount: UInt32 = 0, isOutOfDistribution: Bool = false,
        cleaning: CleaningReport? = nil
    ) {
        self.featureCount = featureCount
        self.missingCount = missingCount
        self.flaggedCount = flaggedCount
        self.staleCount = staleCount
        self.outsideCount = outsideCount
        self.isOutOfDistribution = isOutOfDistribution
        self.cleaning = cleaning
    }

    /// The share of features that were present, 0 to 1.
    public var completeness: Double {
        featureCount == 0 ? 0 : 1 - Double(missingCount) / Double(featureCount)
    }
}

/// What a model says about an outcome or a quantity.
public enum Verdict: Hashable, Sendable {
    /// The probability of the outcome, 0 to 1, and the classes that can't be ruled out.
    case prediction(probability: Double, classes: [String])
    /// What the quantity will be, and how sure that is.
    case estimate(QuantityEstimate)
    /// The model abstains, and why.
    case indeterminate(reason: String)
    /// The model gave no valid answer, and why: its output guard held it back.
    case notAvailable(reason: String)
}

/// What the model stage says of a twin, from one revision and one artifact.
///
/// It holds no time of its making: replaying the same inputs gives the same bits.
public struct Assessment: Hashable, Sendable {
    /// The name of the predicted outcome or quantity, as in the artifact's manifest.
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
    /// The band that the probability lies in; nil without a prediction or without bands.
    public var band: ProbabilityBand?
    /// How the contributions were made; nil where it is not known, or there are none.
    public var method: AttributionMethod?
    /// By how much the contributions miss the raw score; nil where they add up by their making.
    public var gap: Double?
    /// What each modality has of all contributions, left-out ones too; in order of modality, those
    /// of no known modality last.
    public var modalityShares: [ModalityShare]
    /// What would have changed the band, one feature at a time, the strongest feature first.
    public var counterfactuals: [Counterfactual]

    public init(
        outcome: String, artifact: ArtifactID, revision: Revision, featureVersion: String,
        verdict: Verdict, baseline: Double, reasons: [Attribution], remainder: Double,
        recommendations: [Recommendation], quality: InputQuality, band: ProbabilityBand? = nil,
        method: AttributionMethod? = nil, gap: Double? = nil,
        modalityShares: [ModalityShare] = [], counterfactuals: [Counterfactual] = []
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
        self.band = band
        self.method = method
        self.gap = gap
        self.modalityShares = modalityShares
        self.counterfactuals = counterfactuals
    }
}

/// An assessment as the store keeps it.
public struct StoredAssessment: Hashable, Sendable {
    public var assessment: Assessment
    public var commitTime: Instant
    /// The first revision that corrected or withdrew something that it rests on, as far as is known
    /// when it is read; nil where it rests on what still holds.
    public var amendedRevision: Revision?

    public init(
        assessment: Assessment, commitTime: Instant, amendedRevision: Revision? = nil
    ) {
        self.assessment = assessment
        self.commitTime = commitTime
        self.amendedRevision = amendedRevision
    }
}
