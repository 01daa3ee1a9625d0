import TwinCore

/// Where the room keeps the twin: its place in the order in which twins came.
typealias TwinIndex = Int32

extension Role {
    static let count = 4
    static let modelIndex = 3

    /// Its place among the pools, and in what the room knows of a twin.
    var index: Int {
        switch self {
        case .feature(let modality): modality.index
        case .model: Role.modelIndex
        }
    }

    /// The modality of a feature role's index; nil for the model's.
    static func modality(at index: Int) -> Modality? { Modality(rawValue: UInt8(index) + 1) }

    static func name(at index: Int) -> String {
        modality(at: index).map { Role.feature($0).name } ?? Role.model.name
    }
}

extension Modality {
    var index: Int { Int(rawValue) - 1 }
}

/// How far one twin has come with one role's workers.
struct Progress: Sendable {
    /// The data revision of the newest features, or assessments.
    var revision: Revision = 0
    /// What the holder's state of the twin has come to.
    var heldRevision: Revision = 0
    /// The worker that had the twin last; while failures count, the one that failed.
    var holder: TwinRoom.Peer?
    /// The extractor's version, as the room numbers it.
    var version: UInt16 = 0
    /// Failures since the last success; at the maximum the twin is poisoned.
    var failureCount: UInt8 = 0
    var isQueued = false
    var isInFlight = false
}

/// What the room knows of one twin.
struct TwinEntry: Sendable {
    let id: TwinID
    var revision: Revision = 0
    var lastEventTime: Instant?
    /// Counts the feature sets: assessments are behind where it has gone on.
    var featureSerial: UInt32 = 0
    var assessedSerial: UInt32 = 0
    /// Every artifact that was active in this epoch has assessed the twin.
    var assessedEpoch: UInt64 = 0
    private var vitals = Progress()
    private var imaging = Progress()
    private var genome = Progress()
    private var model = Progress()

    init(_ id: TwinID) { self.id = id }

    /// The progress with the role of that index.
    subscript(role: Int) -> Progress {
        get {
            switch role {
            case Modality.vitals.index: vitals
            case Modality.imaging.index: imaging
            case Modality.genome.index: genome
            default: model
            }
        }
        _modify {
            switch role {
            case Modality.vitals.index: yield &vitals
            case Modality.imaging.index: yield &imaging
            case Modality.genome.index: yield &genome
            default: yield &model
            }
        }
    }

    /// The newest data revision that features were made from.
    var featureRevision: Revision { max(vitals.revision, imaging.revision, genome.revision) }

    var summary: TwinSummary {
        TwinSummary(
            id: id, revision: revision, featureRevision: featureRevision,
            assessedRevision: model.revision, lastEventTime: lastEventTime)
    }
}
