import DequeModule
public import TwinCore

/// One side of a link to one peer: requests and replies in both directions.
///
/// A request is delivered at least once, until its reply, its deadline or the loss of the peer;
/// everything above must bear a repeat. The connecting side keeps its requests while the link is
/// down; the listening side fails them at once, so that the work can go elsewhere, and ends.
/// Time is a monotonic instant that arrives.
public struct LinkSession: Sendable {
    public enum Event: Hashable, Sendable {
        case up(Hello)
        /// To be answered by `reply` with the same correlation, which is this side's own number
        /// for the peer's request.
        case request(correlation: UInt64, deadlineMs: UInt32, trace: UInt64, Payload)
        case reply(correlation: UInt64, Payload)
        case failed(correlation: UInt64, LinkFailure)
        case down(LinkFailure)
    }

    enum State: Hashable, Sendable {
        /// Connecting: says hello until it is welcomed; `isTold` when a `down` was said.
        case greeting(helloAt: Instant, since: Instant, isTold: Bool)
        /// Listening: has heard no hello yet.
        case awaiting
        case up(Hello, session: UInt64)
        /// Closed, but for what the peer must still be told.
        case closing
    }

    /// What waits to be said about the link itself; beyond it nothing more is said.
    static let controlCountMax = 16

    let own: Hello
    let isConnecting: Bool
    let session: UInt64
    let limits: LinkLimits
    var state: State
    var asked: OpenRequests
    var taken: TakenRequests
    var control = Deque<LinkHeader>()
    var heardAt: Instant
    var saidAt: Instant
    /// Since when something has waited that the transport does not take.
    var waitingSince: Instant?
    var helloCount: UInt64 = 0
    /// A welcome to an older hello is none.
    var helloCountFirst: UInt64 = 1
    /// Whose requests `taken` holds.
    var lastPeerSession: UInt64?
    var garbageCount = 0

    /// `session` must be new each time; the window in `own` is set from the limits.
    public init(own: Hello, connecting: Bool, session: UInt64, limits: LinkLimits, at now: Instant)
    {
        var own = own
        own.windowCount = limits.windowCount
        own.windowByteCount = limits.windowByteCount
        self.own = own
        self.isConnecting = connecting
        self.session = session
        self.limits = limits
        self.state = connecting ? .greeting(helloAt: now, since: now, isTold: false) : .awaiting
        self.asked = OpenRequests(limits: limits)
        self.taken = TakenRequests(limits: limits)
        self.heardAt = now
        self.saidAt = now
    }

    public var isUp: Bool { peer != nil }
    /// Nothing will ever come of it again.
    public var isClosed: Bool { state == .closing && control.isEmpty }
    /// How many times a request was sent again.
    public var resentCount: UInt64 { asked.resentCount }
    /// How many requests have neither a reply nor a failure.
    public var openCount: Int { asked.count }

    /// The peer's session; nil while the link is down.
    var peerSession: UInt64? {
        guard case .up(_, let session) = state else { return nil }
        return session
    }

    private var peer: Hello? {
        guard case .up(let hello, _) = state else { return nil }
        return hello
    }

    /// Asks the peer; nil when taken, else why not, and no event follows.
    ///
    /// The correlation must not be 0, and differ from those of all requests that are open.
    public mutating func request(
        _ payload: Payload, correlation: UInt64, deadlineMs: UInt32, trace: UInt64, at now: Instant
    ) -> LinkFailure? {
        guard state != .closing else { return .closed }
        guard correlation != 0 else { return .repeated }
        return asked.add(
            payload, correlation: correlation, deadlineMs: deadlineMs, trace: trace, at: now)
    }

    /// Answers a request; has no effect if its deadline or its peer has passed away.
    public mutating func reply(_ payload: Payload, correlation: UInt64) {
        guard state != .closing, let (asked, refusal) = taken.reply(payload, ticket: correlation)
        else { return }
        refuse(asked, refusal)
    }

    /// Says goodbye and fails what is open.
    public mutating func close() -> [Event] {
        guard state != .closing else { return [] }
        return end(.closed, saying: LinkHeader(kind: .goodbye, session: session))
    }

    /// The transport says that the peer is gone.
    public mutating func lose(at now: Instant) -> [Event] {
        lost(.unreachable, greetAt: now, at: now)
    }

    /// Lets time pass; to be called several times a heartbeat.
    public mutating func tick(at now: Instant) -> [Event] {
        guard state != .closing else {
            // The last word waits for a transport that may never take it.
            if now > (waitingSince ?? now).adding(milliseconds: limits.heartbeatMs) {
                control.removeAll()
            }
            waitingSince = waitingSince ?? now
            return []
        }
        taken.tick(at: now)
        var events = asked.tick(at: now).map { Event.failed(correlation: $0, .expired) }
        let isSilent = now > heardAt.adding(milliseconds: limits.silenceMsMax)
        switch state {
        case .greeting(let helloAt, let since, let isTold):
            if now >= helloAt { sayHello(at: now) }
            if !isTold, now > since.adding(milliseconds: limits.silenceMsMax) {
                state = .greeting(
                    helloAt: now.adding(milliseconds: limits.heartbeatMs), since: since,
                    isTold: true)
                events.append(.down(.silent))
            }
        case .awaiting:
            if isSilent { events += end(.silent, saying: nil) }
        case .up(let hello, _):
            if isSilent {
                events += lost(.silent, greetAt: now, at: now)
            } else if isStalled(hello, at: now) {
                events += lost(.stalled, greetAt: now, at: now)
            }
        case .closing: break
        }
        return events
    }

    /// What must be sent next, within the peer's window; nil when there is nothing.
    ///
    /// To be called only when the transport takes a message, until it gives nil.
    public mutating func nextOutgoing(at now: Instant) -> LinkMessage? {
        waitingSince = nil
        guard let message = next(at: now) else { return nil }
        saidAt = now
        return message
    }

    private mutating func next(at now: Instant) -> LinkMessage? {
        if let header = control.popFirst() { return LinkMessage(header) }
        guard case .up(let hello, let peerSession) = state else { return nil }
        if let reply = taken.nextReply() {
            let header = LinkHeader(
                kind: .reply, session: peerSession, correlation: reply.correlation,
                subject: reply.payload.subject)
            return LinkMessage(header, reply.payload)
        }
        if let (correlation, deadlineMs, trace, payload) = asked.next(for: hello, at: now) {
            let header = LinkHeader(
                kind: .request, session: session, correlation: correlation,
                subject: payload.subject, deadlineMs: deadlineMs, trace: trace)
            return LinkMessage(header, payload)
        }
        guard now >= saidAt.adding(milliseconds: limits.heartbeatMs) else { return nil }
        return LinkMessage(LinkHeader(kind: .heartbeat, session: session))
    }

    private mutating func isStalled(_ peer: Hello, at now: Instant) -> Bool {
        guard !control.isEmpty || taken.hasReply || asked.hasNext(for: peer) else { return false }
        guard let waitingSince else {
            self.waitingSince = now
            return false
        }
        return now > waitingSince.adding(milliseconds: limits.stallMsMax)
    }

    mutating func say(_ header: LinkHeader) {
        if control.count < LinkSession.controlCountMax { control.append(header) }
    }

    mutating func sayHello(at now: Instant) {
        guard case .greeting(_, let since, let isTold) = state else { return }
        state = .greeting(
            helloAt: now.adding(milliseconds: limits.heartbeatMs), since: since, isTold: isTold)
        helloCount &+= 1
        // One hello is enough, however long the transport does not take it.
        control.removeAll()
        say(LinkHeader(kind: .hello, session: session, correlation: helloCount, hello: own))
    }

    /// Refuses one of the peer's requests.
    mutating func refuse(_ correlation: UInt64, _ refusal: Refusal) {
        guard let peerSession else { return }
        say(
            LinkHeader(
                kind: .reject, session: peerSession, correlation: correlation, refusal: refusal))
    }

    /// The link is down: the connecting side greets anew, the listening side ends.
    mutating func lost(_ failure: LinkFailure, greetAt: Instant, at now: Instant) -> [Event] {
        guard isConnecting else { return end(failure, saying: nil) }
        var isTold = false
        if case .closing = state { return [] }
        if case .greeting(_, _, let wasTold) = state { isTold = wasTold }
        asked.requeue()
        control.removeAll()
        waitingSince = nil
        helloCountFirst = helloCount &+ 1
        state = .greeting(helloAt: greetAt, since: now, isTold: true)
        if greetAt <= now { sayHello(at: now) }
        return isTold ? [] : [.down(failure)]
    }

    /// Fails what is open and ends, after one last word.
    mutating func end(_ failure: LinkFailure, saying last: LinkHeader?) -> [Event] {
        guard state != .closing else { return [] }
        let wasAwaiting = state == .awaiting
        state = .closing
        control.removeAll()
        if let last { control.append(last) }
        taken.forget()
        let failed = asked.removeAll().map { Event.failed(correlation: $0, failure) }
        return wasAwaiting ? failed : failed + [.down(failure)]
    }
}
