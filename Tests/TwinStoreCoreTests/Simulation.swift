import Synchronization
import TwinCore
import TwinStoreCore
import TwinTestKit

/// A store in one process from one seed: ingests, workers, a disk, and everything that can go wrong.
///
/// It names what went wrong with the store's promises; an empty list is a good run.
struct Simulation {
    struct Sender {
        var name: IngestID
        var records: [OutboxRecord] = []
        var acknowledged: UInt64 = 0
    }

    struct Hand {
        var role: Role
        var version: String
        /// What it remembers of twins: the revision, and how many observations there were.
        var cache: [TwinID: (revision: Revision, count: Int)] = [:]
        var orders: [(request: TwinRoom.Request, sketch: WorkOrderSketch)] = []
        var prepares: [(request: TwinRoom.Request, artifacts: [ArtifactID])] = []
    }

    var chance: Chance
    var settings = RoomSettings()
    var engine = InMemoryEngine()
    var room: TwinRoom
    var senders: [Sender] = []
    var hands: [TwinRoom.Peer: Hand] = [:]
    var nextPeer: TwinRoom.Peer = 1
    var uptimeMs: UInt64 = 0
    var violations: [String] = []
    /// Whether twins 3 and 7 kill every feature worker.
    var isPoisonous = false
    /// What was appended since the start of the room, and what the engine kept before.
    var slices: [TwinID: [(revision: Revision, count: Int)]] = [:]
    var features: [TwinID: FeatureSet] = [:]
    var oracle = ReleaseOracle()
    let disk = Mailbox()
    #if DEBUG
    var bug: PlantedBug?
    #endif

    /// What the engine called back.
    final class Mailbox: Sendable {
        private let arrivals = Mutex<[TwinRoom.Arrival]>([])

        func post(_ arrival: TwinRoom.Arrival) { arrivals.withLock { $0.append(arrival) } }
        func take() -> [TwinRoom.Arrival] {
            arrivals.withLock { arrivals in
                defer { arrivals = [] }
                return arrivals
            }
        }
    }

    init(seed: UInt64) {
        chance = Chance(seed: seed)
        settings.failureCountMax = 200
        room = TwinRoom(Recovery(), settings: settings)
        var value = 0.0
        for number in 0..<3 {
            var sender = Sender(name: "ward-\(number)")
            for offset in UInt64(1)...15 {
                let observations = (0..<chance.below(6)).map { _ -> Observation in
                    value += 1
                    return observation(
                        twin(chance.below(8)), value, at: Int64(chance.below(1000)))
                }
                sender.records.append(
                    OutboxRecord(offset: offset, batch: ObservationBatch(observations)))
            }
            senders.append(sender)
        }
    }

    mutating func run(steps: Int = 300) {
        #if DEBUG
        room.planted = bug
        #endif
        for digit in "ab" {
            feed([
                .push(90, 1, info(artifact(digit), outcome: "death")),
                .push(
                    90, 2, info(artifact(Character(digit == "a" ? "c" : "d")), outcome: "sepsis")),
            ])
        }
        for _ in 0..<steps { step() }
        heal()
        check()
    }

    private mutating func step() {
        switch chance.below(20) {
        case 0..<5: send(chance.below(senders.count))
        case 5..<12: if let peer = hands.keys.sorted().randomElement(using: &chance) { work(peer) }
        case 12: connect()
        case 13: if chance.happens(50) { kill() }
        case 14: tick(UInt64(chance.below(4000)))
        case 15: engine.hold()
        case 16, 17: engine.release(chance.happens(50) ? chance.below(4) : nil)
        case 18: if chance.happens(25) { restart() }
        default: release()
        }
        drain()
    }

    mutating func feed(_ arrivals: [TwinRoom.Arrival]) {
        for departure in room.receive(arrivals) { depart(departure) }
        drain()
    }

    private mutating func drain() {
        var arrivals = disk.take()
        while !arrivals.isEmpty {
            for departure in room.receive(arrivals) { depart(departure) }
            arrivals = disk.take()
        }
    }

    private mutating func depart(_ departure: TwinRoom.Departure) {
        switch departure {
        case .append(let records):
            records.forEach { note($0) }
            let last = records.last?.cursor ?? 0
            engine.commit(records) { [disk] result in
                if (try? result.get()) != nil { disk.post(.durable(last)) }
            }
        case .committed(let peer, _, let committed):
            let kept = (try? engine.recover())?.offsets[committed.ingest] ?? 0
            if committed.offset > kept { violations.append("acknowledged and not durable") }
            let sender = Int(peer) - 1000
            // An answer may be lost on its way.
            if chance.happens(80) {
                senders[sender].acknowledged = max(
                    senders[sender].acknowledged, committed.offset)
            }
        case .order(let peer, let request, let sketch, _):
            hands[peer]?.orders.append((request, sketch))
        case .prepare(let peer, let request, let artifacts, _):
            hands[peer]?.prepares.append((request, artifacts))
        case .refuse, .changes, .stored, .activated, .alarm: break
        }
    }

    /// What the records say, as they are appended.
    mutating func note(_ record: StoreRecord) {
        switch record.change {
        case .observations(_, _, let added):
            for slice in added {
                if slice.revision != (slices[slice.twin]?.last?.revision ?? 0) + 1 {
                    violations.append("revision \(slice.revision) of \(slice.twin) has a gap")
                }
                slices[slice.twin, default: []].append(
                    (slice.revision, slice.observations.count))
            }
        case .features(let id, let set):
            features[id] = set
            let count = slices[id, default: []].filter { $0.revision <= set.revision }
                .reduce(0) { $0 + $1.count }
            if set.features.first?.value != Double(count) {
                violations.append("features of \(id) were made of something else")
            }
        case .assessments(let id, _, let made):
            for _ in oracle.strangers(among: made, of: id) {
                violations.append("an artifact spoke that was not active")
            }
        case .shadows(_, _, let made):
            for one in made where oracle.shadow(of: one.outcome) != one.artifact {
                violations.append("an artifact that was no shadow was one")
            }
        case .activation(let activation): oracle.note(activation)
        case .artifact, .drift: break
        }
    }
}
