public import TwinCore

/// What a peer says of itself when it connects, and how much it takes at once.
public struct Hello: Hashable, Sendable {
    /// Who it is, for people and for the list of peers.
    public var name: String
    /// `ingest`, `feature-vitals`, `model`, `store`, `device`, `client`.
    public var role: String
    /// The version of its software.
    public var version: String
    /// How many unanswered requests it takes at once.
    public var windowCount: UInt32
    /// How many bytes of unanswered requests it takes at once.
    public var windowByteCount: UInt64

    public init(
        name: String, role: String, version: String, windowCount: UInt32, windowByteCount: UInt64
    ) {
        self.name = name
        self.role = role
        self.version = version
        self.windowCount = windowCount
        self.windowByteCount = windowByteCount
    }
}

/// The first frame of every message on a link.
public struct LinkHeader: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// Opens a session; carries `hello`.
        case hello = 1
        /// Answers a hello; carries `hello`.
        case welcome = 2
        /// Asks for something; answered by one reply of the same correlation.
        case request = 3
        case reply = 4
        case heartbeat = 5
        case goodbye = 6
        /// The peer can't be talked to, or the message not be taken; carries `refusal`.
        case reject = 7
    }

    /// The wire's version; a greater major is refused.
    public static let wireMajor: UInt32 = 1
    public static let wireMinor: UInt32 = 0

    public var major: UInt32
    public var minor: UInt32
    public var kind: Kind
    /// Chosen anew by the sender each time that it opens a link; a reply, or a reject of one
    /// request, names the asker's.
    public var session: UInt64
    /// Chosen by who asks or greets; repeated in the reply, reject or welcome; else 0.
    public var correlation: UInt64
    /// What the body is; the link does not look into it.
    public var subject: UInt32
    /// How much time is left to answer, in milliseconds; 0 means no deadline.
    public var deadlineMs: UInt32
    /// Follows one input through all services; 0 means none.
    public var trace: UInt64
    public var hello: Hello?
    public var refusal: Refusal?

    public init(
        kind: Kind, session: UInt64, correlation: UInt64 = 0, subject: UInt32 = 0,
        deadlineMs: UInt32 = 0, trace: UInt64 = 0, hello: Hello? = nil, refusal: Refusal? = nil
    ) {
        self.major = LinkHeader.wireMajor
        self.minor = LinkHeader.wireMinor
        self.kind = kind
        self.session = session
        self.correlation = correlation
        self.subject = subject
        self.deadlineMs = deadlineMs
        self.trace = trace
        self.hello = hello
        self.refusal = refusal
    }
}

/// What one side tells the other: one frame of a known subject, and raw frames beside it.
public struct Payload: Hashable, Sendable {
    public var subject: UInt32
    public var body: [UInt8]
    /// Pixels, waveforms, artifacts: never copied into the body.
    public var attachments: [[UInt8]]

    public init(subject: UInt32, body: [UInt8], attachments: [[UInt8]] = []) {
        self.subject = subject
        self.body = body
        self.attachments = attachments
    }

    public var byteCount: Int { attachments.reduce(body.count) { $0 + $1.count } }
}

/// One message on a link.
public struct LinkMessage: Hashable, Sendable {
    public var header: LinkHeader
    /// Empty unless the header is a request's or a reply's.
    public var payload: Payload

    public init(_ header: LinkHeader, _ payload: Payload = Payload(subject: 0, body: [])) {
        self.header = header
        self.payload = payload
    }
}
