public import TwinCore

/// The observations that one outbox record adds to one twin.
public struct TwinSlice: Hashable, Sendable {
    public var twin: TwinID
    /// The twin's revision that this slice makes.
    public var revision: Revision
    public var observations: [Observation]

    public init(twin: TwinID, revision: Revision, observations: [Observation]) {
        self.twin = twin
        self.revision = revision
        self.observations = observations
    }
}

/// One change of the store.
///
/// The room has decided it; the engine keeps it, whole or not at all.
public enum StoreChange: Hashable, Sendable {
    /// One outbox record, with its place: that is what makes a redelivery have no effect.
    case observations(ingest: IngestID, offset: UInt64, slices: [TwinSlice])
    case features(TwinID, FeatureSet)
    case assessments(TwinID, revision: Revision, [Assessment])
    /// What a shadow says; it is read apart, and is no part of what the twin shows.
    case shadows(TwinID, revision: Revision, [Assessment])
    /// The bytes of the artifact are kept before, by `putArtifact`.
    case artifact(ArtifactInfo)
    case activation(Activation)
    /// Takes the place of what was kept of the same artifact before.
    case drift(DriftTally)
}

/// A change with its place in the store's history.
public struct StoreRecord: Hashable, Sendable {
    /// 1 for the first change ever, then one more each.
    public var cursor: UInt64
    public var commitTime: Instant
    public var change: StoreChange

    public init(cursor: UInt64, commitTime: Instant, change: StoreChange) {
        self.cursor = cursor
        self.commitTime = commitTime
        self.change = change
    }
}

/// What the room must know of one twin to go on after a restart.
public struct TwinProgress: Hashable, Sendable {
    public var twin: TwinID
    public var revision: Revision
    public var lastEventTime: Instant?
    /// The newest features of each modality.
    public var features: [Modality: FeatureProgress]
    /// The newest assessment of each outcome.
    public var assessments: [String: AssessmentProgress]
    /// The newest that a shadow said of each outcome.
    public var shadows: [String: AssessmentProgress]
    /// Who goes on in its place, or the twin itself; nil where nothing was ever said of that.
    public var survivor: Survivor?

    public init(
        twin: TwinID, revision: Revision = 0, lastEventTime: Instant? = nil,
        features: [Modality: FeatureProgress] = [:],
        assessments: [String: AssessmentProgress] = [:],
        shadows: [String: AssessmentProgress] = [:], survivor: Survivor? = nil
    ) {
        self.twin = twin
        self.revision = revision
        self.lastEventTime = lastEventTime
        self.features = features
        self.assessments = assessments
        self.shadows = shadows
        self.survivor = survivor
    }
}

/// How far the features of one modality have come.
public struct FeatureProgress: Hashable, Sendable {
    public var revision: Revision
    /// The extractor's version.
    public var version: String

    public init(revision: Revision, version: String) {
        self.revision = revision
        self.version = version
    }
}

/// How far the assessments of one outcome have come.
public struct AssessmentProgress: Hashable, Sendable {
    public var revision: Revision
    public var artifact: ArtifactID

    public init(revision: Revision, artifact: ArtifactID) {
        self.revision = revision
        self.artifact = artifact
    }
}

/// Everything the room must know to go on after a restart.
public struct Recovery: Hashable, Sendable {
    /// The cursor of the newest durable record.
    public var cursor: UInt64
    /// The newest committed offset of every outbox.
    public var offsets: [IngestID: UInt64]
    public var twins: [TwinProgress]
    public var artifacts: [ArtifactInfo]
    /// Every release ever, in ascending order of epoch.
    public var activations: [Activation]
    /// The newest of each artifact.
    public var drifts: [DriftTally]
    public var observationCount: UInt64
    public var assessmentCount: UInt64

    public init(
        cursor: UInt64 = 0, offsets: [IngestID: UInt64] = [:], twins: [TwinProgress] = [],
        artifacts: [ArtifactInfo] = [], activations: [Activation] = [],
        drifts: [DriftTally] = [], observationCount: UInt64 = 0, assessmentCount: UInt64 = 0
    ) {
        self.cursor = cursor
        self.offsets = offsets
        self.twins = twins
        self.artifacts = artifacts
        self.activations = activations
        self.drifts = drifts
        self.observationCount = observationCount
        self.assessmentCount = assessmentCount
    }
}

/// What an engine can fail with.
public enum EngineError: Error, Hashable, Sendable {
    /// The disk refused; nothing of the call is kept.
    case storageFailed(String)
    /// What was stored is not what was written.
    case corrupted(String)
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .storageFailed(let reason): reason
        case .corrupted(let reason): "corrupted: \(reason)"
        }
    }
}

/// The one protocol through which the store keeps twins.
///
/// One room writes, in ascending order of cursor; any thread reads. A read sees every record
/// whose commit was called back, and none that was not appended.
public protocol TwinEngine: AnyObject, Sendable {
    /// What survived; asked once, before the first commit.
    func recover() throws(EngineError) -> Recovery

    /// Keeps the records, all or a prefix of them, in order. Calls back once, on a thread of the
    /// engine's own: on success all of them are durable. After a failure the engine takes no more.
    func commit(
        _ records: [StoreRecord],
        then done: @escaping @Sendable (Result<Void, EngineError>) -> Void)

    /// The twin now, or as it was at a past revision; nil if there is none.
    /// At a past revision: the observations and assessments of revisions up to it.
    func twin(_ id: TwinID, asOf revision: Revision?) throws(EngineError) -> TwinState?

    /// Twins whose identifier (the part after the authority) is this, at most two of them.
    func twins(identifier: String) throws(EngineError) -> [TwinID]

    /// In ascending order of commit revision, then of arrival within it; as many as reach the
    /// limit with their weight.
    func observations(
        of id: TwinID, after revision: Revision, through last: Revision, limit: Int
    ) throws(EngineError) -> [StoredObservation]

    /// In ascending order of revision, then outcome.
    func assessments(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment]

    /// What shadows said, as `assessments` gives what was shown.
    func shadows(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment]

    /// The newest feature set of each modality.
    func features(of id: TwinID) throws(EngineError) -> [FeatureSet]

    /// Keeps the bytes of an artifact durably, before its record is committed.
    func putArtifact(_ id: ArtifactID, bytes: [UInt8]) throws(EngineError)
    func artifactBytes(_ id: ArtifactID) throws(EngineError) -> [UInt8]?

    /// Keeps a part of an artifact that comes in several, and says how many bytes from its
    /// beginning are there.
    ///
    /// A part that leaves a gap, or that is there already, changes nothing. With the last one the
    /// hash is checked, and the artifact is kept durably; where it does not fit, all parts are
    /// forgotten and `corrupted` is thrown. A part is readable to nobody.
    func putArtifactPart(_ part: ArtifactPart, bytes: [UInt8]) throws(EngineError) -> UInt64
    /// The bytes from `offset` on, at most `count` of them; unproved: who has all proves them.
    func artifactBytes(
        _ id: ArtifactID, from offset: UInt64, count: Int
    ) throws(EngineError) -> [UInt8]?

    /// Waits for what is under way, then lets go of the files.
    func close()
}
