import Testing
import TwinJournal
import TwinTestKit

struct JournalContractTests {
    @Test(arguments: JournalContract.all)
    func `a journal on disk keeps the contract`(rule: JournalContract.Rule) async throws {
        try await rule.check(DiskPlace())
    }

    @Test(arguments: JournalContract.all)
    func `a journal in memory keeps the contract`(rule: JournalContract.Rule) async throws {
        try await rule.check(MemoryPlace())
    }

    @Test(arguments: JournalContract.all)
    func `a journal on the system's files keeps the contract`(
        rule: JournalContract.Rule
    ) async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        try await rule.check(FolderPlace(path: folder.path + "/journal"))
    }
}

private struct DiskPlace: JournalContract.Place {
    let disk = SimulatedDisk()

    func open(_ limits: JournalLimits) throws -> any Journal {
        try SegmentJournal(directory: "journal", limits: limits, disk: disk)
    }
}

private struct FolderPlace: JournalContract.Place {
    let path: String

    func open(_ limits: JournalLimits) throws -> any Journal {
        try SegmentJournal(directory: path, limits: limits)
    }
}

private struct MemoryPlace: JournalContract.Place {
    private let last = Monitor<InMemoryJournal?>(nil)

    func open(_ limits: JournalLimits) throws -> any Journal {
        last.withLock { last in
            let journal =
                last.map { InMemoryJournal(reopening: $0) } ?? InMemoryJournal(limits: limits)
            last = journal
            return journal
        }
    }
}
