/// Where a process listens.
public struct ListenerID: Hashable, Sendable {
    public let number: UInt64

    public init(number: UInt64) { self.number = number }
}

/// A peer of this process; never used again for another one.
public struct PeerID: Hashable, Sendable {
    public let number: UInt64
    /// Where it came in; nil for a peer that this side connects to.
    public let listener: ListenerID?

    public init(number: UInt64, listener: ListenerID? = nil) {
        self.number = number
        self.listener = listener
    }
}

/// What a service asks of its links.
public enum HubCommand: Hashable, Sendable {
    /// Ends in exactly one `reply` or `failed` of the same correlation, which must not be 0.
    case request(
        PeerID, Payload, correlation: UInt64, deadlineMs: UInt32 = 0, trace: UInt64 = 0)
    /// Answers the request that came with this correlation.
    case reply(PeerID, correlation: UInt64, Payload)
    case close(PeerID)
}

/// What its links tell a service.
public enum HubEvent: Hashable, Sendable {
    /// A peer that listens may come up again after a `down`; one that connected to us may not: it
    /// comes back as another peer.
    case up(PeerID, Hello)
    case request(PeerID, correlation: UInt64, deadlineMs: UInt32, trace: UInt64, Payload)
    case reply(PeerID, correlation: UInt64, Payload)
    case failed(PeerID, correlation: UInt64, LinkFailure)
    /// Also said once when a peer that we connect to does not answer from the start.
    case down(PeerID, LinkFailure)

    init(_ peer: PeerID, _ event: LinkSession.Event) {
        switch event {
        case .up(let hello): self = .up(peer, hello)
        case .request(let correlation, let deadlineMs, let trace, let payload):
            self = .request(
                peer, correlation: correlation, deadlineMs: deadlineMs, trace: trace, payload)
        case .reply(let correlation, let payload):
            self = .reply(peer, correlation: correlation, payload)
        case .failed(let correlation, let failure):
            self = .failed(peer, correlation: correlation, failure)
        case .down(let failure): self = .down(peer, failure)
        }
    }
}
