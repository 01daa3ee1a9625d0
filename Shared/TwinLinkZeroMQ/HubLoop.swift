import CZeroMQ
import TwinCore
import TwinLink

/// What the hub's thread does: it polls, takes in, lets time pass, sends and reports.
struct HubLoop {
    private enum Owner {
        case listener(ListenerID)
        case peer(PeerID)
    }

    /// A socket and whose it is.
    private struct Door {
        var owner: Owner
        var endpoint: Endpoint
        var socket: Socket
        var madeAt: Instant
        var isUp = false
        /// Why it does not come up, where more is known than silence.
        var trouble: Refusal?
    }

    /// What a socket did not take yet.
    private struct Held {
        var frames: [[UInt8]]
        var route: [UInt8]?
    }

    private static let tickMs = 25
    /// How long a full ROUTER is left alone: polling does not tell when one peer has room again.
    private static let retryMs = 1
    /// How many messages are taken from one socket before the others have their turn.
    private static let burstCount = 256
    /// How often in a row the service's answers to events are looked at before the sockets are.
    private static let roundCount = 8
    private static let lastWordLingerMs: Int32 = 100

    let context: Context
    let mailbox: Mailbox
    let bell: Bell
    let coding: HeaderCoding
    let report: @Sendable ([HubEvent]) -> Void

    private var access: AccessHandler?
    private var hub = LinkHub()
    private var doors: [Door] = []
    private var doorOfListener: [ListenerID: Int] = [:]
    private var doorOfPeer: [PeerID: Int] = [:]
    private var held: [PeerID: Held] = [:]
    private var random = SystemRandomNumberGenerator()
    private var now = HubLoop.clock()
    private var nextTickAt = HubLoop.clock()
    private var hasUnreported = false
    private var stopAt: Instant?
    private var isDrained = false

    init(
        context: Context, mailbox: Mailbox, bell: Bell, coding: HeaderCoding,
        report: @escaping @Sendable ([HubEvent]) -> Void
    ) {
        self.context = context
        self.mailbox = mailbox
        self.bell = bell
        self.coding = coding
        self.report = report
    }

    mutating func run() {
        while !isOver {
            wait()
            now = HubLoop.clock()
            takeLetters()
            access?.answer()
            for index in doors.indices { receive(at: index) }
            if now >= nextTickAt { tick() }
            flush()
            deliver()
        }
        finish()
    }

    private static func clock() -> Instant {
        Instant(microsecondsSinceEpoch: monotonicMicroseconds())
    }

    private static func milliseconds(_ count: Int) -> Int64 { Int64(count) * 1000 }

    // MARK: Waiting

    private func wait() {
        let leftUs = nextTickAt.microsecondsSinceEpoch - HubLoop.clock().microsecondsSinceEpoch
        var timeoutMs = max(0, Int(leftUs + 999) / 1000)
        if hasUnreported { timeoutMs = 0 }
        if held.keys.contains(where: { $0.listener != nil }) {
            timeoutMs = min(timeoutMs, HubLoop.retryMs)
        }
        var items = unsafe [
            zmq_pollitem_t(
                socket: nil, fd: bell.descriptor, events: Int16(ZMQ_POLLIN), revents: 0)
        ]
        if let access { unsafe items.append(item(access.socket)) }
        for door in doors {
            var isFull = false
            if case .peer(let peer) = door.owner { isFull = held[peer] != nil }
            unsafe items.append(item(door.socket, andOutput: isFull))
        }
        unsafe zmq_poll(&items, Int32(items.count), timeoutMs)
        if unsafe items[0].revents != 0 { bell.silence() }
    }

    private func item(_ socket: Socket, andOutput: Bool = false) -> zmq_pollitem_t {
        unsafe zmq_pollitem_t(
            socket: socket.raw, fd: 0,
            events: Int16(andOutput ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN), revents: 0)
    }

    // MARK: Taking in

    private mutating func takeLetters() {
        for letter in mailbox.take() { take(letter) }
    }

    private mutating func take(_ letter: Mailbox.Letter) {
        switch letter {
        case .command(let command): hub.command(command, at: now)
        case .overflowed(let peer, let correlation):
            hub.refuse(peer, correlation: correlation, .overloaded)
        case .access(let handler): access = handler
        case .listen(let listener, let endpoint, let socket):
            hub.listen(listener, hello: endpoint.hello, limits: endpoint.limits)
            add(.listener(listener), endpoint, socket)
        case .connect(let peer, let endpoint, let socket):
            hub.connect(
                peer, hello: endpoint.hello, limits: endpoint.limits, session: random.next(),
                at: now)
            add(.peer(peer), endpoint, socket)
        case .stop(let drainMs):
            stopAt = Instant(
                microsecondsSinceEpoch: now.microsecondsSinceEpoch
                    + HubLoop.milliseconds(max(0, drainMs)))
            isDrained = drainMs > 0
        #if DEBUG
        case .killAccessHandler: access = nil
        #endif
        }
    }

    private mutating func receive(at index: Int) {
        let socket = doors[index].socket
        for _ in 0..<HubLoop.burstCount {
            guard let received = socket.receive() else { return }
            switch doors[index].owner {
            case .peer(let peer):
                switch decode(received) {
                case .success(let message): hub.received(message, from: peer, at: now)
                case .failure(let refusal): hub.receivedGarbage(refusal, from: peer)
                }
            case .listener(let listener): receive(received, at: listener, index)
            }
        }
    }

    private mutating func receive(
        _ received: Socket.Received, at listener: ListenerID, _ index: Int
    ) {
        let route = LinkRoute(listener: listener, bytes: received.route ?? [])
        // The access handler is asked at the handshake only; keys may have been taken off since.
        if doors[index].endpoint.curve != nil,
            access?.lists.admits(received.userID ?? "", to: AccessLists.domain(of: listener))
                != true
        {
            if let peer = hub.peer(at: route) { hub.lose(peer, at: now) }
            hub.refuseStranger(at: route, Refusal(.notAuthorised, "the key is not on the list"))
            return
        }
        let newcomer = { [mailbox] in
            var random = SystemRandomNumberGenerator()
            return (peer: mailbox.takeNumber(), session: random.next() as UInt64)
        }
        switch decode(received) {
        case .success(let message):
            hub.received(message, by: route, at: now, newcomer: newcomer)
        case .failure(let refusal):
            hub.receivedGarbage(refusal, by: route, at: now, newcomer: newcomer)
        }
    }

    private func decode(_ received: Socket.Received) -> Result<LinkMessage, Refusal> {
        if received.isTooLarge {
            return .failure(Refusal(.tooLarge, "more frames or bytes than the link takes"))
        }
        guard let first = received.frames.first else {
            return .failure(Refusal(.malformed, "a message without a header"))
        }
        return coding.decodeHeader(first).flatMap { header in
            let hasPayload = header.kind == .request || header.kind == .reply
            guard hasPayload ? received.frames.count > 1 : received.frames.count == 1 else {
                return .failure(Refusal(.malformed, "wrong number of frames"))
            }
            guard hasPayload else { return .success(LinkMessage(header)) }
            let payload = Payload(
                subject: header.subject, body: received.frames[1],
                attachments: Array(received.frames.dropFirst(2)))
            return .success(LinkMessage(header, payload))
        }
    }

    // MARK: Time

    private mutating func tick() {
        nextTickAt = Instant(
            microsecondsSinceEpoch: now.microsecondsSinceEpoch
                + HubLoop.milliseconds(HubLoop.tickMs))
        for index in doors.indices {
            if let failure = doors[index].socket.handshakeFailure() {
                doors[index].trouble = failure
            }
        }
        hub.tick(at: now)
        mailbox.counters = hub.counters
        for index in doors.indices { renewIfUnheard(at: index) }
    }

    /// A client that the listener once refused never tries again by itself, so the socket is made
    /// anew; the same finds a host whose address has changed.
    private mutating func renewIfUnheard(at index: Int) {
        let door = doors[index]
        let patienceMs = 2 * door.endpoint.limits.silenceMsMax
        guard case .peer(let peer) = door.owner, !door.isUp,
            now.microsecondsSinceEpoch - door.madeAt.microsecondsSinceEpoch
                > HubLoop.milliseconds(patienceMs)
        else { return }
        doors[index].madeAt = now
        // When there are no more sockets now, the old one goes on trying.
        guard let socket = try? Socket.connecting(door.endpoint, in: context) else { return }
        doors[index].socket = socket
        held[peer] = nil
    }

    // MARK: Sending

    private mutating func flush() {
        for peer in hub.takeReady() where held[peer] == nil { flush(peer) }
        for peer in Array(held.keys) { flush(peer) }
        while let (route, message) = hub.nextStray() {
            // A stranger that does not listen is not waited for.
            if let door = doorOfListener[route.listener] {
                _ = doors[door].socket.send(frames(of: message), to: route.bytes)
            }
        }
        closeDoors()
    }

    private mutating func flush(_ peer: PeerID) {
        guard let door = peer.listener.map({ doorOfListener[$0] }) ?? doorOfPeer[peer] else {
            held[peer] = nil
            return
        }
        let socket = doors[door].socket
        let route = hub.route(of: peer)?.bytes
        while let next = nextToSend(to: peer, at: route) {
            switch socket.send(next.frames, to: next.route) {
            case .sent: continue
            case .full:
                // The last word to a peer is not worth waiting for.
                if hub.contains(peer) { held[peer] = next }
                return
            case .unreachable:
                hub.lose(peer, at: now)
                if peer.listener == nil { return }
            }
        }
    }

    private mutating func nextToSend(to peer: PeerID, at route: [UInt8]?) -> Held? {
        if let waiting = held.removeValue(forKey: peer) { return waiting }
        guard let message = hub.nextOutgoing(to: peer, at: now) else { return nil }
        return Held(frames: frames(of: message), route: route)
    }

    private func frames(of message: LinkMessage) -> [[UInt8]] {
        let header = coding.encodeHeader(message.header)
        guard message.header.kind == .request || message.header.kind == .reply else {
            return [header]
        }
        return [header, message.payload.body] + message.payload.attachments
    }

    // MARK: Reporting

    private mutating func deliver() {
        for _ in 0..<HubLoop.roundCount {
            let events = hub.takeEvents().map(explained)
            hasUnreported = !events.isEmpty
            guard hasUnreported else { return }
            for event in events { note(event) }
            report(events)
            // What the service answers at once goes out at once.
            takeLetters()
            flush()
        }
    }

    private mutating func note(_ event: HubEvent) {
        switch event {
        case .up(let peer, _):
            guard let index = doorOfPeer[peer] else { return }
            doors[index].isUp = true
            doors[index].trouble = nil
        case .down(let peer, _):
            guard let index = doorOfPeer[peer] else { return }
            doors[index].isUp = false
            doors[index].madeAt = now
        case .request, .reply, .failed: break
        }
    }

    /// Says why nothing was heard, where that is known.
    private func explained(_ event: HubEvent) -> HubEvent {
        guard case .down(let peer, .silent) = event, let index = doorOfPeer[peer],
            let trouble = doors[index].trouble
        else { return event }
        return .down(peer, .refused(trouble))
    }

    // MARK: Doors

    private mutating func add(_ owner: Owner, _ endpoint: Endpoint, _ socket: Socket) {
        doors.append(Door(owner: owner, endpoint: endpoint, socket: socket, madeAt: now))
        indexDoors()
    }

    private mutating func closeDoors() {
        let isAnyClosed = doorOfPeer.keys.contains { !hub.contains($0) }
        guard isAnyClosed else { return }
        doors.removeAll { door in
            guard case .peer(let peer) = door.owner, !hub.contains(peer) else { return false }
            door.socket.setLinger(ms: HubLoop.lastWordLingerMs)
            held[peer] = nil
            return true
        }
        indexDoors()
    }

    private mutating func indexDoors() {
        doorOfListener = [:]
        doorOfPeer = [:]
        for (index, door) in doors.enumerated() {
            switch door.owner {
            case .listener(let listener): doorOfListener[listener] = index
            case .peer(let peer): doorOfPeer[peer] = index
            }
        }
    }

    // MARK: The end

    private var isOver: Bool {
        guard let stopAt else { return false }
        return now >= stopAt || (held.isEmpty && hub.openCount == 0)
    }

    private mutating func finish() {
        hub.closeAll(at: now)
        if isDrained {
            for door in doors { door.socket.setLinger(ms: HubLoop.lastWordLingerMs) }
            flush()
        }
        for letter in mailbox.close() { take(letter) }
        let events = hub.takeEvents()
        if !events.isEmpty { report(events) }
        doors = []
        access = nil
    }
}
