import Foundation
import Testing
import TwinCore
import TwinStoreCore
import TwinStoreEmbedded
import TwinTestKit

/// A real process on real files.
struct EngineCrashTests {
    @Test(.timeLimit(.minutes(3)))
    func `nothing committed is lost when the process is killed`() async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        var random = SplitMix64(seed: 2027)
        var acknowledged: UInt64 = 0
        for round in 0..<32 {
            let probe = try ProbeProcess(
                "CrashProbe", ["engine", folder.path + "/store"],
                output: folder.path + "/output")
            let lines = try await probe.kill(
                afterMs: Int.random(in: 1...100, using: &random), isSaying: round % 4 > 0)
            let cursors = lines.compactMap { UInt64($0) }
            #expect(cursors.count == lines.count, "round \(round): \(lines.last ?? "")")
            acknowledged = max(acknowledged, cursors.last ?? 0)
            // Every so often; else the next process has to make good what this one left.
            if round % 4 == 3 { try check(folder.path + "/store", acknowledged, round) }
        }
        #expect(acknowledged > 500)
    }

    @Test(.timeLimit(.minutes(2)))
    func `an acknowledgement before the journal has it would be found`() async throws {
        var random = SplitMix64(seed: 2028)
        for _ in 0..<40 {
            let folder = try ScratchFolder()
            defer { folder.remove() }
            let probe = try ProbeProcess(
                "CrashProbe", ["hasty-engine", folder.path + "/store"],
                output: folder.path + "/output")
            let lines = try await probe.kill(
                afterMs: Int.random(in: 0...30, using: &random), isSaying: true)
            let acknowledged = lines.compactMap { UInt64($0) }.max() ?? 0
            let engine = try EmbeddedEngine(
                directory: folder.path + "/store", coding: FolderPlace.coding,
                limits: FolderPlace.limits())
            defer { engine.close() }
            if try engine.recover().cursor < acknowledged { return }
        }
        Issue.record("it was not found")
    }

    private func check(_ directory: String, _ acknowledged: UInt64, _ round: Int) throws {
        let engine = try EmbeddedEngine(
            directory: directory, coding: FolderPlace.coding, limits: FolderPlace.limits())
        defer { engine.close() }
        let recovery = try engine.recover()
        #expect(recovery.cursor >= acknowledged, "round \(round)")
        #expect(recovery.offsets == ["probe": recovery.cursor])
        var observationCount: UInt64 = 0
        for number in 0..<ProbeEngine.twinCount {
            let revision = ProbeEngine.revision(of: number, through: recovery.cursor)
            let found = try engine.observations(
                of: ProbeEngine.twin(number), after: 0, through: .max, limit: .max)
            observationCount += UInt64(found.count)
            #expect((found.last?.commitRevision ?? 0) == revision, "round \(round)")
            var expected = number == 0 ? ProbeEngine.twinCount : number
            var isRight = true
            for one in found {
                while ProbeEngine.revision(of: number, through: expected) < one.commitRevision {
                    expected += ProbeEngine.twinCount
                }
                isRight = isRight && one.observation.number == Double(expected)
            }
            #expect(isRight, "round \(round), twin \(number)")
        }
        #expect(recovery.observationCount == observationCount)
        #expect(observationCount == (1...recovery.cursor).reduce(0) { $0 + 1 + $1 % 40 })
    }
}
