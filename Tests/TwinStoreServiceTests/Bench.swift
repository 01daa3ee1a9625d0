import Synchronization
import TwinCore
import TwinStoreCore
import TwinStoreService

/// Keeps what comes, from any thread.
final class Tray<Item: Sendable>: Sendable {
    private let items = Mutex<[Item]>([])

    func put(_ new: [Item]) { items.withLock { $0 += new } }
    func take() -> [Item] {
        items.withLock { items in
            defer { items = [] }
            return items
        }
    }
}

struct Door: StorePort {
    let tray = Tray<StoreDeparture>()

    func send(_ departures: [StoreDeparture]) { tray.put(departures) }
}

/// A loop that is turned by hand, with an engine in memory, and workers that answer when told to.
struct Bench {
    let engine: InMemoryEngine
    let door = Door()
    let posted = Tray<StoreArrival>()
    let jobs = Tray<StoreLoop.Job>()
    var loop: StoreLoop
    private(set) var alarms: [String] = []
    var uptimeMs: UInt64 = 0

    init(
        engine: InMemoryEngine = InMemoryEngine(), settings: ServiceSettings = ServiceSettings(),
        isFull: Bool = false, admit: @escaping StoreLoop.Admission = { _, _, _ in }
    ) throws {
        self.engine = engine
        loop = try StoreLoop(
            StoreLoop.Surroundings(
                engine: engine, port: door, post: { [posted] in posted.put([$0]) },
                perform: { [jobs] job in
                    if isFull, case .question = job { return false }
                    jobs.put([job])
                    return true
                },
                identify: Bench.name, admit: admit),
            settings: settings)
    }

    /// A name that depends on the bytes; a real door takes SHA-256.
    static func name(_ bytes: [UInt8]) -> ArtifactID {
        let digits = bytes.prefix(32).map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 2 ? hex : "0" + hex
        }.joined()
        return ArtifactID(hex: digits + String(repeating: "0", count: 64 - digits.count))
            ?? artifactZero
    }

    private static let artifactZero = ArtifactID(hex: String(repeating: "0", count: 64))
        .unsafelyUnwrapped

    /// Turns until nothing is left to do; what departed.
    @discardableResult
    mutating func turn(_ arrivals: StoreArrival...) -> [StoreDeparture] {
        var waiting = arrivals
        repeat {
            loop.turn(waiting, at: Instant(microsecondsSinceEpoch: 5), uptimeMs: uptimeMs)
            for job in jobs.take() {
                switch job {
                case .order(let work), .question(let work): work()
                }
            }
            waiting = posted.take()
        } while !waiting.isEmpty
        let departures = door.tray.take()
        for case .alarm(let text) in departures { alarms.append(text) }
        return departures
    }

    mutating func ask(_ query: Query, bytes: [UInt8]? = nil) -> StoreReply? {
        for case .reply(70, 1, let reply) in turn(.query(70, 1, query, attachment: bytes)) {
            return reply
        }
        return nil
    }

    mutating func commit(_ offset: UInt64, _ observations: [Observation]) -> [StoreDeparture] {
        let record = OutboxRecord(offset: offset, batch: ObservationBatch(observations))
        return turn(.room(.commit(1, offset, Commit(ingest: "ward", records: [record]))))
    }

    mutating func connect(
        _ peer: TwinRoom.Peer, _ role: Role = .feature(.vitals)
    )
        -> [StoreDeparture]
    {
        turn(.room(.connected(peer, Ready(role: role, version: "1", credits: 8))))
    }
}

func patient(_ text: String) -> TwinID { TwinID(text).unsafelyUnwrapped }

func reading(_ text: String, _ value: Double, code: String = "8867-4") -> Observation {
    let time = Instant(microsecondsSinceEpoch: Int64(value))
    return Observation(
        twin: patient(text), code: .loinc(code), value: .number(value), unit: "/min",
        eventTime: time, receiveTime: time, source: "monitor")
}

/// What a worker would answer; its one feature is the number of observations in the task.
func answer(_ order: WorkOrder) -> WorkResult {
    switch order {
    case .features(let task):
        .features(
            task.twin,
            FeatureSet(
                modality: task.modality, version: "1", revision: task.toRevision,
                referenceTime: nil,
                features: [
                    Feature(name: "count", value: Double(task.observations.count), unit: "")
                ]))
    case .assess(let task):
        .assessments(
            task.twin, revision: task.revision, epoch: task.epoch,
            task.artifacts.map { artifact in
                Assessment(
                    outcome: "death", artifact: artifact, revision: task.revision,
                    featureVersion: "1", verdict: .indeterminate(reason: "a test"), baseline: 0,
                    reasons: [], remainder: 0, recommendations: [],
                    quality: InputQuality(featureCount: 1, missingCount: 0, flaggedCount: 0))
            })
    case .prepare(let task): .prepared(task.artifacts)
    }
}

extension [StoreDeparture] {
    var orders: [(peer: TwinRoom.Peer, request: TwinRoom.Request, order: WorkOrder)] {
        compactMap {
            guard case .order(let peer, let request, let order, _) = $0 else { return nil }
            return (peer, request, order)
        }
    }

    var featureTasks: [FeatureTask] {
        orders.compactMap {
            guard case .features(let task) = $0.order else { return nil }
            return task
        }
    }

    var replies: [StoreReply] {
        compactMap {
            guard case .reply(_, _, let reply) = $0 else { return nil }
            return reply
        }
    }
}

extension StoreReply {
    var refusal: Refusal.Reason? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal.reason
    }
}
