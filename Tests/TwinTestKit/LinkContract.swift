public import TwinLink

/// Processes with links between them, whatever carries the frames.
public protocol LinkWorld {
    /// Starts a process without links.
    mutating func start() throws -> Int
    /// Ends a process without a goodbye.
    mutating func kill(_ node: Int) throws
    /// Listens at a place that `connect` finds by its number, also after another listener there
    /// was killed.
    mutating func listen(_ node: Int, at place: Int, hello: Hello, limits: LinkLimits) throws
    mutating func connect(
        _ node: Int, to place: Int, hello: Hello, limits: LinkLimits
    ) throws -> PeerID
    mutating func send(_ commands: [HubCommand], from node: Int)
    /// Lets time pass until there are events, up to `ms` milliseconds.
    mutating func events(withinMs ms: Int) -> [(node: Int, event: HubEvent)]
}

/// What a transport of links must do; each case is independent of the others.
public struct LinkContract: Sendable, CustomStringConvertible {
    public struct Violation: Error, CustomStringConvertible {
        public var description: String
    }

    public let description: String
    public let check: @Sendable (inout any LinkWorld) throws -> Void

    public static let all: [LinkContract] = [
        LinkContract("a request gets its reply, both ways", repliesBothWays),
        LinkContract("attachments arrive as they were", attachments),
        LinkContract("many requests get one reply each", manyRequests),
        LinkContract("a request that nobody answers expires", expires),
        LinkContract("what is larger than a frame is not taken", refusesLarge),
        LinkContract("a request refused by the peer's window fails or waits", keepsWindow),
        LinkContract("a killed listener that comes back is asked again", survivesListener),
        LinkContract("the requests to a killed worker fail soon", losesWorker),
        LinkContract("a closed link fails its requests", closes),
        LinkContract("a request to nobody fails", asksNobody),
    ]

    init(
        _ description: String,
        _ check: @escaping @Sendable (inout LinkTalk) throws -> Void
    ) {
        self.description = description
        self.check = { world in
            var talk = LinkTalk(world: world)
            defer { world = talk.world }
            try check(&talk)
        }
    }
}

/// A listener and a peer of it, and what they were told.
struct LinkTalk {
    var world: any LinkWorld
    var server = 0
    var client = 0
    /// The listener, as the client sees it.
    var store = PeerID(number: 0)
    /// The client, as the listener sees it.
    var worker: PeerID?
    var limits = LinkLimits(
        heartbeatMs: 100, silenceMsMax: 1000, resendMsFirst: 100, resendMsMax: 1000)
    /// What was not looked at yet.
    var events: [(node: Int, event: HubEvent)] = []

    init(world: any LinkWorld) { self.world = world }

    static func hello(_ name: String) -> Hello {
        Hello(name: name, role: name, version: "1", windowCount: 0, windowByteCount: 0)
    }

    mutating func open(serverLimits: LinkLimits? = nil) throws {
        server = try world.start()
        client = try world.start()
        try world.listen(
            server, at: 1, hello: LinkTalk.hello("store"), limits: serverLimits ?? limits)
        store = try world.connect(
            client, to: 1, hello: LinkTalk.hello("worker"), limits: limits)
        _ = try waitFor { $0.upPeer(at: $1.client) }
        worker = try waitFor { $0.upPeer(at: $1.server) }
    }

    mutating func ask(
        _ body: [UInt8], _ correlation: UInt64, deadlineMs: UInt32 = 0, attachments: [[UInt8]] = []
    ) {
        let payload = Payload(subject: 7, body: body, attachments: attachments)
        world.send(
            [.request(store, payload, correlation: correlation, deadlineMs: deadlineMs)],
            from: client)
    }

    /// Waits until an event gives something, and takes the event out.
    mutating func waitFor<Found>(
        withinMs ms: Int = 20_000, _ line: Int = #line,
        _ find: (LinkSighting, LinkTalk) -> Found?
    ) throws -> Found {
        var leftMs = ms
        while true {
            for (index, seen) in events.enumerated() {
                if let found = find(LinkSighting(node: seen.node, event: seen.event), self) {
                    events.remove(at: index)
                    return found
                }
            }
            guard leftMs > 0 else {
                throw LinkContract.Violation(
                    description: "line \(line): what was waited for did not come, but \(events)")
            }
            events += world.events(withinMs: 50)
            leftMs -= 50
        }
    }

    func expect(_ holds: Bool, _ what: String, _ line: Int = #line) throws {
        guard holds else { throw LinkContract.Violation(description: "line \(line): \(what)") }
    }
}

/// One event, asked for what it may be.
struct LinkSighting {
    var node: Int
    var event: HubEvent

    func upPeer(at node: Int) -> PeerID? {
        if self.node == node, case .up(let peer, _) = event { peer } else { nil }
    }

    func request(at node: Int) -> (peer: PeerID, correlation: UInt64, payload: Payload)? {
        if self.node == node, case .request(let peer, let correlation, _, _, let payload) = event {
            (peer, correlation, payload)
        } else {
            nil
        }
    }

    func reply(at node: Int, to correlation: UInt64) -> Payload? {
        if self.node == node, case .reply(_, correlation, let payload) = event {
            payload
        } else {
            nil
        }
    }

    func failure(at node: Int, of correlation: UInt64) -> LinkFailure? {
        if self.node == node, case .failed(_, correlation, let failure) = event {
            failure
        } else {
            nil
        }
    }

    func down(at node: Int) -> LinkFailure? {
        if self.node == node, case .down(_, let failure) = event { failure } else { nil }
    }
}
