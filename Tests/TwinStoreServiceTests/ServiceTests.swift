import Dispatch
import Synchronization
import Testing
import TwinCore
import TwinStoreCore
import TwinStoreService

/// A door whose workers answer at once, and that counts what was acknowledged.
private final class BusyDoor: StorePort {
    private let service = Mutex<StoreService?>(nil)
    let replies = Tray<StoreReply>()
    let isAssessed = DispatchSemaphore(value: 0)
    let isReplied = DispatchSemaphore(value: 0)

    func open(_ service: StoreService) { self.service.withLock { $0 = service } }
    func shut() { service.withLock { $0 = nil } }

    func send(_ departures: [StoreDeparture]) {
        var results: [StoreArrival] = []
        for departure in departures {
            switch departure {
            case .order(let peer, let request, let order, _):
                results.append(.room(.result(peer, request, answer(order))))
                if case .assess = order { isAssessed.signal() }
            case .reply(_, _, let reply):
                replies.put([reply])
                isReplied.signal()
            case .alarm(let text): Issue.record("\(text)")
            }
        }
        let service = service.withLock { $0 }
        service?.post(results)
    }

    func waitForReplies(_ count: Int) -> Bool {
        (0..<count).allSatisfy { _ in
            isReplied.wait(timeout: .now() + .seconds(20)) == .success
        }
    }
}

/// An engine whose lists of assessments take until they are let go.
private final class SlowEngine: TwinEngine {
    private let inner = InMemoryEngine()
    let isReading = DispatchSemaphore(value: 0)
    let mayRead = DispatchSemaphore(value: 0)

    func recover() throws(EngineError) -> Recovery { try inner.recover() }
    func commit(
        _ records: [StoreRecord],
        then done: @escaping @Sendable (Result<Void, EngineError>) -> Void
    ) { inner.commit(records, then: done) }
    func twin(_ id: TwinID, asOf revision: Revision?) throws(EngineError) -> TwinState? {
        try inner.twin(id, asOf: revision)
    }
    func twins(identifier: String) throws(EngineError) -> [TwinID] {
        try inner.twins(identifier: identifier)
    }
    func observations(
        of id: TwinID, after revision: Revision, through last: Revision, limit: Int
    ) throws(EngineError) -> [StoredObservation] {
        try inner.observations(of: id, after: revision, through: last, limit: limit)
    }
    func assessments(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError)
        -> [StoredAssessment]
    {
        isReading.signal()
        mayRead.wait()
        return try inner.assessments(of: id, after: revision, limit: limit)
    }
    func shadows(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try inner.shadows(of: id, after: revision, limit: limit)
    }

    func features(of id: TwinID) throws(EngineError) -> [FeatureSet] {
        try inner.features(of: id)
    }
    func putArtifact(_ id: ArtifactID, bytes: [UInt8]) throws(EngineError) {
        try inner.putArtifact(id, bytes: bytes)
    }
    func artifactBytes(_ id: ArtifactID) throws(EngineError) -> [UInt8]? {
        try inner.artifactBytes(id)
    }
    func putArtifactPart(_ part: ArtifactPart, bytes: [UInt8]) throws(EngineError) -> UInt64 {
        try inner.putArtifactPart(part, bytes: bytes)
    }

    func artifactBytes(
        _ id: ArtifactID, from offset: UInt64, count: Int
    ) throws(EngineError) -> [UInt8]? {
        try inner.artifactBytes(id, from: offset, count: count)
    }

    func close() { inner.close() }
}

struct ServiceTests {
    private func commit(_ ingest: String, _ offset: UInt64) -> StoreArrival {
        let record = OutboxRecord(
            offset: offset,
            batch: ObservationBatch(
                (0..<4).map { reading("W|\($0)", Double(offset)) }))
        return .room(.commit(1, offset, Commit(ingest: ingest, records: [record])))
    }

    @Test func `on its threads it acknowledges and assesses everything`() throws {
        let engine = InMemoryEngine()
        let door = BusyDoor()
        let service = try StoreService(engine: engine, port: door, identify: Bench.name)
        door.open(service)
        service.post([
            .room(.connected(5, Ready(role: .feature(.vitals), version: "1", credits: 8))),
            .room(.connected(6, Ready(role: .model, version: "1", credits: 8))),
            .query(9, 1, .push(outcome: "death", kind: "forest"), attachment: [7]),
        ])
        #expect(door.waitForReplies(1))
        service.post([.query(9, 2, .activate(Bench.name([7])))])
        #expect(door.waitForReplies(1))
        DispatchQueue.concurrentPerform(iterations: 4) { number in
            for offset in UInt64(1)...50 { service.post([commit("ward-\(number)", offset)]) }
        }
        #expect(door.waitForReplies(200))
        // It ends once nothing is due: asked, not slept for.
        var dueCount: UInt64 = 1
        for request in UInt64(1)...1000 where dueCount > 0 {
            _ = door.isAssessed.wait(timeout: .now() + .milliseconds(20))
            _ = door.replies.take()
            service.post([.query(9, request, .status)])
            #expect(door.waitForReplies(1))
            for case .answer(.status(let status), _) in door.replies.take() {
                dueCount = status.dueCount
            }
        }
        #expect(dueCount == 0)
        door.shut()
        service.stop()
        service.post([commit("late", 1)])
        let recovery = try engine.recover()
        #expect(recovery.observationCount == 800)
        #expect(recovery.offsets.count == 4)
        #expect(recovery.twins.count == 4)
        for twin in recovery.twins {
            #expect(twin.revision == 200)
            #expect(twin.features[.vitals]?.revision == 200)
            #expect(twin.assessments["death"]?.revision == 200)
        }
    }

    @Test func `a slow reading delays no commit`() throws {
        let engine = SlowEngine()
        let door = BusyDoor()
        let service = try StoreService(engine: engine, port: door, identify: Bench.name)
        door.open(service)
        service.post([commit("ward", 1)])
        #expect(door.waitForReplies(1))
        let query = Query.assessments(id: patient("W|1"), afterRevision: 0, limit: 1)
        service.post([.query(9, 1, query)])
        #expect(engine.isReading.wait(timeout: .now() + .seconds(20)) == .success)
        service.post([commit("ward", 2)])
        #expect(door.waitForReplies(1))
        #expect(
            door.replies.take().last == .committed(Committed(ingest: "ward", offset: 2)))
        engine.mayRead.signal()
        #expect(door.waitForReplies(1))
        #expect(door.replies.take() == [.answer(.assessments([]))])
        door.shut()
        service.stop()
    }
}
