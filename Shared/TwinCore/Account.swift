/// How the contributions of an assessment were made.
public enum AttributionMethod: UInt8, Hashable, Sendable, CaseIterable {
    /// Exact for trees: what is absent is averaged by the training rows at each branch.
    case treePaths = 1
    /// Exact for trees: what is absent is taken from each patient of a background.
    case treeBackground = 2
    /// Exact for weighted sums.
    case linear = 3
    /// Sampled orders of the features: each contribution has a standard error.
    case sampled = 4
    /// The slopes on the way from a typical patient, summed; what they miss is the gap.
    case integratedGradients = 5

    /// Whether the contributions are exact but for rounding.
    public var isExact: Bool {
        switch self {
        case .treePaths, .treeBackground, .linear: true
        case .sampled, .integratedGradients: false
        }
    }
}

/// A named range of probabilities.
public struct ProbabilityBand: Hashable, Sendable {
    /// `low`, `high`.
    public var name: String
    /// The lowest probability of the band.
    public var from: Double
    /// Where the next band starts; 1 in the last.
    public var to: Double

    public init(name: String, from: Double, to: Double) {
        self.name = name
        self.from = from
        self.to = to
    }
}

/// What one modality has of all that moved a prediction.
public struct ModalityShare: Hashable, Sendable {
    /// Nil for features of which the modality is not known.
    public var modality: Modality?
    /// Its contributions' sizes over the sizes of all, 0 to 1.
    public var share: Double

    public init(modality: Modality?, share: Double) {
        self.modality = modality
        self.share = share
    }
}

/// The nearest value of one feature that would have put the prediction into another band, all else
/// being as it is.
///
/// It speaks of the model and not of the patient: nobody promises that treatment which changes the
/// value changes the outcome.
public struct Counterfactual: Hashable, Sendable {
    public var feature: String
    public var unit: String
    /// The value that was used.
    public var value: Double
    /// The nearest value tried that changes the band, inside of what the training patients had.
    public var changedValue: Double
    public var changedProbability: Double
    /// The name of the band that the changed probability lies in.
    public var changedBand: String

    public init(
        feature: String, unit: String, value: Double, changedValue: Double,
        changedProbability: Double, changedBand: String
    ) {
        self.feature = feature
        self.unit = unit
        self.value = value
        self.changedValue = changedValue
        self.changedProbability = changedProbability
        self.changedBand = changedBand
    }
}
