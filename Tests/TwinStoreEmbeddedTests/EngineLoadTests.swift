import Testing
import TwinCore
import TwinJournal
import TwinStoreCore
import TwinTestKit

@testable import TwinStoreEmbedded

struct EngineLoadTests {
    @Test func `a timeline of many small commits is kept in few chunks`() async throws {
        let place = try FolderPlace(FolderPlace.limits(gatherMs: 0))
        defer { place.remove() }
        let engine = try place.engine()
        var expected = 0
        for cursor in UInt64(1)...1500 {
            let record = ProbeEngine.record((cursor - 1) * ProbeEngine.twinCount + 1)
            guard case .observations(_, _, var slices) = record.change else { return }
            slices[0].revision = cursor
            expected += slices[0].observations.count
            try await engine.commit([
                StoreRecord(
                    cursor: cursor, commitTime: record.commitTime,
                    change: .observations(ingest: "i", offset: cursor, slices: slices))
            ])
        }
        engine.close()
        let database = try SQLiteConnection(path: place.folder.path + "/store/twins.sqlite")
        let counts = try database.rows("SELECT count FROM chunk ORDER BY key")
        #expect(counts.count < 40, "\(counts.count) chunks")
        #expect(try counts.reduce(0) { $0 + Int(try $1.integer(0)) } == expected)
    }

    @Test func `a long timeline is divided between revisions`() async throws {
        let place = try FolderPlace(FolderPlace.limits(gatherMs: 600_000))
        defer { place.remove() }
        let engine = try place.engine()
        var random = SplitMix64(seed: 31)
        let twin = try #require(TwinID("A|1"))
        var expected: [Observation] = []
        for cursor in UInt64(1)...3 {
            let observations = (0..<7000).map { _ in Observation.sample(of: twin, &random) }
            expected += observations
            try await engine.commit([
                StoreRecord(
                    cursor: cursor, commitTime: Instant(microsecondsSinceEpoch: 0),
                    change: .observations(
                        ingest: "i", offset: cursor,
                        slices: [
                            TwinSlice(twin: twin, revision: cursor, observations: observations)
                        ]))
            ])
        }
        engine.close()
        let again = try place.engine()
        defer { again.close() }
        let found = try again.observations(of: twin, after: 0, through: 9, limit: .max)
        #expect(found.map(\.observation) == expected)
        let database = try SQLiteConnection(path: place.folder.path + "/store/twins.sqlite")
        let counts = try database.rows("SELECT count FROM chunk ORDER BY key")
        #expect(counts == [[.integer(21_000)]] || counts.count == 2, "\(counts)")
    }

    @Test func `what waits for the database is bounded`() async throws {
        let place = try FolderPlace(FolderPlace.limits(gatherMs: 0, tail: 100))
        defer { place.remove() }
        let engine = try place.engine()
        let done = Monitor(0)
        var most = 0
        for cursor in UInt64(1)...600 {
            engine.commit([ProbeEngine.record(cursor)]) { answer in
                if case .success = answer { done.withLock { $0 += 1 } }
            }
            most = max(most, engine.state.look { $0.tail.observationCount })
        }
        #expect(done.wait { $0 == 600 ? true : nil })
        #expect(most < 100 + 41, "\(most) observations")
        engine.close()
    }

    @Test func `commits wait while the journal is long, and none is refused`() throws {
        var limits = FolderPlace.limits(gatherMs: 0)
        limits.journal = JournalLimits(
            segmentByteCount: 1 << 16, byteCountMax: 1 << 19, queueByteCountMax: 64 << 20)
        let place = try FolderPlace(limits)
        defer { place.remove() }
        let engine = try place.engine()
        defer { engine.close() }
        let answers = Monitor<[Bool]>([])
        for cursor in UInt64(1)...3000 {
            engine.commit([ProbeEngine.record(cursor)]) { answer in
                answers.withLock { $0.append((try? answer.get()) != nil) }
            }
        }
        #expect(answers.wait { $0.count == 3000 ? $0 : nil }.allSatisfy { $0 })
    }

    @Test func `after a failed commit nothing more is taken`() async throws {
        let place = try FolderPlace()
        defer { place.remove() }
        let engine = try place.engine()
        let twin = try #require(TwinID("A|1"))
        let text = String(repeating: "x", count: 9 << 20)
        let value = Observation(
            twin: twin, code: .loinc("1"), value: .text(text), unit: "",
            eventTime: Instant(microsecondsSinceEpoch: 0),
            receiveTime: Instant(microsecondsSinceEpoch: 0), source: "")
        let record = StoreRecord(
            cursor: 1, commitTime: Instant(microsecondsSinceEpoch: 0),
            change: .observations(
                ingest: "i", offset: 1,
                slices: [TwinSlice(twin: twin, revision: 1, observations: [value])]))
        let answers = Monitor<[Bool]>([])
        for record in [record] + (2...40).map({ ProbeEngine.record($0) }) {
            engine.commit([record]) { answer in
                answers.withLock { $0.append((try? answer.get()) != nil) }
            }
        }
        #expect(answers.wait { $0.count == 40 ? $0 : nil } == Array(repeating: false, count: 40))
        #expect(try engine.twin(twin, asOf: nil) == nil)
        engine.close()
        let again = try place.engine()
        defer { again.close() }
        #expect(try again.recover().cursor == 0)
        try await again.commit([ProbeEngine.record(1)])
    }
}
