public import TwinCore

/// An input that was refused, or that was taken without some of its values.
///
/// It can be looked at, and given to the room again after a fix.
public struct QuarantineEntry: Hashable, Sendable {
    public var format: Format
    public var peer: Peer
    public var receivedAt: Instant
    public var reason: Refusal
    /// Whether its sender was told that it is taken, and so won't send it again.
    public var isAcknowledged: Bool
    /// The same for the same bytes: a sender that repeats a refused message needs one entry.
    public var fingerprint: UInt64
    /// As received.
    public var bytes: [UInt8]

    public init(
        format: Format, peer: Peer, receivedAt: Instant, reason: Refusal, isAcknowledged: Bool,
        fingerprint: UInt64, bytes: [UInt8]
    ) {
        self.format = format
        self.peer = peer
        self.receivedAt = receivedAt
        self.reason = reason
        self.isAcknowledged = isAcknowledged
        self.fingerprint = fingerprint
        self.bytes = bytes
    }
}
