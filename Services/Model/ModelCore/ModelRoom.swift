public import TwinCore

/// A model worker as a pure fold: work orders and artifacts come in, assessments go out.
///
/// It holds no truth. Artifacts are fetched when an order names them, loaded, proved, and kept for
/// the next; an order that waits for several is worked off artifact by artifact, so that what
/// waits holds assessments and never models. Whoever runs the room answers every
/// ``Departure/fetch(_:)`` with one ``Arrival/artifact(_:_:)``: bytes or a refusal.
public struct ModelRoom: Sendable {
    /// Chosen by who gives the order; repeated in its result.
    public typealias Request = UInt64

    /// Makes a model of an artifact's bytes, which it checks against the artifact's name.
    public typealias Loader = @Sendable (ArtifactID, [UInt8]) -> Result<LoadedModel, Refusal>

    public enum Arrival: Sendable {
        case order(Request, WorkOrder)
        /// A fetched artifact, or why there is none.
        case artifact(ArtifactID, Result<[UInt8], Refusal>)
    }

    public enum Departure: Hashable, Sendable {
        case fetch(ArtifactID)
        case result(Request, WorkResult)
    }

    /// How much a room holds.
    public struct Limits: Hashable, Sendable {
        /// Models kept loaded.
        public var modelCountMax = 8
        /// Orders that wait for artifacts.
        public var waitingCountMax = 256
        /// Artifacts named by one order.
        public var artifactCountMax = 16

        public init() {}
    }

    /// An order that waits for artifacts.
    private struct Waiting {
        var request: Request
        var order: Order
        var missing: Set<ArtifactID>
        var made: [ArtifactID: Assessment] = [:]
    }

    private enum Order {
        case assess(ModelTask)
        case prepare(PrepareTask)

        var artifacts: [ArtifactID] {
            switch self {
            case .assess(let task): task.artifacts
            case .prepare(let task): task.artifacts
            }
        }
    }

    private let assessor: Assessor
    private let limits: Limits
    private var shelf: ModelShelf
    private var waiting: [Waiting] = []
    private var fetching: Set<ArtifactID> = []

    public init(
        loader: @escaping Loader, assessor: Assessor = Assessor(), limits: Limits = Limits()
    ) {
        self.assessor = assessor
        self.limits = limits
        shelf = ModelShelf(modelCountMax: limits.modelCountMax, loader: loader)
    }

    /// How many orders wait for artifacts.
    public var waitingCount: Int { waiting.count }
    /// The artifacts that are loaded, the most recently used last.
    public var loaded: [ArtifactID] { shelf.ids }

    /// Takes in one arrival, and says everything that must happen because of it.
    public mutating func receive(_ arrival: Arrival) -> [Departure] {
        switch arrival {
        case .order(let request, .assess(let task)): return begin(request, .assess(task))
        case .order(let request, .prepare(let task)): return begin(request, .prepare(task))
        case .order(let request, .features):
            return [fail(request, Refusal(.unsupported, "a model worker makes no features"))]
        case .artifact(let id, let fetched): return take(id, fetched)
        }
    }

    private mutating func begin(_ request: Request, _ order: Order) -> [Departure] {
        let artifacts = Set(order.artifacts)
        guard artifacts.count <= limits.artifactCountMax else {
            return [
                fail(request, Refusal(.tooLarge, "\(artifacts.count) artifacts in one order"))
            ]
        }
        var entry = Waiting(request: request, order: order, missing: artifacts)
        for id in artifacts.sorted() {
            switch shelf.lookUp(id) {
            case .ready(let model): work(&entry, id, model)
            case .refused(let refusal): return [fail(request, refusal)]
            case .unknown: break
            }
        }
        if entry.missing.isEmpty { return [finish(entry)] }
        guard waiting.count < limits.waitingCountMax else {
            return [
                fail(
                    request,
                    Refusal(.overloaded, "\(waiting.count) orders wait", retryAfterMs: 500))
            ]
        }
        waiting.append(entry)
        return entry.missing.sorted().filter { fetching.insert($0).inserted }.map(Departure.fetch)
    }

    private mutating func take(
        _ id: ArtifactID, _ fetched: Result<[UInt8], Refusal>
    ) -> [Departure] {
        // What was not asked for is not taken.
        guard fetching.remove(id) != nil else { return [] }
        let loaded = fetched.flatMap { shelf.load(id, $0) }
        var departures: [Departure] = []
        var still: [Waiting] = []
        for var entry in waiting {
            guard entry.missing.contains(id) else {
                still.append(entry)
                continue
            }
            switch loaded {
            case .failure(let refusal): departures.append(fail(entry.request, refusal))
            case .success(let model):
                work(&entry, id, model)
                if entry.missing.isEmpty {
                    departures.append(finish(entry))
                } else {
                    still.append(entry)
                }
            }
        }
        waiting = still
        return departures
    }

    private func work(_ entry: inout Waiting, _ id: ArtifactID, _ model: LoadedModel) {
        entry.missing.remove(id)
        if case .assess(let task) = entry.order {
            entry.made[id] = assessor.assess(task.features, revision: task.revision, with: model)
        }
    }

    private func finish(_ entry: Waiting) -> Departure {
        switch entry.order {
        case .prepare(let task): .result(entry.request, .prepared(task.artifacts))
        case .assess(let task):
            .result(
                entry.request,
                .assessments(
                    task.twin, revision: task.revision, epoch: task.epoch,
                    task.artifacts.compactMap { entry.made[$0] }))
        }
    }

    private func fail(_ request: Request, _ refusal: Refusal) -> Departure {
        .result(request, .failed(refusal))
    }
}
