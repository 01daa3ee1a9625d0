import Foundation
import Testing
import TwinCore
import TwinJournal
import TwinStoreCore
import TwinTestKit

@testable import TwinStoreEmbedded

/// What damage to an engine's files does.
struct EngineDamageTests {
    private func filled(_ place: FolderPlace, commits: Int) async throws -> EngineScript {
        var script = EngineScript(seed: 21)
        let engine = try place.engine()
        for _ in 0..<commits { try await engine.commit(script.next(3)) }
        engine.close()
        return script
    }

    @Test func `a changed bit in the database is reported or changes nothing`() async throws {
        let place = try FolderPlace(FolderPlace.limits(gatherMs: 0))
        defer { place.remove() }
        let script = try await filled(place, commits: 60)
        let engine = try place.engine()
        let expected = try EnginePicture(of: engine, script.twins)
        engine.close()
        let url = URL(fileURLWithPath: place.folder.path + "/store/twins.sqlite")
        let bytes = try Data(contentsOf: url)
        var random = SplitMix64(seed: 22)
        var reported = 0
        for _ in 0..<400 {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            var changed = bytes
            changed[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try changed.write(to: url)
            do {
                let engine = try place.engine()
                defer { engine.close() }
                let found = try EnginePicture(of: engine, script.twins)
                let difference = expected.difference(found)
                #expect(difference == nil, "byte \(position): \(difference ?? "")")
            } catch is EngineError {
                reported += 1
            }
            try? FileManager.default.removeItem(atPath: url.path + "-wal")
            try? FileManager.default.removeItem(atPath: url.path + "-shm")
        }
        #expect(reported > 100, "of 400")
    }

    @Test func `an older database is not taken for the newest`() async throws {
        let place = try FolderPlace(
            EngineLimits(gatherMs: 0, journal: JournalLimits(segmentByteCount: 1 << 16)))
        defer { place.remove() }
        var script = try await filled(place, commits: 5)
        let database = place.folder.path + "/store/twins.sqlite"
        let old = try Data(contentsOf: URL(fileURLWithPath: database))
        let engine = try place.engine()
        for _ in 0..<120 { try await engine.commit(script.next(3)) }
        engine.close()
        try old.write(to: URL(fileURLWithPath: database))
        #expect(throws: EngineError.self) { try place.engine() }
    }

    @Test func `a journal that went missing is reported`() async throws {
        let place = try FolderPlace()
        defer { place.remove() }
        _ = try await filled(place, commits: 5)
        try FileManager.default.removeItem(atPath: place.folder.path + "/store/journal")
        #expect(throws: EngineError.self) { try place.engine() }
    }

    @Test func `a changed artifact is not served`() async throws {
        let place = try FolderPlace()
        defer { place.remove() }
        let engine = try place.engine()
        defer { engine.close() }
        let name = "326086a5d542fbb3f783c4d9182b3188caecd714d02d6c10cbdea982e2bfc409"
        let id = try #require(ArtifactID(hex: name))
        #expect(throws: EngineError.self) { try engine.putArtifact(id, bytes: [1]) }
        try engine.putArtifact(id, bytes: Array("an artifact".utf8))
        try Data("an artifacT".utf8).write(
            to: URL(fileURLWithPath: place.folder.path + "/store/artifacts/" + name))
        #expect(throws: EngineError.self) { try engine.artifactBytes(id) }
    }

    @Test func `a second opener is refused`() throws {
        let place = try FolderPlace()
        defer { place.remove() }
        let engine = try place.engine()
        defer { engine.close() }
        #expect(throws: EngineError.self) { try place.engine() }
    }
}

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

    @Test func `after a failed commit nothing more is taken`() async throws {
        let place = try FolderPlace()
        defer { place.remove() }
        let engine = try place.engine()
        defer { engine.close() }
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
        await #expect(throws: EngineError.self) { try await engine.commit([record]) }
        await #expect(throws: EngineError.self) {
            try await engine.commit([ProbeEngine.record(1)])
        }
        #expect(try engine.twin(twin, asOf: nil) == nil)
    }
}
