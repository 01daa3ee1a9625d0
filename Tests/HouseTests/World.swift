import TwinCore
import TwinLink
import TwinTestKit

/// Every process of the house in one, with the network between them, from one seed.
///
/// Nothing here has a thread or a clock: time is what ``advance(ms:)`` lets pass.
struct World {
    enum Resident: Hashable {
        case store
        case ingest(Int)
        case worker(Int)
        case native(Int)
        case operators
    }

    /// A connection of a monitor: bytes in both directions, in order, until it breaks.
    struct Cable {
        var isCut = false
        var connection: UInt64?
        var toIngest: [(at: Instant, bytes: [UInt8])] = []
        var toMonitor: [(at: Instant, bytes: [UInt8])] = []
    }

    static let tickMs = 25

    let plan: HousePlan
    var chance: SplitMix64
    var link: InProcessLink<SplitMix64>
    var store: StoreProcess
    var ingests: [IngestProcess]
    var workers: [WorkerProcess]
    var monitors: [MonitorProcess]
    var natives: [NativeProcess]
    var operators = OperatorProcess()
    var cables: [Cable]
    /// When processes that are down start again.
    var restarts: [Resident: Instant] = [:]
    var stopped: Set<Int> = []
    private(set) var residents: [Resident] = []
    private var lastConnection: UInt64 = 0
    /// What was seen on the way that must not be.
    var violations: [String] = []

    var now: Instant { link.now }

    init(
        seed: UInt64, plan: HousePlan, monitors: [MonitorProcess], natives: [NativeProcess]
    ) {
        self.plan = plan
        chance = SplitMix64(seed: seed)
        link = InProcessLink(
            generator: SplitMix64(seed: seed ^ 0x5DEE_CE66), tickMs: World.tickMs,
            at: Script.start)
        store = StoreProcess(plan, at: Script.start)
        ingests = (0..<plan.ingestCount).map { IngestProcess("ingest-\($0)", plan) }
        workers =
            (0..<plan.featureWorkerCount).map { WorkerProcess(feature: "feature-\($0)", plan) }
            + (0..<plan.modelWorkerCount).map { WorkerProcess(model: "model-\($0)", plan) }
        self.monitors = monitors
        self.natives = natives
        cables = monitors.map { _ in Cable() }
        let all: [Resident] =
            [.store] + ingests.indices.map { .ingest($0) } + workers.indices.map { .worker($0) }
            + natives.indices.map { .native($0) } + [.operators]
        for resident in all {
            let node = link.addNode()
            residents.append(resident)
            place(resident, at: node)
        }
        for resident in all { boot(resident) }
    }

    private mutating func place(_ resident: Resident, at node: Int) {
        switch resident {
        case .store: store.node = node
        case .ingest(let number): ingests[number].node = node
        case .worker(let number): workers[number].node = node
        case .native(let number): natives[number].node = node
        case .operators: operators.node = node
        }
    }

    func node(of resident: Resident) -> Int { residents.firstIndex(of: resident) ?? 0 }

    /// The process listens and connects.
    mutating func boot(_ resident: Resident) {
        let limits = plan.linkLimits
        let node = node(of: resident)
        switch resident {
        case .store:
            let hello = plan.hello("store", "store")
            for place in ["ingests", "workers", "clients"] {
                _ = link.listen(node, at: place, hello: hello, limits: limits)
            }
        case .ingest(let number):
            let hello = plan.hello(ingests[number].name, "ingest")
            _ = link.listen(node, at: "devices-\(number)", hello: hello, limits: limits)
            ingests[number].store = link.connect(
                node, to: "ingests", hello: hello, limits: limits)
        case .worker(let number):
            let worker = workers[number]
            workers[number].store = link.connect(
                node, to: "workers", hello: plan.hello(worker.name, worker.ready.role.name),
                limits: limits)
        case .native(let number):
            natives[number].link = link.connect(
                node, to: "devices-\(natives[number].ingest)",
                hello: plan.hello("native-\(number)", "device"), limits: limits)
        case .operators:
            operators.store = link.connect(
                node, to: "clients", hello: plan.hello("twinctl", "client"), limits: limits)
        }
    }

    /// Lets time pass.
    mutating func advance(ms: Int) {
        let target = now.later(ms: ms)
        while now < target {
            let next = min(target, now.later(ms: World.tickMs))
            turnLink(until: next)
            for resident in residents where restarts[resident].map({ $0 <= now }) == true {
                restart(resident)
            }
            tick()
            turnLink(until: now)
        }
    }

    private mutating func turnLink(until target: Instant) {
        while true {
            let events = link.advance(to: target)
            if events.isEmpty { return }
            for (node, event) in events {
                take(event, residents[node])
                send(residents[node])
            }
        }
    }

    private mutating func take(_ event: HubEvent, _ resident: Resident) {
        switch resident {
        case .store: store.take(event)
        case .ingest(let number): ingests[number].take(event, at: now)
        case .worker(let number): workers[number].take(event)
        case .native(let number): natives[number].take(event, at: now)
        case .operators: operators.take(event, at: now)
        }
    }

    /// Sends what the process has to send.
    mutating func send(_ resident: Resident) {
        var commands: [HubCommand] = []
        switch resident {
        case .store: commands = store.takeCommands()
        case .ingest(let number):
            swap(&commands, &ingests[number].commands)
            sendReplies(of: number)
        case .worker(let number): swap(&commands, &workers[number].commands)
        case .native(let number): commands = natives[number].outgoing(at: now)
        case .operators: commands = operators.outgoing(at: now)
        }
        if !commands.isEmpty { link.send(commands, from: node(of: resident)) }
    }

    func isRunning(_ resident: Resident) -> Bool {
        restarts[resident] == nil && !stopped.contains(node(of: resident))
    }

    private mutating func tick() {
        for resident in residents where isRunning(resident) {
            switch resident {
            case .store: store.tick(at: now)
            case .ingest(let number): ingests[number].tick(at: now)
            case .worker(let number): workers[number].tick()
            case .native, .operators: break
            }
            send(resident)
        }
        for number in monitors.indices { turnCable(number) }
    }
}

// Monitors and their connections.
extension World {
    private mutating func turnCable(_ number: Int) {
        let ingest = Resident.ingest(monitors[number].ingest)
        if monitors[number].givesUp(at: now) { breakCable(number) }
        if cables[number].connection == nil {
            guard !cables[number].isCut, isRunning(ingest) else { return }
            lastConnection += 1
            cables[number].connection = lastConnection
            monitors[number].connected(lastConnection, at: now)
        }
        let said = monitors[number].outgoing(at: now)
        if !said.isEmpty { launch(said, number, toIngest: true) }
        if cables[number].isCut { return }
        deliver(number, ingest)
    }

    private mutating func deliver(_ number: Int, _ ingest: Resident) {
        while let first = cables[number].toIngest.first, first.at <= now, isRunning(ingest),
            let connection = cables[number].connection
        {
            cables[number].toIngest.removeFirst()
            ingests[monitors[number].ingest].receive(first.bytes, on: connection, at: now)
            send(ingest)
        }
        while let first = cables[number].toMonitor.first, first.at <= now {
            cables[number].toMonitor.removeFirst()
            monitors[number].receive(first.bytes, at: now)
        }
    }

    /// Sends bytes on their way in pieces of any size.
    private mutating func launch(_ bytes: [UInt8], _ number: Int, toIngest: Bool) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + chance.below(2 * bytes.count))
            rest = rest.dropFirst(piece.count)
            let last = (toIngest ? cables[number].toIngest : cables[number].toMonitor).last?.at
            let flight = (max(last ?? now, now.later(ms: chance.below(40))), Array(piece))
            if toIngest {
                cables[number].toIngest.append(flight)
            } else {
                cables[number].toMonitor.append(flight)
            }
        }
    }

    private mutating func sendReplies(of ingest: Int) {
        let replies = ingests[ingest].replies
        ingests[ingest].replies = []
        for reply in replies {
            guard let number = cables.firstIndex(where: { $0.connection == reply.connection })
            else { continue }
            launch(reply.bytes, number, toIngest: false)
        }
    }

    /// The connection is lost with what is under way; the monitor makes a new one.
    mutating func breakCable(_ number: Int) {
        guard let connection = cables[number].connection else { return }
        cables[number] = Cable(isCut: cables[number].isCut)
        monitors[number].disconnected(at: now)
        let ingest = Resident.ingest(monitors[number].ingest)
        if isRunning(ingest) {
            ingests[monitors[number].ingest].connectionEnded(connection, at: now)
            send(ingest)
        }
    }
}

// Processes end and begin.
extension World {
    /// The process ends at once with all that it knew, and begins again after a while.
    mutating func crash(_ resident: Resident, forMs ms: Int) {
        guard restarts[resident] == nil else { return }
        link.crash(node(of: resident))
        stopped.remove(node(of: resident))
        restarts[resident] = now.later(ms: ms)
        guard case .ingest(let number) = resident else { return }
        for cable in cables.indices where monitors[cable].ingest == number { breakCable(cable) }
    }

    mutating func restart(_ resident: Resident) {
        restarts[resident] = nil
        switch resident {
        case .store: store.restart(keeping: chance.below(4), at: now)
        case .ingest(let number): ingests[number].restart(keeping: chance.below(3))
        case .worker(let number): workers[number].restart()
        case .native(let number): natives[number].restart(at: now)
        case .operators: break
        }
        boot(resident)
        send(resident)
    }

    /// The process hangs until it is resumed.
    mutating func hang(_ resident: Resident) {
        guard restarts[resident] == nil else { return }
        link.stop(node(of: resident))
        stopped.insert(node(of: resident))
    }

    mutating func resumeAll() {
        for node in stopped.sorted() { link.resume(node) }
        stopped = []
    }
}
