public import TwinCore

/// Links between processes that are values: a network in memory, the same for the same generator.
///
/// The links are those of every transport; only what carries the frames is made up here. Time
/// moves when the caller says so, and stands still when something happened that an app must see.
public struct InProcessLink<Generator: RandomNumberGenerator & Sendable>: Sendable {
    public typealias Node = Int

    /// What the network does to messages.
    public struct Faults: Hashable, Sendable {
        public var lostPerMille: UInt32 = 0
        public var doubledPerMille: UInt32 = 0
        /// How long a message is under way; messages overtake each other unless `isOrdered`.
        public var delayUs: ClosedRange<Int64> = 50...200
        public var isOrdered = true

        public init() {}
    }

    private struct Process: Sendable {
        var hub = LinkHub()
        /// Peers that wait for the network to take something.
        var waiting: Set<PeerID> = []
        var isStopped = false
    }

    private struct Connection: Sendable {
        var node: Node
        var address: String
        var isCut = false
        /// What the listener knows it by; a new one whenever it is made again.
        var route: UInt64?
        var underWay: [Bool: Int] = [:]
        var lastArrival: [Bool: Instant] = [:]
    }

    private struct Flight: Sendable {
        var arrival: Instant
        var sequence: UInt64
        var message: LinkMessage
        var connection: PeerID
        var route: UInt64
        var isToListener: Bool

        func isAfter(_ other: Flight) -> Bool {
            (arrival, sequence) > (other.arrival, other.sequence)
        }
    }

    /// How many messages a connection holds in each direction before it takes no more.
    private static var capacityCount: Int { 64 }

    public private(set) var now: Instant
    public var faults: Faults
    private var generator: Generator
    private let tickMs: Int
    private var nextTickAt: Instant
    private var nextNumber: UInt64 = 1
    private var processes: [Process] = []
    private var listeners: [String: (node: Node, id: ListenerID)] = [:]
    private var connections: [PeerID: Connection] = [:]
    private var peersByRoute: [UInt64: PeerID] = [:]
    /// The next to arrive last.
    private var flights: [Flight] = []
    /// How many messages the network lost, of those that it took.
    public private(set) var lostCount = 0

    public init(
        faults: Faults = Faults(), generator: Generator, tickMs: Int = 50,
        at start: Instant = Instant(microsecondsSinceEpoch: 0)
    ) {
        self.now = start
        self.faults = faults
        self.generator = generator
        self.tickMs = tickMs
        self.nextTickAt = start
    }

    /// Starts a process that has no links yet.
    public mutating func addNode() -> Node {
        processes.append(Process())
        return processes.count - 1
    }

    /// Listens at an address that any node may connect to; an address has one listener.
    public mutating func listen(
        _ node: Node, at address: String, hello: Hello, limits: LinkLimits
    ) -> ListenerID {
        let listener = ListenerID(number: takeNumber())
        listeners[address] = (node, listener)
        processes[node].hub.listen(listener, hello: hello, limits: limits)
        return listener
    }

    public mutating func connect(
        _ node: Node, to address: String, hello: Hello, limits: LinkLimits
    ) -> PeerID {
        let peer = PeerID(number: takeNumber())
        connections[peer] = Connection(node: node, address: address)
        processes[node].hub.connect(
            peer, hello: hello, limits: limits, session: generator.next(), at: now)
        pump(node)
        return peer
    }

    public mutating func send(_ commands: [HubCommand], from node: Node) {
        for command in commands { processes[node].hub.command(command, at: now) }
        pump(node)
    }

    /// Lets time pass up to `target`, or to the first instant at which there are events.
    public mutating func advance(to target: Instant) -> [(node: Node, event: HubEvent)] {
        while true {
            let events = takeEvents()
            guard events.isEmpty else { return events }
            let next = min(nextTickAt, flights.last?.arrival ?? nextTickAt)
            guard next <= target else {
                now = max(now, target)
                return []
            }
            now = max(now, next)
            if let flight = flights.last, flight.arrival <= now {
                flights.removeLast()
                arrive(flight)
            } else {
                nextTickAt = now.adding(milliseconds: tickMs)
                for node in processes.indices where !processes[node].isStopped {
                    processes[node].hub.tick(at: now)
                    pump(node)
                }
            }
        }
    }

    /// The connection loses everything until it is healed, and is then made anew.
    public mutating func cut(_ peer: PeerID) { connections[peer]?.isCut = true }

    public mutating func heal(_ peer: PeerID) {
        connections[peer]?.isCut = false
        disconnect(peer)
    }

    /// The process hangs: it neither hears nor says anything until it is resumed.
    public mutating func stop(_ node: Node) { processes[node].isStopped = true }

    public mutating func resume(_ node: Node) { processes[node].isStopped = false }

    /// The process is gone with all that it knew; the node is a new process without links.
    public mutating func crash(_ node: Node) {
        for (peer, connection) in connections {
            if listeners[connection.address]?.node == node { disconnect(peer) }
            if connection.node == node {
                disconnect(peer)
                connections[peer] = nil
            }
        }
        listeners = listeners.filter { $0.value.node != node }
        processes[node] = Process()
    }

    private mutating func takeNumber() -> UInt64 {
        defer { nextNumber += 1 }
        return nextNumber
    }

    private mutating func takeEvents() -> [(node: Node, event: HubEvent)] {
        var events: [(node: Node, event: HubEvent)] = []
        for node in processes.indices {
            events += processes[node].hub.takeEvents().map { (node, $0) }
        }
        return events
    }

    private mutating func disconnect(_ peer: PeerID) {
        guard let route = connections[peer]?.route else { return }
        peersByRoute[route] = nil
        connections[peer]?.route = nil
        connections[peer]?.underWay = [:]
        connections[peer]?.lastArrival = [:]
        flights.removeAll { $0.route == route }
    }

    private mutating func arrive(_ flight: Flight) {
        guard let connection = connections[flight.connection],
            let (listening, listener) = listeners[connection.address]
        else { return }
        connections[flight.connection]?.underWay[flight.isToListener, default: 0] -= 1
        let node = flight.isToListener ? listening : connection.node
        guard !processes[node].isStopped else {
            // It waits in the connection until the process reads again.
            send(flight, delayed: Int64(tickMs) * 1000)
            return
        }
        if flight.isToListener {
            let newcomer = (peer: takeNumber(), session: generator.next())
            processes[node].hub.received(
                flight.message, by: InProcessLink.route(flight.route, at: listener), at: now
            ) { newcomer }
        } else {
            processes[node].hub.received(flight.message, from: flight.connection, at: now)
        }
        pump(node)
        pump(flight.isToListener ? connection.node : listening)
    }

    /// Sends whatever the process has to send and the network takes.
    private mutating func pump(_ node: Node) {
        guard !processes[node].isStopped else { return }
        processes[node].waiting.formUnion(processes[node].hub.takeReady())
        for peer in processes[node].waiting.sorted(by: { $0.number < $1.number }) {
            guard let (connection, isToListener) = way(to: peer, from: node) else { continue }
            while let route = connections[connection]?.route,
                connections[connection]?.underWay[isToListener, default: 0] ?? 0
                    < InProcessLink.capacityCount
            {
                guard let message = processes[node].hub.nextOutgoing(to: peer, at: now) else {
                    processes[node].waiting.remove(peer)
                    break
                }
                launch(message, on: connection, route, isToListener: isToListener)
            }
        }
        while processes[node].hub.nextStray() != nil {}
    }

    /// The connection to the peer; nil when there is none now.
    private mutating func way(to peer: PeerID, from node: Node) -> (PeerID, isToListener: Bool)? {
        if let connection = connections[peer] {
            if connection.route == nil, listeners[connection.address] != nil {
                let route = takeNumber()
                connections[peer]?.route = route
                peersByRoute[route] = peer
            }
            return (peer, true)
        }
        let route = processes[node].hub.route(of: peer).map { InProcessLink.number(of: $0) }
        guard let route, let connecting = peersByRoute[route] else {
            processes[node].hub.lose(peer, at: now)
            while processes[node].hub.nextOutgoing(to: peer, at: now) != nil {}
            processes[node].waiting.remove(peer)
            return nil
        }
        return (connecting, false)
    }

    private mutating func launch(
        _ message: LinkMessage, on connection: PeerID, _ route: UInt64, isToListener: Bool
    ) {
        let isCut = connections[connection]?.isCut ?? true
        if isCut || UInt32.random(in: 0..<1000, using: &generator) < faults.lostPerMille {
            lostCount += 1
            return
        }
        let flight = Flight(
            arrival: now, sequence: 0, message: message, connection: connection, route: route,
            isToListener: isToListener)
        send(flight, delayed: Int64.random(in: faults.delayUs, using: &generator))
        if UInt32.random(in: 0..<1000, using: &generator) < faults.doubledPerMille {
            send(flight, delayed: Int64.random(in: faults.delayUs, using: &generator))
        }
    }

    private mutating func send(_ flight: Flight, delayed delayUs: Int64) {
        var flight = flight
        flight.sequence = takeNumber()
        flight.arrival = Instant(
            microsecondsSinceEpoch: now.microsecondsSinceEpoch &+ max(1, delayUs))
        let last = connections[flight.connection]?.lastArrival[flight.isToListener]
        if faults.isOrdered, let last { flight.arrival = max(flight.arrival, last) }
        connections[flight.connection]?.lastArrival[flight.isToListener] = flight.arrival
        connections[flight.connection]?.underWay[flight.isToListener, default: 0] += 1
        var low = 0
        var high = flights.count
        while low < high {
            let middle = (low + high) / 2
            if flights[middle].isAfter(flight) { low = middle + 1 } else { high = middle }
        }
        flights.insert(flight, at: low)
    }

    private static func route(_ number: UInt64, at listener: ListenerID) -> LinkRoute {
        LinkRoute(
            listener: listener,
            bytes: (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) })
    }

    private static func number(of route: LinkRoute) -> UInt64 {
        route.bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
