public import IngestDoorways
public import IngestHL7

/// How a server listens, and what it allows each sender.
public struct MLLPSettings: Hashable, Sendable {
    public var host: String
    /// 0 lets the system choose.
    public var port: Int
    /// More connections than this are closed at once.
    public var connectionCountMax: Int
    public var frameByteCountMax: Int
    /// Bytes outside of frames that are skipped before a connection is given up.
    public var noiseByteCountMax: Int
    /// How many frames of one connection may wait for their answers; then it is not read on.
    public var unansweredCountMax: Int
    /// How long a connection may say nothing.
    public var idleMs: Int64
    /// How long a frame may take from its first byte to its last.
    public var frameMs: Int64
    /// How long a connection that is given up is still read, so that its answer arrives.
    public var lingerMs: Int64
    /// With one, only TLS is spoken, with senders whose certificate is accepted.
    public var identity: DoorwayIdentity?

    public init(
        host: String = "127.0.0.1", port: Int = 2575, connectionCountMax: Int = 256,
        frameByteCountMax: Int = 1 << 20, noiseByteCountMax: Int = 1 << 16,
        unansweredCountMax: Int = 64, idleMs: Int64 = 300_000, frameMs: Int64 = 10_000,
        lingerMs: Int64 = 1000, identity: DoorwayIdentity? = nil
    ) {
        self.host = host
        self.port = port
        self.connectionCountMax = connectionCountMax
        self.frameByteCountMax = frameByteCountMax
        self.noiseByteCountMax = noiseByteCountMax
        self.unansweredCountMax = unansweredCountMax
        self.idleMs = idleMs
        self.frameMs = frameMs
        self.lingerMs = lingerMs
        self.identity = identity
    }
}

/// What a connection brought.
public struct MLLPInput: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        case frame([UInt8])
        /// The connection can't be read on. Only `oversized` is answered before it is closed.
        case fault(MLLPFramer.Fault, head: [UInt8])
    }

    public var connection: UInt64
    public var content: Content

    public init(connection: UInt64, content: Content) {
        self.connection = connection
        self.content = content
    }
}

/// One answer to a connection.
public struct MLLPAnswer: Hashable, Sendable {
    public var connection: UInt64
    /// The message, without its frame.
    public var bytes: [UInt8]

    public init(connection: UInt64, bytes: [UInt8]) {
        self.connection = connection
        self.bytes = bytes
    }
}

/// What a server has seen since it started.
public struct MLLPCounts: ConnectionCounts, Hashable {
    public var accepted: UInt64 = 0
    /// Closed at once because there were too many.
    public var turnedAway: UInt64 = 0
    public var open: UInt64 = 0
    public var frames: UInt64 = 0
    public var faults: UInt64 = 0
    /// Closed because they said nothing, or did not end a frame.
    public var timedOut: UInt64 = 0
    public var answers: UInt64 = 0

    public init() {}
}
