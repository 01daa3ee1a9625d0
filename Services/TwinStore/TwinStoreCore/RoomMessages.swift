public import TwinCore

extension TwinRoom {
    /// A connection, as the door numbers it; a number is never given twice.
    public typealias Peer = UInt64
    /// A request of one peer, or an order to it.
    public typealias Request = UInt64

    /// What comes in through the door.
    public enum Arrival: Sendable {
        /// Who a peer is, for the status.
        case introduced(Peer, name: String, role: String, version: String)
        /// A worker takes tasks; said again, it changes its credits.
        case connected(Peer, Ready)
        case disconnected(Peer)
        case commit(Peer, Request, Commit)
        case result(Peer, Request, WorkResult)
        /// An order that no result will come of: the link failed, or the deadline passed.
        case failed(Peer, Request, Refusal)
        /// An order that could not be made as it was sketched, because the twin has moved on.
        case withdrawn(Peer, Request)
        /// Every record up to and including this cursor is durable.
        case durable(UInt64)
        /// The engine takes no more.
        case storageFailed(String)
        /// A new artifact, whose bytes the engine keeps already.
        case push(Peer, Request, ArtifactInfo)
        case activate(Peer, Request, ArtifactID)
        case release(Peer, Request, ReleaseOrder)
        /// Undoes the epoch, or whatever speaks where none is named.
        case rollback(Peer, Request, outcome: String, undoing: UInt64? = nil)
        /// Asks for the changes after `cursor`, of one twin or of all; answered once there are some.
        case watch(Peer, Request, cursor: UInt64, twin: TwinID?)
        case unwatch(Peer, twin: TwinID?)
        /// The operator wants the twin's tasks tried again.
        case pardon(TwinID)
        /// The operator lets an artifact serve again that was barred.
        case pardonArtifact(Peer, Request, ArtifactID)
        /// What was heard of a twin's devices before this room began.
        case heard(TwinID, [Hearing])
        /// The time of day, which stamps records, and a clock that only goes forward, which ends tasks.
        case tick(at: Instant, uptimeMs: UInt64)
    }

    /// What must happen because of it.
    public enum Departure: Hashable, Sendable {
        /// Commit these, in order, and call back with ``Arrival/durable(_:)``.
        ///
        /// At most one of a batch, and the first of its departures.
        case append([StoreRecord])
        case committed(Peer, Request, Committed)
        case refuse(Peer, Request, Refusal)
        case order(Peer, Request, WorkOrderSketch, deadlineMs: UInt32)
        case prepare(Peer, Request, [ArtifactID], deadlineMs: UInt32)
        /// In ascending order of cursor, all changes of one cursor together.
        ///
        /// None where another request of the peer has taken this one's place.
        case changes(Peer, Request, [Change])
        case stored(Peer, Request, ArtifactInfo)
        case activated(Peer, Request, Activation)
        /// For the operator; names no patient.
        case alarm(String)
    }
}

/// A work order without its data, which the service adds.
public enum WorkOrderSketch: Hashable, Sendable {
    /// Observations after `from` up to and including `to`; from 0 means all of them.
    ///
    /// A service that stops at an earlier revision says so in the order: the result names it.
    case features(TwinID, Modality, from: Revision, to: Revision)
    /// The newest features, appended ones included, `revision` the newest among them.
    case assess(TwinID, revision: Revision, epoch: UInt64, artifacts: [ArtifactID])
}

/// The limits and habits of a room.
public struct RoomSettings: Hashable, Sendable {
    /// The store's own version, for the status.
    public var version = ""
    /// The modalities whose features are made of observations.
    public var modalities: [Modality] = [.vitals]
    public var taskDeadlineMs: UInt32 = 10_000
    /// How long a shadow may take for one twin.
    public var shadowDeadlineMs: UInt32 = 2000
    /// How many failures in a row end a shadow.
    public var shadowFailureCountMax = 5
    public var prepareDeadlineMs: UInt32 = 60_000
    /// How many failures of one task poison it.
    public var failureCountMax: UInt8 = 3
    /// How many answers of an artifact the output guard holds back before it is barred.
    public var guardTripCountMax = 3
    /// How often what drifts is kept: a crash loses so much of it.
    public var driftKeepMs: UInt64 = 60_000
    public var peerCountMax = 4096
    public var creditCountMax: UInt32 = 1024
    public var ingestCountMax = 1024
    public var twinCountMax = 4_000_000
    public var artifactCountMax = 4096
    public var recordCountMaxPerCommit = 65_536
    /// How many observations may be appended and not yet durable.
    public var pendingObservationCountMax = 1_048_576
    /// How many features and assessments may be appended and not yet durable before no more are
    /// ordered.
    public var pendingResultCountMax = 2048
    /// How many answers may wait for the disk.
    public var pendingAnswerCountMax = 65_536
    public var watcherCountMax = 1024
    /// How many recent changes a watcher can catch up with.
    public var recentChangeCountMax = 65_536
    /// How many coalesced changes may wait for a watcher to ask again.
    public var backlogCountMax = 65_536
    /// How many features or assessments one result may carry.
    public var resultCountMax = 4096
    /// How many silent links the status tells.
    public var silentLinkCountMax = 100
    #if DEBUG
    package var planted: PlantedBug?
    #endif

    public init() {}
}

#if DEBUG
/// Bugs that can be planted, so that the tests that guard against them can be seen to fail.
package enum PlantedBug: String, Sendable {
    case acknowledgeBeforeDurable
    case noDeduplication
    case mixedEpochs
    /// The store does not see what the output guard held back.
    case blindToGuard
}
#endif
