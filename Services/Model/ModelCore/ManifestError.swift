public import TwinCore
public import TwinJSON

/// Why a manifest is refused.
public enum ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    case json(JSONError)
    /// The artifact carries none.
    case absent
    /// A field that must be there, by its path.
    case missing(String)
    /// A field of the wrong type or outside of its range, by its path, and what is allowed.
    case invalid(String, String)
    case unknownKey(String)
    case formatVersion(Double)
    case duplicateFeature(String)
    case duplicateClass(String)
    /// Not a UCUM unit's characters.
    case unit(feature: String, unit: String)
    case notFinite(String)
    case toleranceTooWide(Double)
    case bandsOutOfOrder
    case calibrationOutOfOrder
    /// A golden row's width is not that of the features or classes.
    case goldenWidth(row: Int)
    case limit(String, max: Int)
    /// The model's own inputs, classes or outputs are not the manifest's.
    case disagrees(String)

    /// What it says to people.
    public var description: String {
        switch self {
        case .json(let error): "it can't be read: \(error)"
        case .absent: "the artifact carries none"
        case .missing(let path): "\(path) is missing"
        case .invalid(let path, let allowed): "\(path) must be \(allowed)"
        case .unknownKey(let path): "\(path) is no known key"
        case .formatVersion(let version): "format \(version) is unknown"
        case .duplicateFeature(let name): "the feature \(name) comes twice"
        case .duplicateClass(let name): "the class \(name) comes twice"
        case .unit(let feature, let unit): "the unit \(unit) of \(feature) is not UCUM"
        case .notFinite(let what): "a number of \(what) is not finite"
        case .toleranceTooWide(let tolerance):
            "goldenTolerance \(tolerance) is not above 0 and at most \(Manifest.toleranceMax)"
        case .bandsOutOfOrder: "bands must rise from 0"
        case .calibrationOutOfOrder: "the points of the calibration must rise"
        case .goldenWidth(let row):
            "golden row \(row) is not as wide as the features and the classes"
        case .limit(let what, let max): "more than \(max) \(what)"
        case .disagrees(let what): "it is not of this model: \(what)"
        }
    }

    /// What it says to the peer.
    public var refusal: Refusal {
        switch self {
        case .absent: Refusal(.unsupported, "manifest: \(self)")
        case .formatVersion: Refusal(.wrongVersion, "manifest: \(self)")
        case .limit: Refusal(.tooLarge, "manifest: \(self)")
        default: Refusal(.malformed, "manifest: \(self)")
        }
    }
}
