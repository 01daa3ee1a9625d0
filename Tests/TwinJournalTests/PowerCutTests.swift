import Testing
import TwinJournal
import TwinTestKit

struct PowerCutTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func `a power cut loses nothing acknowledged and brings nothing back`(
        seed: UInt64
    ) async throws {
        var random = SplitMix64(seed: seed)
        let states = try await cut(&random, planted: nil)
        #expect(states > 300, "seed \(seed)")
    }

    @Test func `an acknowledgement before the sync would be found`() async throws {
        var random = SplitMix64(seed: 4)
        await #expect(throws: ContractViolation.self) {
            try await cut(&random, planted: .acknowledgeBeforeSync)
        }
    }

    @Test func `every append is synced before it is acknowledged`() async throws {
        for planted in [nil, PlantedJournalBug.acknowledgeBeforeSync] {
            let disk = SimulatedDisk()
            let journal = try SegmentJournal(
                directory: "journal", limits: Ledger.limits, disk: disk, planted: planted)
            let before = disk.syncCount
            for number in 1...10 {
                _ = try await journal.append([[UInt8(number)]])
                #expect((disk.syncCount == before + number) == (planted == nil))
            }
            journal.close()
        }
    }

    /// Cuts the power after every operation of some work, goes on with the work on what survived
    /// of some cuts, and cuts again; answers how many states were checked.
    private func cut(
        _ random: inout SplitMix64, planted: PlantedJournalBug?
    ) async throws -> Int {
        var disk = SimulatedDisk()
        var ledger = Ledger()
        var stateCount = 0
        for _ in 0..<3 {
            var model = disk.model
            var seen = ledger
            try await ledger.work(on: disk, &random, planted: planted)
            seen.records = ledger.records
            var next: (disk: SimulatedDisk, ledger: Ledger)?
            for operation in disk.log {
                model.apply(operation)
                seen.receive(operation)
                for _ in 0..<2 {
                    let survived = try await seen.check(model.afterPowerCut(&random))
                    stateCount += 1
                    let isTaken = Int.random(in: 0..<40, using: &random) == 0
                    // One is always taken: the log of a disk is told from its beginning.
                    if isTaken || next == nil { next = survived }
                }
            }
            guard let next else { break }
            disk = SimulatedDisk(next.disk.model)
            ledger = next.ledger
        }
        return stateCount
    }
}

struct FaultTests {
    private static let broken: Int32 = 5
    private static let full: Int32 = 28

    @Test(arguments: [broken, full])
    func `a disk that fails once never makes an acknowledgement untrue`(
        code: Int32
    ) async throws {
        for number in 1...400 {
            let disk = SimulatedDisk { operation, _, _ in operation == number ? code : nil }
            var random = SplitMix64(seed: UInt64(number))
            var ledger = Ledger()
            do {
                try await ledger.work(on: disk, &random, rounds: 8)
            } catch is JournalError {
                // It failed while it was opened: then nothing was acknowledged.
            }
            guard number <= disk.operationCount else { return }
            var seen = ledger
            var model = DiskModel()
            for operation in disk.log {
                model.apply(operation)
                seen.receive(operation)
            }
            // A failed append may be found after a crash, but only as the very next record.
            var random2 = SplitMix64(seed: 1)
            for after in [model] + (0..<3).map({ _ in model.afterPowerCut(&random2) }) {
                try await checkAcknowledged(after, seen)
            }
        }
    }

    private func checkAcknowledged(_ model: DiskModel, _ ledger: Ledger) async throws {
        let journal = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: SimulatedDisk(model))
        defer { journal.close() }
        try require(journal.nextOffset > ledger.acknowledgedThrough, "acknowledged and lost")
        for record in try journal.everything() where record.offset <= ledger.records.count {
            try require(
                record.bytes == ledger.records[Int(record.offset) - 1],
                "record \(record.offset) is another")
        }
    }

    @Test func `a full disk refuses, keeps what it has and takes again`() async throws {
        let disk = SimulatedDisk()
        let journal = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk)
        _ = try await journal.append([[1]])
        disk.setFault { _, doing, _ in doing == .write ? FaultTests.full : nil }
        for _ in 0..<3 {
            await #expect(throws: JournalError.self) { _ = try await journal.append([[9, 9]]) }
        }
        disk.setFault(nil)
        let offsets = try await journal.append([[2]])
        #expect(offsets == 2...2)
        journal.close()
        let again = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk)
        defer { again.close() }
        #expect(try again.everything().map(\.bytes) == [[1], [2]])
    }

    @Test func `after a failed sync nothing more is taken until it is opened anew`() async throws {
        let disk = SimulatedDisk()
        let journal = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk)
        _ = try await journal.append([[1]])
        disk.setFault { _, doing, _ in doing == .sync ? FaultTests.broken : nil }
        await #expect(throws: JournalError.self) { _ = try await journal.append([[2]]) }
        disk.setFault(nil)
        await #expect(throws: JournalError.self) { _ = try await journal.append([[3]]) }
        #expect(try journal.everything().map(\.bytes) == [[1]])
        journal.close()
        // What the failed sync left is written anew before it is served.
        let again = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk)
        let found = try again.everything().map(\.bytes)
        again.close()
        var random = SplitMix64(seed: 3)
        for _ in 0..<20 {
            let after = try SegmentJournal(
                directory: "journal", limits: Ledger.limits,
                disk: SimulatedDisk(disk.model.afterPowerCut(&random)))
            #expect(try after.everything().map(\.bytes) == found)
            after.close()
        }
    }

    @Test func `a second opener is told that the journal is in use`() throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let journal = try SegmentJournal(directory: folder.path, limits: Ledger.limits)
        #expect(throws: JournalError.inUse(folder.path)) {
            try SegmentJournal(directory: folder.path, limits: Ledger.limits)
        }
        journal.close()
        try SegmentJournal(directory: folder.path, limits: Ledger.limits).close()
    }
}
