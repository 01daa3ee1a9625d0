import TwinCore
import TwinLink
import TwinStoreCore
import TwinStoreService
import TwinWire

/// The store of the house: its service, turned by hand, and as much of a door as it needs.
struct StoreProcess {
    /// What the service says, until the door takes it.
    private struct Port: StorePort {
        let letters = Letters<StoreDeparture>()

        func send(_ departures: [StoreDeparture]) { departures.forEach(letters.post) }
    }

    /// What one life of the process consists of.
    private struct Life {
        var loop: StoreLoop
        let port = Port()
        let arrivals = Letters<StoreArrival>()
        /// Readings of the engine, which take a while.
        let jobs = Letters<@Sendable () -> Void>()
        var peers: [TwinRoom.Peer: PeerID] = [:]
        let startedAt: Instant

        init(_ engine: NotedEngine, _ plan: HousePlan, at now: Instant) throws(EngineError) {
            let (arrivals, jobs) = (arrivals, jobs)
            startedAt = now
            var settings = ServiceSettings()
            settings.room = plan.roomSettings
            loop = try StoreLoop(
                StoreLoop.Surroundings(
                    engine: engine, port: port, post: { arrivals.post($0) },
                    perform: { job in
                        switch job {
                        case .order(let work), .question(let work): jobs.post(work)
                        }
                        return true
                    }, identify: { Artifacts.identify($0) }), settings: settings)
            #if DEBUG
            switch plan.bug {
            case .commitsEarly: loop.room.planted = .acknowledgeBeforeDurable
            case .forgetsOffsets: loop.room.planted = .noDeduplication
            case .mixesEpochs: loop.room.planted = .mixedEpochs
            default: break
            }
            #endif
        }
    }

    let plan: HousePlan
    var node = 0
    private(set) var engine = NotedEngine()
    private var life: Life
    private var commands: [HubCommand] = []
    private(set) var alarms: [String] = []

    init(_ plan: HousePlan, at now: Instant) {
        self.plan = plan
        life = StoreProcess.life(engine, plan, at: now)
    }

    private static func life(_ engine: NotedEngine, _ plan: HousePlan, at now: Instant) -> Life {
        do {
            return try Life(engine, plan, at: now)
        } catch {
            preconditionFailure("an engine in memory recovers: \(error)")
        }
    }

    var room: TwinRoom { life.loop.room }

    /// Power is cut, and comes back: what was under way is there up to a point, or not at all.
    mutating func restart(keeping extra: Int, at now: Instant) {
        engine = engine.cutPower(keeping: extra)
        life = StoreProcess.life(engine, plan, at: now)
        commands = []
    }

    mutating func take(_ event: HubEvent) {
        switch event {
        case .up(let peer, let hello):
            life.peers[peer.number] = peer
            post(
                .introduced(
                    peer.number, name: hello.name, role: hello.role, version: hello.version))
        case .down(let peer, _):
            life.peers[peer.number] = nil
            post(.disconnected(peer.number))
        case .request(let peer, let correlation, _, _, let payload):
            take(payload, from: peer, correlation)
        case .reply(let peer, let order, let payload):
            guard case .result(let result)? = try? Message(payload) else { return }
            post(.result(peer.number, order, result))
        case .failed(let peer, let order, let failure):
            post(.failed(peer.number, order, Refusal(.failed, "the worker's link: \(failure)")))
        }
    }

    private mutating func take(_ payload: Payload, from peer: PeerID, _ correlation: UInt64) {
        switch try? Message(payload) {
        case .commit(let commit): post(.commit(peer.number, correlation, commit))
        case .ready(let ready):
            commands.append(
                .reply(peer, correlation: correlation, Message.accepted(count: 0).payload()))
            post(.connected(peer.number, ready))
        case .query(let query):
            life.arrivals.post(
                .query(
                    peer.number, correlation, query, attachment: payload.attachments.first))
        default:
            let refusal = Message.refused(Refusal(.unsupported, "not for a store"))
            commands.append(.reply(peer, correlation: correlation, refusal.payload()))
        }
    }

    private func post(_ arrival: TwinRoom.Arrival) { life.arrivals.post(.room(arrival)) }

    /// The operator wants everything tried again that was given up.
    mutating func pardonAll() {
        for twin in life.loop.room.twins(after: nil, limit: .max) { post(.pardon(twin.id)) }
    }

    /// One turn of the service; what it reads is there by the next.
    mutating func tick(at now: Instant) {
        let uptimeMs = UInt64(max(0, now.seconds(since: life.startedAt) * 1000))
        for job in life.jobs.take() { job() }
        var arrivals = life.arrivals.take()
        repeat {
            life.loop.turn(arrivals, at: now, uptimeMs: uptimeMs)
            arrivals = life.arrivals.take()
        } while !arrivals.isEmpty
    }

    /// What leaves.
    mutating func takeCommands() -> [HubCommand] {
        for departure in life.port.letters.take() {
            switch departure {
            case .reply(let peer, let request, let reply):
                guard let peer = life.peers[peer] else { continue }
                commands.append(
                    .reply(peer, correlation: request, StoreProcess.payload(reply)))
            case .order(let peer, let request, let order, let deadlineMs):
                guard let peer = life.peers[peer] else { continue }
                commands.append(
                    .request(
                        peer, Message.order(order).payload(), correlation: request,
                        deadlineMs: deadlineMs))
            case .alarm(let text): alarms.append(text)
            }
        }
        defer { commands = [] }
        return commands
    }

    private static func payload(_ reply: StoreReply) -> Payload {
        switch reply {
        case .committed(let committed): Message.committed(committed).payload()
        case .answer(let answer, let attachment):
            Message.answer(answer).payload(attachments: attachment.map { [$0] } ?? [])
        case .refused(let refusal): Message.refused(refusal).payload()
        }
    }
}
