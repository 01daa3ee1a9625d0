public import TwinCore
public import TwinStoreCore

/// A room, its engine and its door, turned by one owner: what arrives goes in, what must happen is done.
///
/// It has no thread and no clock: a simulation turns it by hand, ``StoreService`` on a thread.
public struct StoreLoop: Sendable {
    /// Work that reads from the engine and may take a while.
    public enum Job: Sendable {
        /// Workers wait for it: it goes first, and is never refused.
        case order(@Sendable () -> Void)
        case question(@Sendable () -> Void)
    }

    /// Judges an artifact's signature at a time.
    public typealias Admission =
        @Sendable (ArtifactID, ArtifactSignature?, Instant) throws(Refusal) -> Void

    /// What the loop needs around it.
    public struct Surroundings: Sendable {
        public var engine: any TwinEngine
        public var port: any StorePort
        /// Brings an arrival to the next turn; called on any thread.
        public var post: @Sendable (StoreArrival) -> Void
        /// Does a job on another thread, or at once; false where there is no room for it.
        public var perform: @Sendable (Job) -> Bool
        /// The SHA-256 of an artifact.
        public var identify: @Sendable ([UInt8]) -> ArtifactID
        /// Throws where nobody that counts answers for the artifact.
        public var admit: Admission

        public init(
            engine: any TwinEngine, port: any StorePort,
            post: @escaping @Sendable (StoreArrival) -> Void,
            perform: @escaping @Sendable (Job) -> Bool,
            identify: @escaping @Sendable ([UInt8]) -> ArtifactID,
            admit: @escaping Admission = { _, _, _ in }
        ) {
            self.engine = engine
            self.port = port
            self.post = post
            self.perform = perform
            self.identify = identify
            self.admit = admit
        }
    }

    let settings: ServiceSettings
    let around: Surroundings
    let reader: StoreReader
    package var room: TwinRoom
    private var recent: RecentData
    private var recall = Recall()
    var out: [StoreDeparture] = []

    /// Recovers what the engine has kept.
    public init(
        _ around: Surroundings, settings: ServiceSettings = ServiceSettings()
    )
        throws(EngineError)
    {
        self.around = around
        self.settings = settings
        reader = StoreReader(engine: around.engine, settings: settings)
        room = TwinRoom(try around.engine.recover(), settings: settings.room)
        recent = RecentData(settings)
    }

    /// Takes in a batch of arrivals, and does what must happen because of it.
    public mutating func turn(_ arrivals: [StoreArrival], at now: Instant, uptimeMs: UInt64) {
        var questions: [Question] = []
        var roomArrivals: [TwinRoom.Arrival] = [.tick(at: now, uptimeMs: uptimeMs)]
        roomArrivals.reserveCapacity(arrivals.count + 1)
        for arrival in arrivals {
            switch arrival {
            case .room(let arrival):
                if case .heard = arrival { recall.finished() }
                roomArrivals.append(arrival)
            case .query(let peer, let request, let query, let attachment):
                let question = Question(
                    peer: peer, request: request, query: query, attachment: attachment)
                if let arrival = change(question) {
                    roomArrivals.append(arrival)
                } else {
                    questions.append(question)
                }
            }
        }
        turn(room: roomArrivals)
        recent.trim(durable: room.durableCursor)
        recallLinks(at: now)
        for question in questions { answer(question, at: now) }
        if !out.isEmpty { around.port.send(out) }
        out = []
    }

    mutating func turn(room arrivals: [TwinRoom.Arrival]) {
        for departure in room.receive(arrivals) { depart(departure) }
    }

    private mutating func depart(_ departure: TwinRoom.Departure) {
        switch departure {
        case .append(let records): append(records)
        case .committed(let peer, let request, let committed):
            out.append(.reply(peer, request, .committed(committed)))
        case .refuse(let peer, let request, let refusal):
            out.append(.reply(peer, request, .refused(refusal)))
        case .order(let peer, let request, let sketch, let deadlineMs):
            let order = Order(peer: peer, request: request, deadlineMs: deadlineMs)
            switch sketch {
            case .features(let twin, let modality, let from, let to):
                orderFeatures(order, twin, modality, from, to)
            case .assess(let twin, let revision, let epoch, let artifacts):
                let task = ModelTask(
                    twin: twin, revision: revision, epoch: epoch, artifacts: artifacts,
                    features: [])
                orderAssessment(order, task)
            }
        case .prepare(let peer, let request, let artifacts, let deadlineMs):
            out.append(
                .order(
                    peer, request, .prepare(PrepareTask(artifacts: artifacts)),
                    deadlineMs: deadlineMs))
        case .changes(let peer, let request, let changes):
            out.append(.reply(peer, request, .answer(.changes(changes))))
        case .stored(let peer, let request, let info):
            out.append(.reply(peer, request, .answer(.artifact(info))))
        case .activated(let peer, let request, let activation):
            out.append(.reply(peer, request, .answer(.activated(activation))))
        case .alarm(let text): out.append(.alarm(text))
        }
    }

    /// Asks the engine for the next twin whose links are to be made again.
    private mutating func recallLinks(at now: Instant) {
        recall.begin { room.recallable(at: now) }
        guard let (twin, revision) = recall.next() else { return }
        let (engine, post) = (around.engine, around.post)
        _ = around.perform(
            .order {
                let hearings = Recall.hearings(of: twin, through: revision, in: engine)
                post(.room(.heard(twin, hearings)))
            })
    }

    private mutating func append(_ records: [StoreRecord]) {
        recent.note(records)
        guard let last = records.last?.cursor else { return }
        let post = around.post
        around.engine.commit(records) { result in
            switch result {
            case .success: post(.room(.durable(last)))
            case .failure(let error): post(.room(.storageFailed(error.description)))
            }
        }
    }

    /// Who an order goes to.
    private struct Order: Sendable {
        var peer: TwinRoom.Peer
        var request: TwinRoom.Request
        var deadlineMs: UInt32

        func departure(_ order: WorkOrder) -> StoreDeparture {
            .order(peer, request, order, deadlineMs: deadlineMs)
        }
    }

    private mutating func orderFeatures(
        _ order: Order, _ twin: TwinID, _ modality: Modality, _ from: Revision, _ to: Revision
    ) {
        let merged = room.merged(into: twin)
        guard merged.isEmpty else {
            var slices = [twin: recent.slices(of: twin, after: 0, through: to)]
            for other in merged {
                slices[other] = recent.slices(of: other, after: 0, through: .max)
            }
            return sendLater(order) { [reader, slices] () throws(Refusal) in
                .features(
                    try reader.mergedFeatureTask(
                        twin, modality, from: from, to: to, recent: slices))
            }
        }
        let slices = recent.slices(of: twin, after: from, through: to)
        let make: @Sendable () throws(Refusal) -> WorkOrder? = { [reader] () throws(Refusal) in
            .features(
                try reader.featureTask(twin, modality, from: from, to: to, recent: slices))
        }
        // All of it is at hand: nothing is read.
        if slices.first?.revision == from + 1 {
            send(order, make)
        } else {
            sendLater(order, make)
        }
    }

    private mutating func orderAssessment(_ order: Order, _ task: ModelTask) {
        let sets = recent.features(of: task.twin)
        let modalities = room.featureModalities(of: task.twin)
        let isAtHand = modalities.allSatisfy { sets[$0] != nil }
        let make: @Sendable () throws(Refusal) -> WorkOrder? = { [reader] () throws(Refusal) in
            var task = task
            task.features =
                isAtHand
                ? StoreReader.ordered(sets) : try reader.features(of: task.twin, recent: sets)
            // Newer features than the task names: they have a task of their own.
            let revision = task.features.map(\.revision).max()
            return revision == task.revision ? .assess(task) : nil
        }
        if isAtHand { send(order, make) } else { sendLater(order, make) }
    }

    private mutating func send(_ order: Order, _ make: () throws(Refusal) -> WorkOrder?) {
        do throws(Refusal) {
            if let made = try make() {
                out.append(order.departure(made))
            } else {
                around.post(.room(.withdrawn(order.peer, order.request)))
            }
        } catch {
            around.post(.room(.failed(order.peer, order.request, error)))
        }
    }

    private func sendLater(
        _ order: Order, _ make: @escaping @Sendable () throws(Refusal) -> WorkOrder?
    ) {
        let (port, post) = (around.port, around.post)
        _ = around.perform(
            .order {
                do throws(Refusal) {
                    if let made = try make() {
                        port.send([order.departure(made)])
                    } else {
                        post(.room(.withdrawn(order.peer, order.request)))
                    }
                } catch {
                    post(.room(.failed(order.peer, order.request, error)))
                }
            })
    }
}
