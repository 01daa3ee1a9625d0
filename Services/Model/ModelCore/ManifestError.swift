public import TwinCore
public import TwinJSON

/// Why a manifest is refused.
public enum ManifestError: Error, Hashable, Sendable {
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

    /// What it says to the peer.
    public var refusal: Refusal {
        switch self {
        case .absent: Refusal(.unsupported, "manifest: the artifact carries none")
        case .formatVersion(let version):
            Refusal(.wrongVersion, "manifest: format \(version) is unknown")
        case .limit(let what, let max):
            Refusal(.tooLarge, "manifest: more than \(max) \(what)")
        default: Refusal(.malformed, "manifest: \(self)")
        }
    }
}
