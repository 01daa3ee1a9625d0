/// What a worker can do.
public enum Role: Hashable, Sendable {
    case feature(Modality)
    case model

    public var name: String {
        switch self {
        case .feature(let modality): "feature-\(modality.name)"
        case .model: "model"
        }
    }
}

/// A worker says that it takes tasks; said again after every reconnect.
public struct Ready: Hashable, Sendable {
    public var role: Role
    /// The version of the extractor or scorer; features of an older one are made again.
    public var version: String
    /// How many tasks it takes at once.
    public var credits: UInt32

    public init(role: Role, version: String, credits: UInt32) {
        self.role = role
        self.version = version
        self.credits = credits
    }
}

/// Turn a twin's changed slice into features.
public struct FeatureTask: Hashable, Sendable {
    public var twin: TwinID
    public var modality: Modality
    /// `observations` are those committed after this revision; 0 means all of them.
    public var fromRevision: Revision
    public var toRevision: Revision
    public var observations: [Observation]

    public init(
        twin: TwinID, modality: Modality, fromRevision: Revision, toRevision: Revision,
        observations: [Observation]
    ) {
        self.twin = twin
        self.modality = modality
        self.fromRevision = fromRevision
        self.toRevision = toRevision
        self.observations = observations
    }
}

/// Turn a twin's features into assessments, one for each named artifact.
public struct ModelTask: Hashable, Sendable {
    public var twin: TwinID
    /// The data revision that the features were made from.
    public var revision: Revision
    /// The activation epoch that `artifacts` belong to.
    public var epoch: UInt64
    public var artifacts: [ArtifactID]
    public var features: [FeatureSet]

    public init(
        twin: TwinID, revision: Revision, epoch: UInt64, artifacts: [ArtifactID],
        features: [FeatureSet]
    ) {
        self.twin = twin
        self.revision = revision
        self.epoch = epoch
        self.artifacts = artifacts
        self.features = features
    }
}

/// Fetch, verify, compile and prove artifacts before they are asked to score.
public struct PrepareTask: Hashable, Sendable {
    public var artifacts: [ArtifactID]

    public init(artifacts: [ArtifactID]) { self.artifacts = artifacts }
}

/// What the store asks of a worker.
public enum WorkOrder: Hashable, Sendable {
    case features(FeatureTask)
    case assess(ModelTask)
    case prepare(PrepareTask)
}

/// What a worker answers to a work order.
public enum WorkResult: Hashable, Sendable {
    case features(TwinID, FeatureSet)
    case assessments(TwinID, revision: Revision, epoch: UInt64, [Assessment])
    case prepared([ArtifactID])
    case failed(Refusal)
}
