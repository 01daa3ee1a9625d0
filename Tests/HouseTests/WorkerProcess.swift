import FeatureCore
import FeatureRoster
import ModelCore
import TwinCore
import TwinLink
import TwinWire

/// A worker of the house: a room of either kind, and as much of a door as it needs.
struct WorkerProcess {
    private enum Room {
        case feature(FeatureRoom)
        case model(ModelRoom)
    }

    let name: String
    let ready: Ready
    let plan: HousePlan
    var node = 0
    var store = PeerID(number: 0)
    private var room: Room
    /// Orders that came, in order.
    private var orders: [(order: WorkOrder, request: UInt64)] = []
    private var tickCount = 0
    private var fetches: [UInt64: ArtifactID] = [:]
    private var lastCorrelation: UInt64 = 0
    var commands: [HubCommand] = []
    /// What happened here, in words.
    private(set) var seen: Set<String> = []

    init(feature name: String, _ plan: HousePlan) {
        let room = FeatureRoom(extractors: FeatureRoster.all, limits: plan.featureLimits)
        guard let ready = room.ready(credits: 2).first else {
            preconditionFailure("the roster has an extractor")
        }
        self.init(name, ready, plan, .feature(room))
    }

    init(model name: String, _ plan: HousePlan) {
        self.init(
            name, Ready(role: .model, version: "house", credits: 3), plan,
            .model(ModelRoom(loader: Artifacts.loader, limits: plan.modelLimits)))
    }

    private init(_ name: String, _ ready: Ready, _ plan: HousePlan, _ room: Room) {
        self.name = name
        self.ready = ready
        self.plan = plan
        self.room = room
    }

    /// A new process with nothing but its name.
    mutating func restart() {
        let successor =
            ready.role == .model
            ? WorkerProcess(model: name, plan) : WorkerProcess(feature: name, plan)
        let (node, seen) = (node, seen)
        self = successor
        (self.node, self.seen) = (node, seen)
    }

    mutating func take(_ event: HubEvent) {
        switch event {
        case .up: ask(.ready(ready))
        case .down: break
        case .request(let peer, let request, _, _, let payload):
            guard case .order(let order)? = try? Message(payload), peer == store else { return }
            orders.append((order, request))
        case .reply(_, let correlation, let payload):
            guard let id = fetches.removeValue(forKey: correlation) else { return }
            fetched(id, payload)
        case .failed(_, let correlation, let failure):
            guard let id = fetches.removeValue(forKey: correlation) else { return }
            receive(.artifact(id, .failure(Refusal(.failed, "\(failure)"))))
        }
    }

    mutating func tick() {
        tickCount += 1
        // Assessments take their time: so some are under way whenever an artifact is replaced.
        if orders.isEmpty || (ready.role == .model && !tickCount.isMultiple(of: 4)) { return }
        let (order, request) = orders.removeFirst()
        take(order, request)
    }

    private mutating func take(_ order: WorkOrder, _ request: UInt64) {
        guard case .feature(var feature) = room else {
            return receive(.order(request, order))
        }
        guard case .features(let task) = order else {
            return reply(.failed(Refusal(.unsupported, "features only")), to: request)
        }
        for departure in feature.receive(.order(request: request, task)) {
            switch departure {
            case .result(let request, let result): reply(result, to: request)
            }
        }
        room = .feature(feature)
    }

    private mutating func fetched(_ id: ArtifactID, _ payload: Payload) {
        switch try? Message(payload) {
        case .answer(.artifact):
            receive(.artifact(id, .success(payload.attachments.first ?? [])))
        case .refused(let refusal): receive(.artifact(id, .failure(refusal)))
        default: receive(.artifact(id, .failure(Refusal(.malformed, "another answer"))))
        }
    }

    private mutating func receive(_ arrival: ModelRoom.Arrival) {
        guard case .model(var model) = room else { return }
        for departure in model.receive(arrival) {
            switch departure {
            case .fetch(let id): ask(.query(.artifact(id)), fetching: id)
            case .result(let request, let result): reply(result, to: request)
            }
        }
        room = .model(model)
    }

    private mutating func ask(_ message: Message, fetching id: ArtifactID? = nil) {
        lastCorrelation += 1
        fetches[lastCorrelation] = id
        commands.append(
            .request(
                store, message.payload(), correlation: lastCorrelation, deadlineMs: 60_000))
    }

    private mutating func reply(_ result: WorkResult, to request: UInt64) {
        if case .failed(let refusal) = result { seen.insert("work \(refusal.reason.name)") }
        commands.append(
            .reply(store, correlation: request, Message.result(result).payload()))
    }

    /// Whether nothing waits here any more.
    var isIdle: Bool {
        guard case .model(let model) = room else { return orders.isEmpty }
        return orders.isEmpty && model.waitingCount == 0
    }

    /// The bounds that are broken, in words.
    var brokenBounds: [String] {
        switch room {
        case .feature(let feature):
            feature.kept.timelineCount > plan.featureLimits.twinCountMax ? ["\(name): twins"] : []
        case .model(let model):
            model.loaded.count > plan.modelLimits.modelCountMax ? ["\(name): models"] : []
        }
    }
}
