public import TwinLink

/// Every link of one process, over ZeroMQ.
///
/// One thread owns all sockets. It hands events over in bulk, by a callback that must be quick
/// and never wait: while it runs no link hears or says anything. Commands may be sent from any
/// thread, also from the callback.
public final class ZeroMQHub: Sendable {
    private let context: Context
    private let mailbox: Mailbox
    private let lists: AccessLists
    private let thread: HubThread

    public init(
        ioThreads: Int = 1, coding: HeaderCoding,
        on events: @escaping @Sendable ([HubEvent]) -> Void
    ) throws(LinkError) {
        let context = try Context(ioThreads: ioThreads)
        let bell = try Bell()
        let mailbox = Mailbox(bell: bell)
        let lists = AccessLists()
        // It is there before the first listener binds: nobody is let in unasked.
        mailbox.post([.access(AccessHandler(socket: try .access(in: context), lists: lists))])
        thread = try HubThread {
            var loop = HubLoop(
                context: context, mailbox: mailbox, bell: bell, coding: coding, report: events)
            loop.run()
        }
        self.context = context
        self.mailbox = mailbox
        self.lists = lists
    }

    deinit { shutdown() }

    /// Listens; returns when peers can connect.
    public func listen(_ endpoint: Endpoint) throws(LinkError) -> Listener {
        let id = ListenerID(number: mailbox.takeNumber())
        let domain = AccessLists.domain(of: id)
        if let curve = endpoint.curve { lists.set(curve.admitted, for: domain) }
        let (socket, address) = try Socket.listening(endpoint, in: context, domain: domain)
        guard mailbox.post([.listen(id, endpoint, socket)]) else { throw .stopped }
        return Listener(id: id, address: address)
    }

    /// Connects, and connects again whenever the peer was lost, until the peer is closed.
    ///
    /// Requests may be sent at once; they wait for the peer.
    public func connect(_ endpoint: Endpoint) throws(LinkError) -> PeerID {
        let peer = PeerID(number: mailbox.takeNumber())
        let socket = try Socket.connecting(endpoint, in: context)
        guard mailbox.post([.connect(peer, endpoint, socket)]) else { throw .stopped }
        return peer
    }

    /// Replaces the public keys that a listener with CURVE lets in; nil lets every key in.
    ///
    /// A peer whose key is gone is dropped with its next message.
    public func admit(_ publicKeys: Set<String>?, at listener: ListenerID) {
        lists.set(publicKeys, for: AccessLists.domain(of: listener))
    }

    /// Hands commands over; every request in them ends in one event, unless the hub was shut down.
    public func send(_ commands: [HubCommand]) { mailbox.post(commands.map { .command($0) }) }

    /// What happened that no event tells of.
    public var counters: LinkHub.Counters { mailbox.counters }

    /// Stops and waits for the end, after which there are no events.
    ///
    /// Up to `drainMs` open requests are waited for; then what is open fails, and the peers are
    /// told. With 0 it ends as if the process had been killed: nobody is told.
    public func shutdown(drainMs: Int = 0) {
        mailbox.post([.stop(drainMs: drainMs)])
        thread.join()
    }

    #if DEBUG
    /// For the test that nobody gets in without it.
    package func killAccessHandler() { mailbox.post([.killAccessHandler]) }
    #endif
}
