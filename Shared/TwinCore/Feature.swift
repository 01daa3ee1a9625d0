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
    /// What the rules of cleaning say of the measurements; nil where none were asked.
    public var cleaning: CleaningReport?

    public init(
        modality: Modality, version: String, revision: Revision, referenceTime: Instant?,
        features: [Feature], sheet: ScoreSheet = ScoreSheet(), cleaning: CleaningReport? = nil
    ) {
        self.modality = modality
        self.version = version
        self.revision = revision
        self.referenceTime = referenceTime
        self.features = features
        self.sheet = sheet
        self.cleaning = cleaning
    }
}

extension FeatureSet {
    /// In a version, what comes before the short hash of the rules of cleaning.
    public static let rulesMark = "/rules-"

    /// A version without its rules: the same code that makes features of cleaned measurements.
    ///
    /// A site's rules change what is cleaned, not what a feature means.
    public static func makerVersion(of version: String) -> String {
        guard let mark = version.utf8.firstRange(of: rulesMark.utf8) else { return version }
        // Other families of the same modality may follow.
        return String(version[..<mark.lowerBound])
            + version[mark.upperBound...].drop { $0.isHexDigit }
    }
}
