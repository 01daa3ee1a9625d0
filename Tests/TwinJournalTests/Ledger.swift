import TwinJournal
import TwinTestKit

/// What was appended to a journal on a recorded disk, and what was acknowledged when.
struct Ledger: Sendable {
    static let limits = JournalLimits(
        segmentByteCount: 4096, byteCountMax: 64 * 4096, queueByteCountMax: 1 << 20)
    private static let trimBit: UInt64 = 1 << 63

    /// By offset, the first one is 1.
    var records: [[UInt8]] = []
    var acknowledgedThrough: UInt64 = 0
    var trimmedThrough: UInt64 = 0

    /// Takes in one recorded operation.
    mutating func receive(_ operation: DiskModel.Operation) {
        guard case .note(let number) = operation else { return }
        if number & Ledger.trimBit != 0 {
            trimmedThrough = number & ~Ledger.trimBit
        } else {
            acknowledgedThrough = max(acknowledgedThrough, number)
        }
    }

    /// Appends by chance and notes every acknowledgement on the disk.
    ///
    /// Several appends at once; trims, and closes. An append that was refused is forgotten.
    mutating func work(
        on disk: SimulatedDisk, _ random: inout SplitMix64, planted: PlantedJournalBug? = nil,
        rounds: Int = 14
    ) async throws {
        let journal = try SegmentJournal(
            directory: "journal", limits: Ledger.limits, disk: disk, planted: planted)
        defer { journal.close() }
        for _ in 0..<rounds {
            let appends = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    random.bytes(Int.random(in: 0...320, using: &random))
                }
            }
            let answered = Monitor<[Int: Bool]>([:])
            for (index, append) in appends.enumerated() {
                journal.append(append) { answer in
                    if let offsets = try? answer.get() { disk.note(offsets.upperBound) }
                    answered.withLock { $0[index] = (try? answer.get()) != nil }
                }
            }
            let answers = answered.wait { $0.count == appends.count ? $0 : nil }
            for (index, append) in appends.enumerated() where answers[index] == true {
                records += append
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                let offset = UInt64.random(in: 0...UInt64(records.count), using: &random)
                disk.note(Ledger.trimBit | max(trimmedThrough, offset))
                trimmedThrough = max(trimmedThrough, offset)
                try? journal.trim(through: offset)
            }
        }
    }

    private func open(_ disk: SimulatedDisk) throws -> SegmentJournal {
        do {
            return try SegmentJournal(directory: "journal", limits: Ledger.limits, disk: disk)
        } catch {
            throw ContractViolation("it does not open: \(error)")
        }
    }

    /// Throws unless a journal opened on what survived holds every acknowledged record, no record
    /// twice and none that was never appended, and takes more.
    ///
    /// Answers the disk and the ledger to go on with.
    func check(_ model: DiskModel) async throws -> (disk: SimulatedDisk, ledger: Ledger) {
        let disk = SimulatedDisk(model)
        let journal = try open(disk)
        let found = try journal.everything()
        let nextOffset = journal.nextOffset
        journal.close()
        try require(
            nextOffset > acknowledgedThrough,
            "acknowledged through \(acknowledgedThrough), survived before \(nextOffset)")
        try require(
            (found.first?.offset ?? nextOffset) <= max(trimmedThrough, 0) + 1,
            "trimmed through \(trimmedThrough), begins with \(found.first?.offset ?? nextOffset)")
        for (index, record) in found.enumerated() {
            try require(
                record.offset == (found.first?.offset ?? 0) + UInt64(index), "a gap in offsets")
            try require(
                record.offset <= records.count && record.bytes == records[Int(record.offset) - 1],
                "record \(record.offset) was not appended so")
        }
        var survived = self
        survived.records.removeLast(records.count - min(records.count, Int(nextOffset) - 1))
        survived.acknowledgedThrough = nextOffset - 1
        return (disk, survived)
    }
}
