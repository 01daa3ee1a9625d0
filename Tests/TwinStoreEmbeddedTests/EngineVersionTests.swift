import Testing
import TwinCore
import TwinStoreCore
import TwinTestKit

@testable import TwinStoreEmbedded

struct EngineVersionTests {
    @Test func `a database from before there were shadows is opened, and keeps them from then on`()
        async throws
    {
        let place = try FolderPlace(FolderPlace.limits(gatherMs: 0))
        defer { place.remove() }
        var engine = try place.engine()
        var script = EngineScript(seed: 4)
        let oracle = InMemoryEngine()
        // What a store of before has written: anything but shadows.
        var cursor: UInt64 = 0
        let records = script.next(200).filter {
            if case .shadows = $0.change { false } else { true }
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
            try database.run("DROP TABLE shadow")
            try database.run("PRAGMA user_version = 1")
        }
        engine = try place.engine()
        try requireSame(engine, oracle, script.twins, withRecovery: true, "opened")
        var (count, later) = (0, script)
        while count < 20 {
            let next = later.next()
            guard case .shadows = next.change else { continue }
            count += 1
            let record = StoreRecord(
                cursor: cursor + UInt64(count), commitTime: next.commitTime, change: next.change)
            try await engine.commit([record])
            try await oracle.commit([record])
        }
        try requireSame(engine, oracle, script.twins, withRecovery: false, "with shadows")
        engine.close()
        engine = try place.engine()
        defer { engine.close() }
        try requireSame(engine, oracle, script.twins, withRecovery: true, "opened again")
    }
}
