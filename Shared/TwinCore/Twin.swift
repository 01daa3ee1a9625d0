/// What is known of one patient: the answer to `show` and `as-of`.
public struct TwinState: Hashable, Sendable {
    public var id: TwinID
    public var revision: Revision
    /// The latest measured value of every code, in ascending order of code.
    public var latest: [StoredObservation]
    /// The newest feature set of each modality; empty when asked for a past revision.
    public var features: [FeatureSet]
    /// The newest assessment of each outcome.
    public var assessments: [StoredAssessment]

    public init(
        id: TwinID, revision: Revision, latest: [StoredObservation], features: [FeatureSet],
        assessments: [StoredAssessment]
    ) {
        self.id = id
        self.revision = revision
        self.latest = latest
        self.features = features
        self.assessments = assessments
    }
}

/// One line of the list of twins.
public struct TwinSummary: Hashable, Sendable {
    public var id: TwinID
    public var revision: Revision
    public var featureRevision: Revision
    public var assessedRevision: Revision
    public var lastEventTime: Instant?

    public init(
        id: TwinID, revision: Revision, featureRevision: Revision, assessedRevision: Revision,
        lastEventTime: Instant?
    ) {
        self.id = id
        self.revision = revision
        self.featureRevision = featureRevision
        self.assessedRevision = assessedRevision
        self.lastEventTime = lastEventTime
    }
}

/// Which artifact speaks for an outcome, since which epoch.
public struct Activation: Hashable, Sendable {
    public var outcome: String
    public var artifact: ArtifactID
    /// Counts the activations and rollbacks of the whole store.
    public var epoch: UInt64
    public var activatedAt: Instant

    public init(outcome: String, artifact: ArtifactID, epoch: UInt64, activatedAt: Instant) {
        self.outcome = outcome
        self.artifact = artifact
        self.epoch = epoch
        self.activatedAt = activatedAt
    }
}

/// What the store knows of an artifact.
public struct ArtifactInfo: Hashable, Sendable {
    public var id: ArtifactID
    public var outcome: String
    /// The kind of model: `forest`, `svm`, `network`, `linear`.
    public var kind: String
    public var byteCount: UInt64
    public var pushedAt: Instant

    public init(
        id: ArtifactID, outcome: String, kind: String, byteCount: UInt64, pushedAt: Instant
    ) {
        self.id = id
        self.outcome = outcome
        self.kind = kind
        self.byteCount = byteCount
        self.pushedAt = pushedAt
    }
}
