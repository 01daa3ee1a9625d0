import Testing
import TwinJournal
import TwinTestKit

/// What damage to a journal's files does.
struct DamageTests {
    private struct Sample {
        var model: DiskModel
        var records: [JournalRecord]
        var segments: [String]
    }

    private static func sample() async throws -> Sample {
        let disk = SimulatedDisk()
        let journal = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk)
        var random = SplitMix64(seed: 11)
        for _ in 0..<18 {
            _ = try await journal.append([random.bytes(300), random.bytes(21)])
        }
        let records = try journal.everything()
        journal.close()
        let segments = disk.model.names.keys.filter { $0.contains("segment-") }.sorted()
        return Sample(model: disk.model, records: records, segments: segments)
    }

    /// Whether the damage is reported, or changes nothing.
    private func isFound(_ model: DiskModel, _ sample: Sample) throws -> Bool {
        do {
            let journal = try SegmentJournal(
                directory: "journal", limits: Ledger.limits, disk: SimulatedDisk(model))
            defer { journal.close() }
            return try journal.everything() == sample.records
                && journal.nextOffset == UInt64(sample.records.count + 1)
        } catch JournalError.corrupted(let place) {
            return place.file.hasPrefix("segment-")
        }
    }

    @Test func `every changed byte is reported or changes nothing`() async throws {
        let sample = try await DamageTests.sample()
        #expect(sample.segments.count == 3)
        var reportedCount = 0
        for path in sample.segments {
            let bytes = try #require(sample.model.bytes(of: path))
            for position in bytes.indices {
                var changed = bytes
                changed[position] ^= UInt8(1 << (position % 8))
                var model = sample.model
                model.setBytes(of: path, changed)
                guard try isFound(model, sample) else {
                    Issue.record("\(path) byte \(position)")
                    return
                }
                reportedCount += 1
            }
        }
        #expect(reportedCount == 3 * 4096)
    }

    @Test func `every zeroed sector and every shorter file is reported`() async throws {
        let sample = try await DamageTests.sample()
        for path in sample.segments {
            let bytes = try #require(sample.model.bytes(of: path))
            for start in stride(from: 0, to: bytes.count, by: 512) {
                var changed = bytes
                changed.replaceSubrange(
                    start..<start + 512, with: repeatElement(0, count: 512))
                var model = sample.model
                model.setBytes(of: path, changed)
                #expect(try isFound(model, sample), "\(path) sector \(start)")
            }
            for count in bytes.indices {
                var model = sample.model
                model.setBytes(of: path, Array(bytes[..<count]))
                guard try isFound(model, sample) else {
                    Issue.record("\(path) cut to \(count)")
                    return
                }
            }
        }
    }

    @Test func `a missing segment in the middle is reported`() async throws {
        let disk = SimulatedDisk()
        let journal = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk)
        for _ in 0..<40 { _ = try await journal.append([[UInt8](repeating: 1, count: 400)]) }
        journal.close()
        let segments = disk.model.names.keys.filter { $0.contains("segment-") }.sorted()
        try disk.remove(segments[1])
        #expect(throws: JournalError.self) {
            try SegmentJournal(directory: "journal", limits: Ledger.limits, disk: disk)
        }
    }

    @Test func `a record that is damaged while the journal is open is not served`() async throws {
        let disk = SimulatedDisk()
        let journal = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk)
        defer { journal.close() }
        _ = try await journal.append([[1, 1, 1]])
        _ = try await journal.append([[2, 2, 2]])
        let path = try #require(disk.model.names.keys.first { $0.contains("segment-") })
        let file = try disk.open(path, creating: false)
        try file.write([7], at: 32 + 32)
        #expect(throws: JournalError.self) { try journal.read(from: 1, byteCountMax: 1) }
        #expect(try journal.read(from: 2, byteCountMax: 1).map(\.bytes) == [[2, 2, 2]])
    }

    @Test func `a torn tail is cut at every byte and all before it is kept`() async throws {
        let disk = SimulatedDisk()
        let journal = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk)
        for number in 1...3 { _ = try await journal.append([[UInt8(number), 5, 5]]) }
        let before = disk.model
        _ = try await journal.append([[UInt8](repeating: 4, count: 700)])
        journal.close()
        let path = try #require(before.names.keys.first { $0.contains("segment-") })
        let old = try #require(before.bytes(of: path))
        let new = try #require(disk.model.bytes(of: path))
        for cut in 152..<900 {
            var model = before
            model.setBytes(of: path, Array(new[..<cut]) + old[cut...])
            let again = try SegmentJournal(
                directory: "journal", limits: Ledger.limits, disk: SimulatedDisk(model))
            let found = try again.everything().map(\.bytes.first)
            #expect(found == [1, 2, 3] || cut >= 152 + 732 && found == [1, 2, 3, 4], "\(cut)")
            again.close()
        }
    }
}
