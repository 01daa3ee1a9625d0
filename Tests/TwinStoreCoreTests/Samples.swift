import TwinCore
import TwinStoreCore

/// A seeded source of chance: the same seed gives the same run.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func happens(_ percent: Int) -> Bool { Int(next() % 100) < percent }

    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }
}

func twin(_ number: Int) -> TwinID { TwinID("WARD|P-\(number)").unsafelyUnwrapped }

func artifact(_ digit: Character) -> ArtifactID {
    ArtifactID(hex: String(repeating: digit, count: 64)).unsafelyUnwrapped
}

func seconds(_ count: Int64) -> Instant { Instant(microsecondsSinceEpoch: count * 1_000_000) }

func observation(
    _ id: TwinID, _ value: Double, at eventSeconds: Int64 = 0, code: Code = .loinc("8867-4"),
    flags: QualityFlags = [], source: Source = "monitor"
) -> Observation {
    Observation(
        twin: id, code: code, value: .number(value), unit: "/min",
        eventTime: seconds(eventSeconds), receiveTime: seconds(eventSeconds), source: source,
        flags: flags)
}

func commit(
    _ offsets: ClosedRange<UInt64>, _ twins: [TwinID], ingest: IngestID = "ward-a"
) -> Commit {
    Commit(
        ingest: ingest,
        records: offsets.map { offset in
            OutboxRecord(
                offset: offset,
                batch: ObservationBatch(twins.map { observation($0, Double(offset)) }))
        })
}

func info(_ id: ArtifactID, outcome: String = "death") -> ArtifactInfo {
    ArtifactInfo(
        id: id, outcome: outcome, kind: "forest", byteCount: 3, pushedAt: seconds(0))
}

func ready(_ role: Role = .feature(.vitals), version: String = "1.0", credits: UInt32 = 4) -> Ready
{
    Ready(role: role, version: version, credits: credits)
}

func featureSet(
    _ revision: Revision, version: String = "1.0", modality: Modality = .vitals
)
    -> FeatureSet
{
    FeatureSet(
        modality: modality, version: version, revision: revision, referenceTime: seconds(0),
        features: [Feature(name: "count", value: Double(revision), unit: "")])
}

func assessment(
    _ revision: Revision, _ artifact: ArtifactID, outcome: String = "death"
)
    -> Assessment
{
    Assessment(
        outcome: outcome, artifact: artifact, revision: revision, featureVersion: "1.0",
        verdict: .prediction(probability: 0.25, classes: ["0"]), baseline: 0, reasons: [],
        remainder: 0, recommendations: [],
        quality: InputQuality(featureCount: 1, missingCount: 0, flaggedCount: 0))
}

/// A room whose records become durable at once, unless `isHolding`.
struct Ward {
    var room: TwinRoom
    var isHolding = false
    private(set) var appended: [StoreRecord] = []

    init(_ recovery: Recovery = Recovery(), settings: RoomSettings = RoomSettings()) {
        room = TwinRoom(recovery, settings: settings)
    }

    /// What departs because of the arrivals, but for the records.
    @discardableResult
    mutating func take(_ arrivals: TwinRoom.Arrival...) -> [TwinRoom.Departure] {
        var departures: [TwinRoom.Departure] = []
        var waiting = arrivals
        while !waiting.isEmpty {
            var cursor: UInt64?
            for departure in room.receive(waiting) {
                if case .append(let records) = departure {
                    appended += records
                    cursor = records.last?.cursor
                } else {
                    departures.append(departure)
                }
            }
            waiting = []
            if let cursor, !isHolding { waiting = [.durable(cursor)] }
        }
        return departures
    }

    /// A room with one artifact that speaks, and no worker.
    static func withActive(_ id: ArtifactID, settings: RoomSettings = RoomSettings()) -> Ward {
        var ward = Ward(settings: settings)
        ward.take(.push(90, 1, info(id)), .activate(90, 2, id))
        return ward
    }

    mutating func connectModel(_ peer: TwinRoom.Peer, credits: UInt32 = 4) {
        for case .prepare(_, let request, let artifacts, _)
            in take(.connected(peer, ready(.model, credits: credits)))
        { take(.result(peer, request, .prepared(artifacts))) }
    }
}

/// An order to a worker, as a test looks at it.
struct Ordered: Equatable {
    var peer: TwinRoom.Peer
    var request: TwinRoom.Request
    var sketch: WorkOrderSketch
}

extension [TwinRoom.Departure] {
    var orders: [Ordered] {
        compactMap {
            guard case .order(let peer, let request, let sketch, _) = $0 else { return nil }
            return Ordered(peer: peer, request: request, sketch: sketch)
        }
    }

    var sketches: [WorkOrderSketch] { orders.map(\.sketch) }

    var refusals: [Refusal.Reason] {
        compactMap {
            guard case .refuse(_, _, let refusal) = $0 else { return nil }
            return refusal.reason
        }
    }

    var committed: [UInt64] {
        compactMap {
            guard case .committed(_, _, let committed) = $0 else { return nil }
            return committed.offset
        }
    }

    var alarms: [String] {
        compactMap {
            guard case .alarm(let text) = $0 else { return nil }
            return text
        }
    }

    var changes: [Change] {
        flatMap { departure -> [Change] in
            guard case .changes(_, _, let changes) = departure else { return [] }
            return changes
        }
    }

    var activated: [Activation] {
        compactMap {
            guard case .activated(_, _, let activation) = $0 else { return nil }
            return activation
        }
    }

    var prepares: [(peer: TwinRoom.Peer, request: TwinRoom.Request, artifacts: [ArtifactID])] {
        compactMap {
            guard case .prepare(let peer, let request, let artifacts, _) = $0 else { return nil }
            return (peer, request, artifacts)
        }
    }
}
