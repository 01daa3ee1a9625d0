/// How an artifact serves its outcome.
public enum ReleaseMode: UInt8, Hashable, Sendable, CaseIterable {
    /// It speaks for every twin, and takes a canary's place.
    case speaking = 0
    /// It speaks for a share of the twins, in place of the one that speaks for the others.
    case canary = 1
    /// It scores beside the one that speaks, and nobody is shown what it says.
    case shadow = 2
}

/// Why a release took place.
public enum ReleaseCause: UInt8, Hashable, Sendable, CaseIterable {
    case ordered = 1
    case rolledBack = 2
    case promoted = 3
    /// The store has ended it, because its tasks failed.
    case failed = 4
    /// The store has gone back, or ended a trial, because the output guard held answers back.
    case guarded = 5
}

/// How an artifact serves its outcome, since which epoch: one release, and a line of their history.
public struct Activation: Hashable, Sendable {
    public var outcome: String
    public var artifact: ArtifactID
    /// Counts the releases of the whole store: activations, rollbacks, canaries, shadows, their ends.
    public var epoch: UInt64
    public var activatedAt: Instant
    public var mode: ReleaseMode
    /// Of the twins, above 0 and at most 1; 1 where it is no canary.
    public var share: Double
    /// A canary or shadow that serves no longer.
    public var isEnded: Bool
    /// Nil where it is not said.
    public var cause: ReleaseCause?
    /// Who asked for it, by the name that the peer gives itself; empty where nobody did.
    public var by: String
    /// What a cause leaves open, for people; empty where nothing is.
    public var reason: String

    public init(
        outcome: String, artifact: ArtifactID, epoch: UInt64, activatedAt: Instant,
        mode: ReleaseMode = .speaking, share: Double = 1, isEnded: Bool = false,
        cause: ReleaseCause? = nil, by: String = "", reason: String = ""
    ) {
        self.outcome = outcome
        self.artifact = artifact
        self.epoch = epoch
        self.activatedAt = activatedAt
        self.mode = mode
        self.share = share
        self.isEnded = isEnded
        self.cause = cause
        self.by = by
        self.reason = reason
    }
}

/// A step of a release, as it is asked for.
public struct ReleaseOrder: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        /// The artifact speaks for every twin.
        case activate(ArtifactID)
        case shadow(ArtifactID)
        case endShadow(outcome: String)
        /// The share is above 0 and at most 1.
        case canary(ArtifactID, share: Double)
        case endCanary(outcome: String)
        /// The canary or shadow speaks for every twin.
        case promote(ArtifactID)
    }

    public var step: Step
    /// The newest epoch of the outcome that whoever asks knows of, 0 for none.
    ///
    /// With it asking again does no more than asking once; nil is for whatever is newest.
    public var after: UInt64?

    public init(_ step: Step, after: UInt64? = nil) {
        self.step = step
        self.after = after
    }
}
