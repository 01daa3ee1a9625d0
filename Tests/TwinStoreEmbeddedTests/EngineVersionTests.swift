import Testing
import TwinCore
import TwinStoreCore
import TwinTestKit

@testable import TwinStoreEmbedded

struct EngineVersionTests {
    /// What a store of that version has not written.
    private static func isLater(_ change: StoreChange, than version: Int) -> Bool {
        switch change {
        case .shadows: version < 2
        case .drift: version < 3
        default: false
        }
    }

    @Test(arguments: [1, 2])
    func `a database of before is opened, and keeps what it had not from then on`(
        version: Int
    ) async throws {
        let place = try FolderPlace(FolderPlace.limits(gatherMs: 0))
        defer { place.remove() }
        var engine = try place.engine()
        var script = EngineScript(seed: 4)
        let oracle = InMemoryEngine()
        var cursor: UInt64 = 0
        let records = script.next(200).filter {
            !Self.isLater($0.change, than: version)
        }.map { record in
            cursor += 1
            return StoreRecord(
                cursor: cursor, commitTime: record.commitTime, change: record.change)
        }
        try await engine.commit(records)
        try await oracle.commit(records)
        engine.close()
        do {
            let path = place.folder.path + "/store/twins.sqlite"
            let database = try SQLiteConnection(path: path)
            if version < 2 { try database.run("DROP TABLE shadow") }
            try database.run("DROP TABLE drift")
            try database.run("PRAGMA user_version = \(version)")
        }
        engine = try place.engine()
        try requireSame(engine, oracle, script.twins, withRecovery: true, "opened")
        var (count, later) = (0, script)
        while count < 20 {
            let next = later.next()
            guard Self.isLater(next.change, than: version) else { continue }
            count += 1
            let record = StoreRecord(
                cursor: cursor + UInt64(count), commitTime: next.commitTime, change: next.change)
            try await engine.commit([record])
            try await oracle.commit([record])
        }
        try requireSame(engine, oracle, script.twins, withRecovery: false, "with what is new")
        engine.close()
        engine = try place.engine()
        defer { engine.close() }
        try requireSame(engine, oracle, script.twins, withRecovery: true, "opened again")
    }
}
