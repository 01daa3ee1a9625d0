public import TwinCore

/// How much one side of a link takes, holds and waits for.
public struct LinkLimits: Hashable, Sendable {
    /// How many unanswered requests are taken from one peer; said to it in the hello.
    public var windowCount: UInt32
    /// How many bytes of unanswered requests are taken from one peer; said to it in the hello.
    public var windowByteCount: UInt64
    /// How many bytes are held for one peer: own requests until their end, and apart from them
    /// replies until they are sent.
    public var queueByteCountMax: Int
    /// How long one frame (a body or an attachment) may be.
    public var frameByteCountMax: Int
    public var attachmentCountMax: Int
    /// How many bytes of sent replies are kept to answer a repeated request with.
    public var replyMemoryByteCountMax: Int
    /// After how much silence of its own a side says that it is alive.
    public var heartbeatMs: Int
    /// After how much silence of the peer it counts as lost.
    public var silenceMsMax: Int
    /// For how long a peer may take nothing of what waits for it.
    public var stallMsMax: Int
    /// After how long an unanswered request is sent again; doubled each time.
    public var resendMsFirst: Int
    public var resendMsMax: Int
    /// How many peers a listener has at once.
    public var peerCountMax: Int
    /// How many unreadable messages a peer may send before it is dropped.
    public var garbageCountMax: Int
    #if DEBUG
    package var plantedBug: PlantedBug?
    #endif

    public init(
        windowCount: UInt32 = 1024, windowByteCount: UInt64 = 64 << 20,
        queueByteCountMax: Int = 64 << 20, frameByteCountMax: Int = 16 << 20,
        attachmentCountMax: Int = 64, replyMemoryByteCountMax: Int = 4 << 20,
        heartbeatMs: Int = 1000, silenceMsMax: Int = 5000, stallMsMax: Int = 30_000,
        resendMsFirst: Int = 1000, resendMsMax: Int = 30_000, peerCountMax: Int = 1024,
        garbageCountMax: Int = 16
    ) {
        self.windowCount = windowCount
        self.windowByteCount = windowByteCount
        self.queueByteCountMax = queueByteCountMax
        self.frameByteCountMax = frameByteCountMax
        self.attachmentCountMax = attachmentCountMax
        self.replyMemoryByteCountMax = replyMemoryByteCountMax
        self.heartbeatMs = heartbeatMs
        self.silenceMsMax = silenceMsMax
        self.stallMsMax = stallMsMax
        self.resendMsFirst = resendMsFirst
        self.resendMsMax = resendMsMax
        self.peerCountMax = peerCountMax
        self.garbageCountMax = garbageCountMax
    }

    /// What holding one request or reply costs beside its bytes.
    static let overheadByteCount = 128

    /// Whether every frame of the payload may travel.
    func takes(_ payload: Payload) -> Bool {
        payload.body.count <= frameByteCountMax
            && payload.attachments.count <= attachmentCountMax
            && payload.attachments.allSatisfy { $0.count <= frameByteCountMax }
    }
}

#if DEBUG
/// Mistakes that the tests must find.
package enum PlantedBug: Hashable, Sendable {
    /// A request is sent once only.
    case noResend
    /// A late answer to a peer's former life passes for the answer to its new request.
    case staleAnswer
    /// A listener with CURVE does not insist on an answer of its access handler.
    case unenforcedAccess
}
#endif

/// Why a request has no reply, or a link is down.
public enum LinkFailure: Error, Hashable, Sendable {
    /// Nothing was heard of the peer for too long.
    case silent
    /// The peer came back without memory of what was before.
    case restarted
    /// One of the two sides closed the link.
    case closed
    /// The peer took nothing of what waited for it.
    case stalled
    /// The transport says that the peer is gone.
    case unreachable
    /// The request's deadline passed.
    case expired
    /// Too much waits for the peer already: nothing was kept, try again later.
    case overloaded
    /// A frame is longer, or the frames are more, than the link takes.
    case tooLarge
    /// The correlation is that of a request that is still open.
    case repeated
    /// The peer won't have it, and says why.
    case refused(Refusal)
}

extension LinkFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .silent: "nothing is heard of it"
        case .restarted: "it has started anew"
        case .closed: "the link was closed"
        case .stalled: "it takes nothing"
        case .unreachable: "it is gone"
        case .expired: "no answer came in time"
        case .overloaded: "too much waits for it already"
        case .tooLarge: "a message is longer than the link takes"
        case .repeated: "the request is open already"
        case .refused(let refusal): refusal.description
        }
    }
}

extension Instant {
    /// Saturates at the end of the representable range.
    func adding(milliseconds: Int) -> Instant {
        let (product, productOverflow) = Int64(milliseconds).multipliedReportingOverflow(by: 1000)
        let (sum, sumOverflow) = microsecondsSinceEpoch.addingReportingOverflow(product)
        return Instant(microsecondsSinceEpoch: productOverflow || sumOverflow ? .max : sum)
    }
}
