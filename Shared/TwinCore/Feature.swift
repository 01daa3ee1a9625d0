/// A kind of input that has feature workers of its own.
public enum Modality: UInt8, Hashable, Sendable, CaseIterable {
    case vitals = 1
    case imaging = 2
    case genome = 3

    public var name: String {
        switch self {
        case .vitals: "vitals"
        case .imaging: "imaging"
        case .genome: "genome"
        }
    }

    public init?(name: String) {
        guard let match = Modality.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}

/// A named number derived from inputs.
///
/// A missing one has no value: never zero, never NaN.
public struct Feature: Hashable, Sendable {
    public var name: String
    public var value: Double?
    /// UCUM; empty where the feature has none.
    public var unit: String
    public var flags: QualityFlags

    public init(name: String, value: Double?, unit: String, flags: QualityFlags = []) {
        self.name = name
        self.value = value
        self.unit = unit
        self.flags = flags
    }
}

/// The features of one modality of one twin at one revision.
public struct FeatureSet: Hashable, Sendable {
    public var modality: Modality
    /// The version of the extractor that made them.
    public var version: String
    /// The twin's revision that they were made from.
    public var revision: Revision
    /// The end of the windows: the latest usable event time of the inputs; nil without inputs.
    public var referenceTime: Instant?
    /// In ascending order of name, each name once; features that have no input are left out.
    public var features: [Feature]
    /// The clinical scores, with what they rest on; empty where the modality has none.
    public var sheet: ScoreSheet

    public init(
        modality: Modality, version: String, revision: Revision, referenceTime: Instant?,
        features: [Feature], sheet: ScoreSheet = ScoreSheet()
    ) {
        self.modality = modality
        self.version = version
        self.revision = revision
        self.referenceTime = referenceTime
        self.features = features
        self.sheet = sheet
    }
}
