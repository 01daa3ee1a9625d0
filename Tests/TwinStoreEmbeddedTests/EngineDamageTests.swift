import Foundation
import Testing
import TwinCore
import TwinJournal
import TwinStoreCore
import TwinStoreEmbedded
import TwinTestKit

/// What damage to an engine's files does.
struct EngineDamageTests {
    private static let limits = EngineLimits(
        gatherMs: 0, journal: JournalLimits(segmentByteCount: 1 << 16))

    private func filled(_ place: FolderPlace, commits: Int) async throws -> EngineScript {
        var script = EngineScript(seed: 21)
        let engine = try place.engine()
        for _ in 0..<commits { try await engine.commit(script.next(3)) }
        engine.close()
        return script
    }

    @Test func `a changed bit in the database is reported or changes nothing`() async throws {
        let place = try FolderPlace(EngineDamageTests.limits)
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
        let place = try FolderPlace(EngineDamageTests.limits)
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

    @Test func `parts that make something else leave nothing behind`() throws {
        let place = try FolderPlace()
        defer { place.remove() }
        let folder = place.folder.path + "/store/artifacts"
        let bytes = Array("an artifact".utf8)
        let name = "326086a5d542fbb3f783c4d9182b3188caecd714d02d6c10cbdea982e2bfc409"
        let id = try #require(ArtifactID(hex: name))
        func part(_ offset: UInt64, of id: ArtifactID) -> ArtifactPart {
            ArtifactPart(artifact: id, byteCount: 11, offset: offset)
        }
        var engine = try place.engine()
        #expect(try engine.putArtifactPart(part(0, of: id), bytes: Array("an Artif".utf8)) == 8)
        #expect(throws: EngineError.corrupted("artifact \(id) has another hash")) {
            try engine.putArtifactPart(part(8, of: id), bytes: Array(bytes[8...]))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        #expect(throws: EngineError.self) {
            try engine.putArtifactPart(
                ArtifactPart(artifact: id, byteCount: 1 << 40, offset: 0), bytes: [1])
        }
        // One too many takes the place of the oldest.
        for digit in ["1", "2", "3", "4", "5"] {
            let other = try #require(ArtifactID(hex: String(repeating: digit, count: 64)))
            #expect(try engine.putArtifactPart(part(0, of: other), bytes: [1]) == 1)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 4)
        engine.close()
        engine = try place.engine()
        defer { engine.close() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        #expect(try engine.putArtifactPart(part(0, of: id), bytes: bytes) == 11)
        #expect(try engine.artifactBytes(id) == bytes)
    }

    @Test func `a second opener is refused`() throws {
        let place = try FolderPlace()
        defer { place.remove() }
        let engine = try place.engine()
        defer { engine.close() }
        #expect(throws: EngineError.self) { try place.engine() }
    }
}
