public import IngestDoorways
public import IngestFHIR

/// How a server listens, and what it allows each sender.
public struct HTTPSettings: Hashable, Sendable {
    public var host: String
    /// 0 lets the system choose.
    public var port: Int
    /// More connections than this are closed at once.
    public var connectionCountMax: Int
    public var bodyByteCountMax: Int
    /// Bodies that are being received take up to this many bytes together; then senders wait.
    public var bufferedByteCountMax: Int
    /// How long a connection may take to send a request, from the last answer to its last byte.
    public var requestMs: Int64
    /// How long a connection that is given up is still read, so that its answer arrives.
    public var lingerMs: Int64
    /// What `GET metadata` is answered.
    public var capabilities: [UInt8]
    /// With one, only TLS is spoken.
    public var identity: DoorwayIdentity?
    /// With these, only who has one of them is heard.
    public var tokens: SenderTokens?

    public init(
        host: String = "127.0.0.1", port: Int = 8080, connectionCountMax: Int = 256,
        bodyByteCountMax: Int = 4 << 20, bufferedByteCountMax: Int = 64 << 20,
        requestMs: Int64 = 30_000, lingerMs: Int64 = 1000, capabilities: [UInt8] = [],
        identity: DoorwayIdentity? = nil, tokens: SenderTokens? = nil
    ) {
        self.host = host
        self.port = port
        self.connectionCountMax = connectionCountMax
        self.bodyByteCountMax = bodyByteCountMax
        self.bufferedByteCountMax = bufferedByteCountMax
        self.requestMs = requestMs
        self.lingerMs = lingerMs
        self.capabilities = capabilities
        self.identity = identity
        self.tokens = tokens
    }
}

/// A request of a connection, which waits for its answer before it sends the next.
public struct HTTPInput: Hashable, Sendable {
    public var connection: UInt64
    public var request: FHIRRequest
}

/// The answer to the request of a connection.
public struct HTTPAnswer: Hashable, Sendable {
    public var connection: UInt64
    public var answer: FHIRAnswer

    public init(connection: UInt64, answer: FHIRAnswer) {
        self.connection = connection
        self.answer = answer
    }
}

/// What a server has seen since it started.
public struct HTTPCounts: ConnectionCounts, Hashable {
    public var accepted: UInt64 = 0
    /// Closed at once because there were too many.
    public var turnedAway: UInt64 = 0
    public var open: UInt64 = 0
    /// Delivered.
    public var requests: UInt64 = 0
    /// Answered by the door itself: not a request that is taken here.
    public var refused: UInt64 = 0
    /// Closed because a request did not come in time.
    public var timedOut: UInt64 = 0
    public var bufferedByteCount = 0

    public init() {}
}
