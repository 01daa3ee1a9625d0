import TwinCore
import TwinLink
import TwinStoreCore
import TwinWire

/// The store of the house: the room, its engine, and as much of a door as the room needs.
struct StoreProcess {
    let plan: HousePlan
    var node = 0
    private(set) var room: TwinRoom
    private(set) var engine = InMemoryEngine()
    private var letters = Letters<TwinRoom.Arrival>()
    private var peers: [TwinRoom.Peer: PeerID] = [:]
    /// Appended, and not yet shown by the engine.
    private var underWay: [StoreRecord] = []
    /// Everything that was appended and not lost with the power.
    private(set) var log: [StoreRecord] = []
    private var startedAt: Instant
    var commands: [HubCommand] = []
    private(set) var alarms: [String] = []

    init(_ plan: HousePlan, at now: Instant) {
        self.plan = plan
        startedAt = now
        room = StoreProcess.room(Recovery(), plan)
    }

    private static func room(_ recovery: Recovery, _ plan: HousePlan) -> TwinRoom {
        var room = TwinRoom(recovery, settings: plan.roomSettings)
        #if DEBUG
        switch plan.bug {
        case .commitsEarly: room.planted = .acknowledgeBeforeDurable
        case .forgetsOffsets: room.planted = .noDeduplication
        case .mixesEpochs: room.planted = .mixedEpochs
        default: break
        }
        #endif
        return room
    }

    /// Power is cut, and comes back: what was under way is there up to a point, or not at all.
    mutating func restart(keeping extra: Int, at now: Instant) {
        engine = engine.crash(keeping: extra)
        guard let recovery = try? engine.recover() else { return }
        room = StoreProcess.room(recovery, plan)
        log.removeAll { $0.cursor > recovery.cursor }
        (letters, peers, underWay, commands) = (Letters(), [:], [], [])
        startedAt = now
    }

    mutating func take(_ event: HubEvent, at now: Instant) {
        switch event {
        case .up(let peer, let hello):
            peers[peer.number] = peer
            receive(
                .introduced(
                    peer.number, name: hello.name, role: hello.role, version: hello.version))
        case .down(let peer, _): receive(.disconnected(peer.number))
        case .request(let peer, let correlation, _, _, let payload):
            guard let message = try? Message(payload) else { return }
            take(message, payload, from: peer, correlation, at: now)
        case .reply(let peer, let order, let payload):
            guard case .result(let result)? = try? Message(payload) else { return }
            receive(.result(peer.number, order, result))
        case .failed(let peer, let order, let failure):
            let refusal: Refusal
            switch failure {
            case .refused(let why): refusal = why
            case .overloaded: refusal = Refusal(.overloaded, "the link is full")
            case .expired: refusal = Refusal(.expired, "no answer within the deadline")
            default: refusal = Refusal(.failed, "\(failure)")
            }
            receive(.failed(peer.number, order, refusal))
        }
        settle()
    }

    private mutating func take(
        _ message: Message, _ payload: Payload, from peer: PeerID, _ correlation: UInt64,
        at now: Instant
    ) {
        switch message {
        case .commit(let commit): receive(.commit(peer.number, correlation, commit))
        case .ready(let ready):
            reply(.accepted(count: ready.credits), to: peer, correlation)
            receive(.connected(peer.number, ready))
        case .query(let query):
            answer(query, payload.attachments.first, to: peer, correlation, at: now)
        default: reply(.refused(Refusal(.unsupported, "not for a store")), to: peer, correlation)
        }
    }

    private mutating func answer(
        _ query: Query, _ attachment: [UInt8]?, to peer: PeerID, _ correlation: UInt64,
        at now: Instant
    ) {
        switch query {
        case .push(let outcome, let kind):
            let bytes = attachment ?? []
            let info = ArtifactInfo(
                id: Artifacts.identify(bytes), outcome: outcome, kind: kind,
                byteCount: UInt64(bytes.count), pushedAt: now)
            do {
                try engine.putArtifact(info.id, bytes: bytes)
                receive(.push(peer.number, correlation, info))
            } catch {
                reply(.refused(Refusal(.storageFailed, "\(error)")), to: peer, correlation)
            }
        case .activate(let id): receive(.activate(peer.number, correlation, id))
        case .rollback(let outcome): receive(.rollback(peer.number, correlation, outcome: outcome))
        case .artifact(let id):
            guard let info = room.artifact(id), let bytes = try? engine.artifactBytes(id) else {
                return reply(
                    .refused(Refusal(.notFound, "no artifact \(id)")), to: peer, correlation)
            }
            reply(.answer(.artifact(info)), to: peer, correlation, attachments: [bytes])
        default:
            reply(.refused(Refusal(.unsupported, "not asked here")), to: peer, correlation)
        }
    }

    mutating func tick(at now: Instant) {
        let uptimeMs = UInt64(max(0, now.seconds(since: startedAt) * 1000))
        receive(.tick(at: now, uptimeMs: uptimeMs))
        settle()
    }

    /// The operator wants everything tried again that was given up.
    mutating func pardonAll() {
        for twin in room.twins(after: nil, limit: .max) { receive(.pardon(twin.id)) }
        settle()
    }

    /// Takes in what the engine has called back.
    mutating func settle() {
        var arrivals = letters.take()
        while !arrivals.isEmpty {
            for arrival in arrivals {
                if case .durable(let cursor) = arrival {
                    underWay.removeAll { $0.cursor <= cursor }
                }
            }
            receive(arrivals)
            arrivals = letters.take()
        }
    }

    private mutating func receive(_ arrivals: TwinRoom.Arrival...) { receive(arrivals) }

    private mutating func receive(_ arrivals: [TwinRoom.Arrival]) {
        for departure in room.receive(arrivals) { depart(departure) }
    }

    private mutating func depart(_ departure: TwinRoom.Departure) {
        switch departure {
        case .append(let records): append(records)
        case .committed(let peer, let request, let committed):
            reply(.committed(committed), to: peers[peer], request)
        case .refuse(let peer, let request, let refusal):
            reply(.refused(refusal), to: peers[peer], request)
        case .stored(let peer, let request, let info):
            reply(.answer(.artifact(info)), to: peers[peer], request)
        case .activated(let peer, let request, let activation):
            reply(.answer(.activated(activation)), to: peers[peer], request)
        case .order(let peer, let request, let sketch, let deadlineMs):
            order(order(sketch), of: peer, request, deadlineMs)
        case .prepare(let peer, let request, let artifacts, let deadlineMs):
            order(.prepare(PrepareTask(artifacts: artifacts)), of: peer, request, deadlineMs)
        case .changes: break
        case .alarm(let text): alarms.append(text)
        }
    }

    private mutating func append(_ records: [StoreRecord]) {
        log += records
        underWay += records
        let (letters, last) = (letters, records.last?.cursor ?? 0)
        engine.commit(records) { result in
            switch result {
            case .success: letters.post(.durable(last))
            case .failure(let error): letters.post(.storageFailed("\(error)"))
            }
        }
    }

    private mutating func reply(
        _ message: Message, to peer: PeerID?, _ correlation: UInt64, attachments: [[UInt8]] = []
    ) {
        guard let peer else { return }
        commands.append(
            .reply(peer, correlation: correlation, message.payload(attachments: attachments)))
    }

    private mutating func order(
        _ order: WorkOrder, of peer: TwinRoom.Peer, _ request: TwinRoom.Request,
        _ deadlineMs: UInt32
    ) {
        guard let peer = peers[peer] else { return }
        commands.append(
            .request(
                peer, Message.order(order).payload(), correlation: request, deadlineMs: deadlineMs))
    }

    /// The order with its data, from the engine and from what is under way to it.
    private func order(_ sketch: WorkOrderSketch) -> WorkOrder {
        switch sketch {
        case .features(let twin, let modality, let from, let to):
            let stored =
                (try? engine.observations(of: twin, after: from, through: to, limit: .max)) ?? []
            let shown = max(from, stored.last?.commitRevision ?? 0)
            let recent = underWay.flatMap { record -> [TwinSlice] in
                guard case .observations(_, _, let slices) = record.change else { return [] }
                return slices.filter {
                    $0.twin == twin && $0.revision > shown && $0.revision <= to
                }
            }
            return .features(
                FeatureTask(
                    twin: twin, modality: modality, fromRevision: from, toRevision: to,
                    observations: stored.map(\.observation) + recent.flatMap(\.observations)))
        case .assess(let twin, let revision, let epoch, let artifacts):
            var features = (try? engine.features(of: twin)) ?? []
            for record in underWay {
                guard case .features(twin, let set) = record.change else { continue }
                features.removeAll { $0.modality == set.modality }
                features.append(set)
            }
            return .assess(
                ModelTask(
                    twin: twin, revision: revision, epoch: epoch, artifacts: artifacts,
                    features: features))
        }
    }
}
