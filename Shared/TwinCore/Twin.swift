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
    /// The newest revision that brought a correction or a withdrawal; nil where none did.
    public var amendedRevision: Revision?
    /// The devices that send regularly, or did, by name; empty when asked for a past revision.
    public var links: [DeviceLink]

    public init(
        id: TwinID, revision: Revision, latest: [StoredObservation], features: [FeatureSet],
        assessments: [StoredAssessment], amendedRevision: Revision? = nil,
        links: [DeviceLink] = []
    ) {
        self.id = id
        self.revision = revision
        self.latest = latest
        self.features = features
        self.assessments = assessments
        self.amendedRevision = amendedRevision
        self.links = links
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

/// What the store knows of an artifact.
public struct ArtifactInfo: Hashable, Sendable {
    public var id: ArtifactID
    public var outcome: String
    /// The kind of model: `forest`, `svm`, `network`, `linear`.
    public var kind: String
    public var byteCount: UInt64
    public var pushedAt: Instant
    /// Nil: nobody answers for it.
    public var signature: ArtifactSignature?
    /// The peer that pushed it first, by the name it gives itself; empty where it is not known.
    public var pushedBy: String
    /// What its inputs and answers were like when it was trained; nil where it does not say, and in
    /// lists.
    public var reference: DriftReference?
    /// Why it was barred last, pardoned by now or not; nil where it never was.
    public var bar: ArtifactBar?

    public init(
        id: ArtifactID, outcome: String, kind: String, byteCount: UInt64, pushedAt: Instant,
        signature: ArtifactSignature? = nil, pushedBy: String = "",
        reference: DriftReference? = nil, bar: ArtifactBar? = nil
    ) {
        self.id = id
        self.outcome = outcome
        self.kind = kind
        self.byteCount = byteCount
        self.pushedAt = pushedAt
        self.signature = signature
        self.pushedBy = pushedBy
        self.reference = reference
        self.bar = bar
    }

    /// Whether it may not serve until an operator pardons it.
    public var isBarred: Bool { bar.map { $0.pardonedAt == nil } ?? false }
}

/// That an artifact may not serve, because its answers were not valid.
public struct ArtifactBar: Hashable, Sendable {
    public var at: Instant
    public var reason: String
    /// Nil while it is barred.
    public var pardonedAt: Instant?
    /// The peer that pardoned it, by the name it gives itself.
    public var pardonedBy: String

    public init(
        at: Instant, reason: String, pardonedAt: Instant? = nil, pardonedBy: String = ""
    ) {
        self.at = at
        self.reason = reason
        self.pardonedAt = pardonedAt
        self.pardonedBy = pardonedBy
    }
}

/// Who answers for an artifact: a detached Ed25519 signature, as it came.
///
/// Whether it fits, and whether its maker is trusted, is for `TwinSigning` to say.
public struct ArtifactSignature: Hashable, Sendable {
    /// The public key: 64 lower-case hexadecimal digits, if it is one.
    public var key: String
    /// 128 lower-case hexadecimal digits, if it is a signature.
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// Which part of which artifact some bytes are.
public struct ArtifactPart: Hashable, Sendable {
    public var artifact: ArtifactID
    /// Of the whole artifact.
    public var byteCount: UInt64
    /// Where the part begins.
    public var offset: UInt64

    public init(artifact: ArtifactID, byteCount: UInt64, offset: UInt64) {
        self.artifact = artifact
        self.byteCount = byteCount
        self.offset = offset
    }

    /// How many bytes travel at once: a frame takes 16 MiB.
    public static let byteCountMax: UInt32 = 4 << 20
}

/// Some of an artifact's bytes: those from `offset` on, at most `byteCountMax` of them.
public struct ArtifactRange: Hashable, Sendable {
    public var offset: UInt64
    public var byteCountMax: UInt32

    public init(offset: UInt64, byteCountMax: UInt32 = ArtifactPart.byteCountMax) {
        self.offset = offset
        self.byteCountMax = byteCountMax
    }
}
