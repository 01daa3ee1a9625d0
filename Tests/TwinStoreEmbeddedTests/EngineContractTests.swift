import Testing
import TwinJournal
import TwinStoreCore
import TwinStoreEmbedded
import TwinTestKit

struct EngineContractTests {
    /// How soon the database has what was committed.
    enum Pace: CaseIterable {
        /// Many small transactions, many merges.
        case atOnce
        /// Everything that is read comes from the journal's tail.
        case whenClosed
        /// Commits wait for the database most of the time.
        case pressed

        var limits: EngineLimits {
            switch self {
            case .atOnce: FolderPlace.limits(gatherMs: 0)
            case .whenClosed: FolderPlace.limits(gatherMs: 600_000)
            case .pressed: FolderPlace.limits(gatherMs: 0, tail: 8)
            }
        }
    }

    @Test(arguments: Pace.allCases, EngineContract.all)
    func `the embedded engine keeps the contract`(
        pace: Pace, rule: EngineContract.Rule
    ) async throws {
        let place = try FolderPlace(pace.limits)
        defer { place.remove() }
        try await rule.check(place)
    }

    @Test(arguments: EngineContract.all)
    func `the engine in memory keeps the contract`(rule: EngineContract.Rule) async throws {
        try await rule.check(MemoryPlace())
    }
}

private struct MemoryPlace: EngineContract.FreshPlace {
    private let last = Monitor<InMemoryEngine?>(nil)

    func open() throws -> any TwinEngine {
        last.withLock { last in
            let engine = last?.crash() ?? InMemoryEngine()
            last = engine
            return engine
        }
    }

    func fresh() -> any EngineContract.Place { MemoryPlace() }
}
