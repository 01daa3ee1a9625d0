/// What a client asks of the store.
///
/// Every query may be asked again without harm.
public enum Query: Hashable, Sendable {
    case status
    /// Twins in ascending order of id, after `after`.
    case twins(after: TwinID?, limit: UInt32)
    /// A twin by its id, or by its identifier where only one twin has it; nil revision means now.
    case twin(id: TwinID, asOf: Revision?)
    /// Observations in ascending order of commit revision, after `afterRevision`.
    case history(id: TwinID, code: Code?, afterRevision: Revision, limit: UInt32)
    /// Assessments in ascending order of revision, after `afterRevision`.
    case assessments(id: TwinID, afterRevision: Revision, limit: UInt32)
    /// Changes after `cursor`, as they come; answered by a stream of ``Answer/changes(_:)``.
    case watch(cursor: UInt64, twin: TwinID?)
    case artifacts
    /// The whole artifact, or some of its bytes.
    case artifact(ArtifactID, ArtifactRange? = nil)
    /// A new artifact: the bytes travel as an attachment, all of them or a part.
    case push(
        outcome: String, kind: String, signature: ArtifactSignature? = nil,
        part: ArtifactPart? = nil, reference: DriftReference? = nil)
    case activate(ArtifactID)
    /// Back to the artifact that spoke for the outcome before `undoing`, or before whatever speaks.
    case rollback(outcome: String, undoing: UInt64? = nil)
    case release(ReleaseOrder)
    /// Every release there was, of one outcome or of all, in order.
    case releases(outcome: String?)
    /// What shadows said of a twin; as for assessments.
    case shadows(id: TwinID, afterRevision: Revision, limit: UInt32)
    /// Lets the twin's tasks that were given up be tried once more.
    case pardon(TwinID)
    /// Lets an artifact serve again that was barred.
    case pardonArtifact(ArtifactID)
    /// How far what models are given, and what they say, has gone from their training.
    case drift(outcome: String?)
}

/// One committed change, told to watchers.
public struct Change: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case observations = 1
        case features = 2
        case assessments = 3
    }

    /// Rises with every change of the store.
    public var cursor: UInt64
    public var twin: TwinID
    public var kind: Kind
    public var revision: Revision
    /// The committed assessments; empty for other kinds.
    public var assessments: [StoredAssessment]

    public init(
        cursor: UInt64, twin: TwinID, kind: Kind, revision: Revision,
        assessments: [StoredAssessment] = []
    ) {
        self.cursor = cursor
        self.twin = twin
        self.kind = kind
        self.revision = revision
        self.assessments = assessments
    }
}

/// What the store says of a connected peer.
public struct PeerStatus: Hashable, Sendable {
    public var name: String
    /// `ingest`, `feature-vitals`, `model`, `client`.
    public var role: String
    public var version: String
    public var credits: UInt32
    public var inFlight: UInt32
    /// Requests it has completed since it connected.
    public var completed: UInt64

    public init(
        name: String, role: String, version: String, credits: UInt32, inFlight: UInt32,
        completed: UInt64
    ) {
        self.name = name
        self.role = role
        self.version = version
        self.credits = credits
        self.inFlight = inFlight
        self.completed = completed
    }
}

/// The store's own account of itself.
public struct StoreStatus: Hashable, Sendable {
    public var version: String
    public var upSeconds: UInt64
    public var twinCount: UInt64
    public var observationCount: UInt64
    public var assessmentCount: UInt64
    /// Twins whose features or assessments are behind their data.
    public var dueCount: UInt64
    /// Tasks given up after repeated failures.
    public var poisonedCount: UInt64
    public var cursor: UInt64
    public var activations: [Activation]
    /// Canaries and shadows that serve now.
    public var trials: [Activation]
    /// Outcomes of which what a model is given, or what it says, has changed much since its training.
    public var drifted: [String]
    public var peers: [PeerStatus]
    /// Devices that send values of a patient regularly, or did.
    public var linkCount: UInt64
    /// How many of them are silent.
    public var silentLinkCount: UInt64
    /// The silent ones, those silent for longest first: as many as are told.
    public var silentLinks: [SilentLink]

    public init(
        version: String, upSeconds: UInt64, twinCount: UInt64, observationCount: UInt64,
        assessmentCount: UInt64, dueCount: UInt64, poisonedCount: UInt64, cursor: UInt64,
        activations: [Activation], trials: [Activation] = [],
        drifted: [String] = [], peers: [PeerStatus], linkCount: UInt64 = 0,
        silentLinkCount: UInt64 = 0, silentLinks: [SilentLink] = []
    ) {
        self.version = version
        self.upSeconds = upSeconds
        self.twinCount = twinCount
        self.observationCount = observationCount
        self.assessmentCount = assessmentCount
        self.dueCount = dueCount
        self.poisonedCount = poisonedCount
        self.cursor = cursor
        self.activations = activations
        self.trials = trials
        self.drifted = drifted
        self.peers = peers
        self.linkCount = linkCount
        self.silentLinkCount = silentLinkCount
        self.silentLinks = silentLinks
    }
}

/// What the store answers.
public enum Answer: Hashable, Sendable {
    case status(StoreStatus)
    case twins([TwinSummary])
    case twin(TwinState)
    case history([StoredObservation])
    case assessments([StoredAssessment])
    case changes([Change])
    case artifacts([ArtifactInfo], active: [Activation])
    /// The bytes travel as an attachment.
    case artifact(ArtifactInfo)
    case activated(Activation)
    /// The store has so many bytes of an artifact: go on from there.
    case progress(ArtifactID, byteCount: UInt64)
    /// In ascending order of epoch.
    case releases([Activation])
    /// In ascending order of outcome, what speaks before what is tried.
    case drift([DriftReport])
    case refused(Refusal)
}
