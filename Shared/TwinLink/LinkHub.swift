import DequeModule
public import TwinCore

/// Where frames come from and go to at a listener: a transport's name for a connection.
public struct LinkRoute: Hashable, Sendable {
    public let listener: ListenerID
    public let bytes: [UInt8]

    public init(listener: ListenerID, bytes: [UInt8]) {
        self.listener = listener
        self.bytes = bytes
    }

    // An array of bytes would feed its hash one by one, for every message.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(listener)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

/// Every link of one process, whatever carries the frames.
///
/// The transport hands in what arrives, sends what `nextOutgoing` gives for the peers that
/// `takeReady` names, and takes the events in bulk. Time and identity arrive.
public struct LinkHub: Sendable {
    /// What happened that no event tells of.
    public struct Counters: Hashable, Sendable {
        /// Messages that could not be read.
        public var garbageCount: UInt64 = 0
        /// Messages of peers beyond the limit, or not admitted.
        public var strangerCount: UInt64 = 0
        /// How many times a request was sent again.
        public var resentCount: UInt64 = 0

        public init() {}
    }

    private struct Peer: Sendable {
        var session: LinkSession
        var route: LinkRoute?
        /// The session in its hello, for one that connected to us.
        var greetedSession: UInt64?
    }

    private struct Listener: Sendable {
        var hello: Hello
        var limits: LinkLimits
        var peerCount = 0
    }

    /// Refusals to those who are no peer; beyond it they hear nothing.
    private static let strayCountMax = 256

    private var peers: [PeerID: Peer] = [:]
    private var routes: [LinkRoute: PeerID] = [:]
    /// Who connected, by the session in its hello: one that comes back by another way.
    private var sessions: [UInt64: PeerID] = [:]
    private var listeners: [ListenerID: Listener] = [:]
    private var events: [HubEvent] = []
    private var ready: Set<PeerID> = []
    private var strays = Deque<(LinkRoute, LinkMessage)>()
    private var past = Counters()

    public init() {}

    public var counters: Counters {
        var counters = past
        for peer in peers.values { counters.resentCount &+= peer.session.resentCount }
        return counters
    }

    public var peerCount: Int { peers.count }
    public func route(of peer: PeerID) -> LinkRoute? { peers[peer]?.route }
    /// Who is behind the route; nil if it never spoke or its link has ended.
    public func peer(at route: LinkRoute) -> PeerID? { routes[route] }
    /// How many requests have neither a reply nor a failure.
    public var openCount: Int { peers.values.reduce(0) { $0 + $1.session.openCount } }
    public func contains(_ peer: PeerID) -> Bool { peers.index(forKey: peer) != nil }

    public mutating func listen(_ listener: ListenerID, hello: Hello, limits: LinkLimits) {
        listeners[listener] = Listener(hello: hello, limits: limits)
    }

    public mutating func connect(
        _ peer: PeerID, hello: Hello, limits: LinkLimits, session: UInt64, at now: Instant
    ) {
        peers[peer] = Peer(
            session: LinkSession(
                own: hello, connecting: true, session: session, limits: limits, at: now))
        tick(peer, at: now)
    }

    public mutating func command(_ command: HubCommand, at now: Instant) {
        switch command {
        case .request(let peer, let payload, let correlation, let deadlineMs, let trace):
            guard contains(peer) else { return refuse(peer, correlation: correlation, .closed) }
            let failure = peers[peer]?.session.request(
                payload, correlation: correlation, deadlineMs: deadlineMs, trace: trace, at: now)
            if let failure { refuse(peer, correlation: correlation, failure) }
            ready.insert(peer)
        case .reply(let peer, let correlation, let payload):
            peers[peer]?.session.reply(payload, correlation: correlation)
            ready.insert(peer)
        case .close(let peer):
            take(peers[peer]?.session.close(), of: peer)
        }
    }

    /// Fails a request that did not come as far as a command.
    public mutating func refuse(_ peer: PeerID, correlation: UInt64, _ failure: LinkFailure) {
        events.append(.failed(peer, correlation: correlation, failure))
    }

    /// A message came in at a listener; `newcomer` names the peer and session if it is a new one.
    public mutating func received(
        _ message: LinkMessage, by route: LinkRoute, at now: Instant,
        newcomer: () -> (peer: UInt64, session: UInt64)
    ) {
        guard let peer = admit(route, at: now, newcomer: newcomer) else { return }
        received(message, from: peer, at: now)
        if message.header.kind == .hello { noteSession(of: peer) }
    }

    /// A message came from a known peer.
    public mutating func received(_ message: LinkMessage, from peer: PeerID, at now: Instant) {
        take(peers[peer]?.session.received(message.header, message.payload, at: now), of: peer)
    }

    /// What came in at a listener could not be read.
    public mutating func receivedGarbage(
        _ refusal: Refusal, by route: LinkRoute, at now: Instant,
        newcomer: () -> (peer: UInt64, session: UInt64)
    ) {
        past.garbageCount &+= 1
        guard let peer = admit(route, at: now, newcomer: newcomer) else { return }
        take(peers[peer]?.session.receivedGarbage(refusal), of: peer)
    }

    /// What a known peer sent could not be read.
    public mutating func receivedGarbage(_ refusal: Refusal, from peer: PeerID) {
        past.garbageCount &+= 1
        take(peers[peer]?.session.receivedGarbage(refusal), of: peer)
    }

    /// Someone who may not speak here did.
    public mutating func refuseStranger(at route: LinkRoute, _ refusal: Refusal) {
        past.strangerCount &+= 1
        guard strays.count < LinkHub.strayCountMax else { return }
        strays.append((route, LinkMessage(LinkHeader(kind: .reject, session: 0, refusal: refusal))))
    }

    /// The transport says that the peer is gone.
    public mutating func lose(_ peer: PeerID, at now: Instant) {
        take(peers[peer]?.session.lose(at: now), of: peer)
    }

    /// Lets time pass for all; to be called several times a heartbeat.
    public mutating func tick(at now: Instant) {
        for peer in peers.keys.sorted(by: { $0.number < $1.number }) { tick(peer, at: now) }
    }

    /// Says goodbye to all.
    public mutating func closeAll(at now: Instant) {
        for peer in peers.keys.sorted(by: { $0.number < $1.number }) {
            command(.close(peer), at: now)
        }
    }

    /// The events since the last call.
    public mutating func takeEvents() -> [HubEvent] {
        defer { events.removeAll() }
        return events
    }

    /// The peers that there may be something to send to, since the last call.
    public mutating func takeReady() -> [PeerID] {
        defer { ready.removeAll(keepingCapacity: true) }
        return ready.sorted { $0.number < $1.number }
    }

    /// What must be sent to the peer next; to be called only when the transport takes a message.
    public mutating func nextOutgoing(to peer: PeerID, at now: Instant) -> LinkMessage? {
        let message = peers[peer]?.session.nextOutgoing(at: now)
        if message == nil { removeIfClosed(peer) }
        return message
    }

    /// What must be sent to those who are no peer.
    public mutating func nextStray() -> (LinkRoute, LinkMessage)? { strays.popFirst() }

    private mutating func tick(_ peer: PeerID, at now: Instant) {
        take(peers[peer]?.session.tick(at: now), of: peer)
        removeIfClosed(peer)
    }

    /// The peer behind the route, made at its first message if there is room for it.
    private mutating func admit(
        _ route: LinkRoute, at now: Instant, newcomer: () -> (peer: UInt64, session: UInt64)
    ) -> PeerID? {
        if let peer = routes[route] { return peer }
        guard let listener = listeners[route.listener] else { return nil }
        guard listener.peerCount < listener.limits.peerCountMax else {
            refuseStranger(
                at: route,
                Refusal(
                    .overloaded, "no room for another peer",
                    retryAfterMs: UInt32(clamping: listener.limits.silenceMsMax)))
            return nil
        }
        let (number, session) = newcomer()
        let peer = PeerID(number: number, listener: route.listener)
        peers[peer] = Peer(
            session: LinkSession(
                own: listener.hello, connecting: false, session: session,
                limits: listener.limits, at: now),
            route: route)
        routes[route] = peer
        listeners[route.listener]?.peerCount += 1
        return peer
    }

    /// One that comes back by another way leaves its old peer behind, whose work must not wait.
    private mutating func noteSession(of peer: PeerID) {
        guard let session = peers[peer]?.session.peerSession,
            peers[peer]?.greetedSession != session
        else { return }
        forgetSession(of: peer)
        peers[peer]?.greetedSession = session
        guard let former = sessions.updateValue(peer, forKey: session) else { return }
        take(peers[former]?.session.end(.restarted, saying: nil), of: former)
        removeIfClosed(former)
    }

    private mutating func forgetSession(of peer: PeerID) {
        guard let session = peers[peer]?.greetedSession, sessions[session] == peer else { return }
        sessions[session] = nil
    }

    private mutating func take(_ sessionEvents: [LinkSession.Event]?, of peer: PeerID) {
        guard let sessionEvents else { return }
        ready.insert(peer)
        for event in sessionEvents { events.append(HubEvent(peer, event)) }
    }

    private mutating func removeIfClosed(_ id: PeerID) {
        guard let peer = peers[id], peer.session.isClosed else { return }
        forgetSession(of: id)
        peers[id] = nil
        ready.remove(id)
        past.resentCount &+= peer.session.resentCount
        guard let route = peer.route else { return }
        routes[route] = nil
        listeners[route.listener]?.peerCount -= 1
    }
}
