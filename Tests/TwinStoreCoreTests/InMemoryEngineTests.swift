import Synchronization
import Testing
import TwinCore
import TwinStoreCore

struct InMemoryEngineTests {
    private func record(_ cursor: UInt64, _ revision: Revision, _ values: [Double]) -> StoreRecord {
        let slice = TwinSlice(
            twin: twin(1), revision: revision,
            observations: values.map { observation(twin(1), $0, at: Int64($0)) })
        return StoreRecord(
            cursor: cursor, commitTime: seconds(Int64(cursor)),
            change: .observations(ingest: "a", offset: cursor, slices: [slice]))
    }

    /// How many of the commits were called back, and with what.
    private final class Calls: Sendable {
        let outcomes = Mutex<[Bool]>([])

        func commit(_ records: [StoreRecord], to engine: InMemoryEngine) {
            engine.commit(records) { result in
                self.outcomes.withLock { $0.append((try? result.get()) != nil) }
            }
        }

        var list: [Bool] { outcomes.withLock { $0 } }
    }

    @Test func `what was committed is read, and recovered`() throws {
        let engine = InMemoryEngine()
        let calls = Calls()
        calls.commit([record(1, 1, [10, 20]), record(2, 2, [15])], to: engine)
        calls.commit(
            [
                StoreRecord(
                    cursor: 3, commitTime: seconds(3), change: .features(twin(1), featureSet(2))),
                StoreRecord(
                    cursor: 4, commitTime: seconds(4),
                    change: .assessments(
                        twin(1), revision: 2, [assessment(2, artifact("a"))])),
            ], to: engine)
        #expect(calls.list == [true, true])
        let state = try #require(try engine.twin(twin(1), asOf: nil))
        #expect(state.revision == 2)
        #expect(state.latest.map(\.observation.number) == [20])
        #expect(state.features == [featureSet(2)])
        #expect(state.assessments.map(\.commitTime) == [seconds(4)])
        let past = try #require(try engine.twin(twin(1), asOf: 1))
        #expect(past.revision == 1)
        #expect(past.features.isEmpty && past.assessments.isEmpty)
        #expect(try engine.twin(twin(1), asOf: 0) == nil)
        #expect(try engine.twin(twin(2), asOf: nil) == nil)
        let recovery = try engine.recover()
        #expect(recovery.cursor == 4)
        #expect(recovery.offsets == ["a": 2])
        #expect(recovery.observationCount == 3)
        #expect(
            recovery.twins == [
                TwinProgress(
                    twin: twin(1), revision: 2, lastEventTime: seconds(20),
                    features: [.vitals: FeatureProgress(revision: 2, version: "1.0")],
                    assessments: [
                        "death": AssessmentProgress(revision: 2, artifact: artifact("a"))
                    ])
            ])
    }

    @Test func `history is read by revision, in pages`() throws {
        let engine = InMemoryEngine()
        Calls().commit((1...5).map { record($0, $0, [Double($0), Double($0)]) }, to: engine)
        let read = { (after: Revision, through: Revision, limit: Int) in
            try engine.observations(of: twin(1), after: after, through: through, limit: limit)
                .map(\.commitRevision)
        }
        #expect(try read(0, .max, 100) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        #expect(try read(2, 4, 100) == [3, 3, 4, 4])
        #expect(try read(2, 4, 3) == [3, 3, 4])
        #expect(try read(5, 9, 3).isEmpty)
        #expect(try engine.observations(of: twin(9), after: 0, through: 9, limit: 9).isEmpty)
        let ids = try engine.twins(identifier: "P-1")
        #expect(ids == [twin(1)])
        #expect(try engine.twins(identifier: "P").isEmpty)
    }

    @Test func `a held commit is neither durable nor readable until it is released`() throws {
        let engine = InMemoryEngine()
        let calls = Calls()
        engine.hold()
        for cursor in UInt64(1)...3 { calls.commit([record(cursor, cursor, [1])], to: engine) }
        #expect(try engine.twin(twin(1), asOf: nil) == nil)
        engine.release(1)
        #expect(calls.list.count == 1)
        #expect(try engine.twin(twin(1), asOf: nil)?.revision == 1)
        let kept = engine.crash(keeping: 1)
        #expect(try kept.recover().cursor == 2)
        engine.release()
        #expect(calls.list.count == 1)
        calls.commit([record(3, 3, [1])], to: engine)
        #expect(calls.list == [true, false])
    }

    @Test func `after a failure the engine takes no more`() throws {
        let engine = InMemoryEngine()
        let calls = Calls()
        engine.failNextCommit("full")
        calls.commit([record(1, 1, [1])], to: engine)
        calls.commit([record(1, 1, [1])], to: engine)
        #expect(calls.list == [false, false])
        #expect(throws: EngineError.storageFailed("full")) {
            try engine.putArtifact(artifact("a"), bytes: [1])
        }
    }

    @Test func `a record out of its place is not taken`() {
        let engine = InMemoryEngine()
        let calls = Calls()
        calls.commit([record(2, 1, [1])], to: engine)
        #expect(calls.list == [false])
    }

    @Test func `artifacts are kept by their name`() throws {
        let engine = InMemoryEngine()
        try engine.putArtifact(artifact("a"), bytes: [1, 2])
        #expect(try engine.artifactBytes(artifact("a")) == [1, 2])
        #expect(try engine.artifactBytes(artifact("b")) == nil)
        engine.failReads("broken")
        #expect(throws: EngineError.storageFailed("broken")) {
            try engine.artifactBytes(artifact("a"))
        }
    }
}
