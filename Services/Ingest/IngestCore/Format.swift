/// A format of inputs, by its short name: `hl7`.
public struct Format: Hashable, Sendable, CustomStringConvertible {
    public let name: String

    public init(_ name: String) { self.name = name }

    public var description: String { name }
}

/// Who sent an input: one connection of one listener.
public struct Peer: Hashable, Sendable {
    /// Which listener: an index into the room's channels.
    public var channel: UInt16
    public var connection: UInt64

    public init(channel: UInt16 = 0, connection: UInt64) {
        self.channel = channel
        self.connection = connection
    }
}

/// What is configured for the senders of one listener.
public struct Channel: Hashable, Sendable {
    /// Minutes east of UTC of times that are sent without a zone; nil where nobody has said.
    public var zoneOffsetMinutes: Int?
    /// The authority of patient identifiers that are sent without one.
    public var assigningAuthority: String?
    /// Whether an identifier that has no authority at all names nobody.
    public var needsAuthority = false
    /// Whether messages marked as training or debugging are taken; production keeps this false.
    public var acceptsTestMessages: Bool

    /// The character set of text that is no UTF-8 and does not say what it is; nil refuses it.
    public var charset: SingleByteCharset?

    public init(
        zoneOffsetMinutes: Int? = nil, assigningAuthority: String? = nil,
        acceptsTestMessages: Bool = false, charset: SingleByteCharset? = .latin1
    ) {
        self.zoneOffsetMinutes = zoneOffsetMinutes
        self.assigningAuthority = assigningAuthority
        self.acceptsTestMessages = acceptsTestMessages
        self.charset = charset
    }
}
