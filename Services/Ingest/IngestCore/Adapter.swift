public import TwinCore

/// Reads one format: bytes in, raw observations or a refusal out, and the reply in the sender's
/// own protocol.
///
/// An adapter is pure and never traps, whatever the bytes are.
public protocol Adapter: Sendable {
    var format: Format { get }

    /// Reads one input whole: the messages that it holds, in order, at least one.
    func read(_ bytes: [UInt8], channel: Channel, receivedAt: Instant) -> [ReadMessage]

    /// The reply to a message: taken, or refused.
    ///
    /// The context is what ``read(_:channel:receivedAt:)`` kept of the message; without a refusal
    /// it was taken.
    func reply(to context: [UInt8], refusal: Refusal?, at now: Instant) -> [UInt8]

    /// The one reply to an input whose messages are answered together, from the replies to each;
    /// nil where each is answered by itself.
    func reply(joining replies: [[UInt8]]) -> [UInt8]?
}

extension Adapter {
    public func reply(joining replies: [[UInt8]]) -> [UInt8]? { nil }
}

/// One message of an input, read or refused.
public struct ReadMessage: Sendable {
    public enum Content: Sendable {
        case observations(RawMessage)
        /// Can't be read; the reply says so in the sender's protocol.
        case refused(Refusal, reply: [UInt8])
        /// Read, and nothing of it has a place in a twin, or not yet: it goes to quarantine for
        /// that reason and is acknowledged. Without one another message of the input took it there.
        case setAside(Refusal?)
    }

    /// Its place in the input.
    public var inputRange: Range<Int>
    /// What a reply repeats of it.
    public var replyContext: [UInt8]
    /// The hash of the sender and of the id that it gave the message; nil where it gave none.
    public var identity: UInt64?
    /// The hash of all of its bytes.
    public var fingerprint: UInt64
    public var content: Content

    public init(
        inputRange: Range<Int>, replyContext: [UInt8], identity: UInt64?, fingerprint: UInt64,
        content: Content
    ) {
        self.inputRange = inputRange
        self.replyContext = replyContext
        self.identity = identity
        self.fingerprint = fingerprint
        self.content = content
    }
}

/// What one message says, before it is cleaned.
public struct RawMessage: Sendable {
    /// What every ``RawText`` of the message is a place in.
    public var text: [UInt8]
    /// The identifiers of each patient that the message names; more than one patient is refused.
    public var patients: [[RawIdentifier]]
    /// What it names besides: only where it names no patient, who is found by it then.
    public var things: [Binding.Thing] = []
    /// The sender, for values that name no device.
    public var source: Source
    public var observations: [RawObservation]
    /// Values that can't be kept, and why; the message is kept in quarantine because of them.
    public var refusedRows: [Refusal]

    public init(
        text: [UInt8], patients: [[RawIdentifier]], source: Source,
        observations: [RawObservation], refusedRows: [Refusal] = []
    ) {
        self.text = text
        self.patients = patients
        self.source = source
        self.observations = observations
        self.refusedRows = refusedRows
    }
}
