import IngestOutbox
import Testing
import TwinCore
import TwinJournal
import TwinTestKit

struct OutboxTests {
    private static let limits = JournalLimits(segmentByteCount: 8192, byteCountMax: 1 << 16)

    private func batches(_ count: Int, seed: UInt64) throws -> [ObservationBatch] {
        var random = SplitMix64(seed: seed)
        let twin = try #require(TwinID("WARD|1"))
        return (0..<count).map { _ in
            ObservationBatch((0..<5).map { _ in .sample(of: twin, &random) })
        }
    }

    private func append(_ batch: ObservationBatch, to outbox: Outbox) async throws -> UInt64 {
        try await withCheckedThrowingContinuation { continuation in
            outbox.append(batch) { continuation.resume(with: $0) }
        }
    }

    private func open(_ disk: SimulatedDisk, new: IngestID) throws -> Outbox {
        try Outbox(
            directory: "outbox", newIngest: new, limits: OutboxTests.limits,
            coding: PlainCodings.batch, disk: disk)
    }

    @Test func `what is kept is pending until it is committed, through a restart`() async throws {
        let disk = SimulatedDisk()
        let batches = try batches(20, seed: 5)
        let outbox = try open(disk, new: "ingest-a")
        for (index, batch) in batches.enumerated() {
            #expect(try await append(batch, to: outbox) == UInt64(index + 1))
        }
        try outbox.committed(through: 12)
        #expect(try outbox.pending(from: 1, byteCountMax: 1).map(\.offset) == [13])
        outbox.close()
        let again = try open(disk, new: "ingest-b")
        defer { again.close() }
        #expect(again.ingest == "ingest-a")
        #expect(again.firstOffset <= 13 && again.nextOffset == 21)
        var pending: [OutboxRecord] = []
        while let record = try again.pending(
            from: pending.last.map { $0.offset + 1 } ?? 13, byteCountMax: 2000
        ).first {
            pending.append(record)
        }
        #expect(pending.map(\.offset) == Array(13...20))
        #expect(pending.map(\.batch) == Array(batches[12...]))
        #expect(try again.pending(from: 21, byteCountMax: 9).isEmpty)
    }

    @Test func `an outbox stands on a journal in memory as well`() async throws {
        let outbox = Outbox(
            ingest: "ingest-m", journal: InMemoryJournal(), coding: PlainCodings.batch)
        let batches = try batches(3, seed: 6)
        for batch in batches { _ = try await append(batch, to: outbox) }
        #expect(try outbox.pending(from: 1, byteCountMax: .max).map(\.batch) == batches)
    }

    @Test func `a full outbox refuses until the store has committed`() async throws {
        let outbox = try open(SimulatedDisk(), new: "ingest-f")
        defer { outbox.close() }
        let batch = try batches(1, seed: 7)[0]
        var kept: UInt64 = 0
        do {
            while true { kept = try await append(batch, to: outbox) }
        } catch OutboxError.journal(.full) {
            #expect(kept > 20)
        }
        try outbox.committed(through: kept)
        #expect(try await append(batch, to: outbox) == kept + 1)
    }

    @Test func `an outbox that lost its name does not take a new one`() async throws {
        let disk = SimulatedDisk()
        let outbox = try open(disk, new: "ingest-a")
        _ = try await append(try batches(1, seed: 8)[0], to: outbox)
        outbox.close()
        var model = disk.model
        let name = try #require(model.bytes(of: "outbox/ingest-id"))
        for index in name.indices {
            var changed = name
            changed[index] ^= 4
            model.setBytes(of: "outbox/ingest-id", changed)
            #expect(throws: OutboxError.self) { try open(SimulatedDisk(model), new: "b") }
        }
        let lost = SimulatedDisk(disk.model)
        try lost.remove("outbox/ingest-id")
        #expect(throws: OutboxError.self) { try open(lost, new: "ingest-b") }
    }

    @Test func `a power cut while an outbox is made leaves one that can be made`() throws {
        let disk = SimulatedDisk()
        try open(disk, new: "ingest-a").close()
        var model = DiskModel()
        var random = SplitMix64(seed: 9)
        for operation in disk.log {
            model.apply(operation)
            for _ in 0..<4 {
                let outbox = try open(
                    SimulatedDisk(model.afterPowerCut(&random)), new: "ingest-c")
                #expect(["ingest-a", "ingest-c"].contains(outbox.ingest))
                outbox.close()
            }
        }
    }
}
