public import TwinCore
public import TwinStoreCore

/// What comes in at the store's door.
public enum StoreArrival: Sendable {
    /// What peers, clock and engine say to the room.
    case room(TwinRoom.Arrival)
    /// A client's question; an artifact's bytes come with a push.
    case query(TwinRoom.Peer, TwinRoom.Request, Query, attachment: [UInt8]? = nil)
}

/// What goes out at the store's door.
public enum StoreDeparture: Hashable, Sendable {
    /// The one answer to a peer's request.
    case reply(TwinRoom.Peer, TwinRoom.Request, StoreReply)
    /// A request to a worker, with its data.
    case order(TwinRoom.Peer, TwinRoom.Request, WorkOrder, deadlineMs: UInt32)
    /// For the operator; names no patient.
    case alarm(String)
}

/// What the store says to a request.
public enum StoreReply: Hashable, Sendable {
    case committed(Committed)
    /// An artifact's bytes travel beside the answer.
    case answer(Answer, attachment: [UInt8]? = nil)
    case refused(Refusal)
}

/// The door that the store speaks through.
public protocol StorePort: Sendable {
    /// Sends these; comes on any of the service's threads, and must be quick and never wait.
    func send(_ departures: [StoreDeparture])
}

/// The limits of a store's service.
public struct ServiceSettings: Hashable, Sendable {
    public var room = RoomSettings()
    /// How many observations one feature task carries, but for those of its first revision.
    public var taskObservationCountMax = 32_768
    /// How many recent observations are kept at hand, so that a task needs no reading.
    public var recentObservationCountMax = 262_144
    /// The same for features.
    public var recentFeatureCountMax = 524_288
    /// How many items a client is given at once, but for those of one revision, which stay together.
    public var pageCountMax: UInt32 = 10_000
    public var artifactByteCountMax = 1 << 30
    /// How many bytes of an artifact travel in one message.
    public var artifactPartByteCountMax = 16 << 20
    /// How many questions may wait for a reader.
    public var questionCountMax = 1024
    /// How many threads read from the engine.
    public var readerCount = 2

    public init() {}
}
