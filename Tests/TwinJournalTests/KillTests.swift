import Foundation
import Testing
import TwinJournal
import TwinTestKit

/// A real process on real files.
struct KillTests {
    @Test(.timeLimit(.minutes(2)))
    func `nothing acknowledged is lost when the process is killed`() async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        var random = SplitMix64(seed: 2026)
        var acknowledged: UInt64 = 0
        for round in 0..<32 {
            let probe = try ProbeProcess(
                "CrashProbe", ["journal", folder.path + "/journal"],
                output: folder.path + "/output")
            let lines = try await probe.kill(
                afterMs: Int.random(in: 1...60, using: &random), isSaying: round % 4 > 0)
            let offsets = lines.compactMap { UInt64($0) }
            #expect(offsets.count == lines.count, "round \(round): \(lines.last ?? "")")
            #expect(offsets == offsets.sorted(), "round \(round)")
            acknowledged = max(acknowledged, offsets.last ?? 0)
            try check(folder.path + "/journal", acknowledged, round)
        }
        #expect(acknowledged > 1000)
    }

    private func check(_ directory: String, _ acknowledged: UInt64, _ round: Int) throws {
        let journal = try SegmentJournal(directory: directory, limits: ProbeJournal.limits)
        defer { journal.close() }
        #expect(journal.nextOffset > acknowledged, "round \(round)")
        let records = try journal.everything(portion: 1 << 16)
        #expect(records.map(\.offset) == Array(journal.firstOffset..<journal.nextOffset))
        let wrong = records.first { $0.bytes != ProbeJournal.record($0.offset) }
        #expect(wrong == nil, "round \(round)")
    }

    @Test func `a limit on file size is a typed error and nothing acknowledged is lost`() throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let probe = try ProbeProcess(
            "CrashProbe", ["journal", folder.path + "/journal", "40000"],
            output: folder.path + "/output")
        #expect(try probe.lines().first?.hasPrefix("error the disk is full") == true)
    }

    @Test(
        .enabled(if: getuid() == 0, "needs root, to mount a small file system: NOT RUN"))
    func `a full file system refuses and takes again once there is space`() async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        guard run("mount", ["-t", "tmpfs", "-o", "size=400k", "tmpfs", folder.path]) else {
            print("NOT RUN: this machine mounts no tmpfs")
            return
        }
        defer { _ = run("umount", [folder.path]) }
        let journal = try SegmentJournal(
            directory: folder.path + "/journal", limits: ProbeJournal.limits)
        var kept: UInt64 = 0
        do {
            while true {
                kept = try await journal.append([ProbeJournal.record(kept + 1)]).upperBound
            }
        } catch JournalError.storageFull {
            #expect(kept > 100)
        }
        try journal.trim(through: kept / 2)
        for _ in 0..<50 {
            kept = try await journal.append([ProbeJournal.record(kept + 1)]).upperBound
        }
        journal.close()
        try check(folder.path + "/journal", kept, 0)
    }

    private func run(_ command: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
