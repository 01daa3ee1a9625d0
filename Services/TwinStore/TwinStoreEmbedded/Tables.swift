import TwinJournal
import TwinStoreCore

/// A table whose rows carry a checksum over all their values: SQLite's own check does not see
/// flipped bits in values.
struct Table: Sendable {
    let name: String
    private let upsert: String
    private let select: String
    private let seed: UInt32

    /// `key` are those of the columns that tell rows apart.
    init(_ name: String, key: [String], columns: [String]) {
        self.name = name
        let all = columns + ["checksum"]
        let marks = Array(repeating: "?", count: all.count).joined(separator: ", ")
        let updates = all.filter { !key.contains($0) }.map { "\($0) = excluded.\($0)" }
        upsert =
            "INSERT INTO \(name) (\(all.joined(separator: ", "))) VALUES (\(marks)) "
            + "ON CONFLICT (\(key.joined(separator: ", "))) "
            + "DO UPDATE SET \(updates.joined(separator: ", "))"
        select = "SELECT \(all.joined(separator: ", ")) FROM \(name) "
        seed = CRC32C.checksum(Array(name.utf8))
    }

    func put(_ row: [SQLValue], in database: SQLiteConnection) throws(EngineError) {
        try database.run(upsert, row + [.integer(Int64(checksum(row)))])
    }

    /// Rows without their checksum, which was right; `condition` is what follows the table's name.
    func rows(
        _ condition: String, _ values: [SQLValue] = [], in database: SQLiteConnection,
        _ each: ([SQLValue]) throws(EngineError) -> Bool
    ) throws(EngineError) {
        try database.rows(select + condition, values) { row throws(EngineError) in
            var row = row
            guard case .integer(let expected) = row.removeLast(), expected == checksum(row) else {
                throw .corrupted("a row of \(name) was changed: \(row.first ?? .null)")
            }
            return try each(row)
        }
    }

    func rows(
        _ condition: String, _ values: [SQLValue] = [], in database: SQLiteConnection
    ) throws(EngineError) -> [[SQLValue]] {
        var all: [[SQLValue]] = []
        try rows(condition, values, in: database) { row throws(EngineError) in
            all.append(row)
            return true
        }
        return all
    }

    func row(
        _ condition: String, _ values: [SQLValue], in database: SQLiteConnection
    ) throws(EngineError) -> [SQLValue]? {
        try rows(condition, values, in: database).first
    }

    private func checksum(_ row: [SQLValue]) -> UInt32 {
        var checksum = seed
        for value in row {
            var writer = ByteWriter()
            switch value {
            case .null: writer.append(UInt8(0))
            case .integer(let number):
                writer.append(UInt8(1))
                writer.append(number)
            case .text(let text):
                writer.append(UInt8(2))
                writer.append(text: text)
            case .blob(let bytes):
                writer.append(UInt8(3))
                writer.append(UInt64(bytes.count))
                checksum = CRC32C.checksum(writer.bytes, seed: checksum)
                checksum = CRC32C.checksum(bytes, seed: checksum)
                continue
            }
            checksum = CRC32C.checksum(writer.bytes, seed: checksum)
        }
        return checksum
    }
}

extension [SQLValue] {
    func integer(_ index: Int) throws(EngineError) -> Int64 {
        guard index < count, case .integer(let number) = self[index] else {
            throw .corrupted("column \(index) is no number")
        }
        return number
    }

    func unsigned(_ index: Int) throws(EngineError) -> UInt64 {
        UInt64(bitPattern: try integer(index))
    }

    func text(_ index: Int) throws(EngineError) -> String {
        guard index < count, case .text(let text) = self[index] else {
            throw .corrupted("column \(index) is no text")
        }
        return text
    }

    func blob(_ index: Int) throws(EngineError) -> [UInt8] {
        guard index < count, case .blob(let bytes) = self[index] else {
            throw .corrupted("column \(index) is no blob")
        }
        return bytes
    }
}

/// The tables of the embedded engine.
///
/// Keys: a twin has a number of its own; a chunk's key is that number and the chunk's first
/// revision, so that a twin's chunks lie together and in order.
enum Tables {
    /// One row: how far the journal is applied, and how much there is of everything.
    static let totals = Table("totals", key: ["id"], columns: ["id", "bytes"])
    static let outbox = Table("outbox", key: ["ingest"], columns: ["ingest", "position"])
    static let twin = Table(
        "twin", key: ["number"], columns: ["number", "id", "identifier", "progress"])
    static let latest = Table("latest", key: ["number"], columns: ["number", "bytes"])
    /// `previous` is the last revision of the chunk before: a row that got lost is missed.
    static let chunk = Table(
        "chunk", key: ["key"], columns: ["key", "previous", "last", "count", "bytes"])
    static let feature = Table("feature", key: ["key"], columns: ["key", "bytes"])
    static let assessment = Table(
        "assessment", key: ["number", "revision", "outcome", "cursor", "part"],
        columns: ["number", "revision", "outcome", "cursor", "part", "time", "bytes"])
    /// What shadows said: of the form of assessments, and never read for what a twin shows.
    static let shadow = Table(
        "shadow", key: ["number", "revision", "outcome", "cursor", "part"],
        columns: ["number", "revision", "outcome", "cursor", "part", "time", "bytes"])
    static let artifact = Table("artifact", key: ["id"], columns: ["id", "cursor", "bytes"])
    static let activation = Table("activation", key: ["cursor"], columns: ["cursor", "bytes"])
    /// Not counted among the totals: what got lost begins anew.
    static let drift = Table("drift", key: ["artifact"], columns: ["artifact", "bytes"])

    static let schema = """
        CREATE TABLE totals (id INTEGER PRIMARY KEY, bytes BLOB, checksum INTEGER);
        CREATE TABLE outbox (ingest TEXT PRIMARY KEY, position INTEGER, checksum INTEGER);
        CREATE TABLE twin (
            number INTEGER PRIMARY KEY, id TEXT UNIQUE, identifier TEXT, progress BLOB,
            checksum INTEGER);
        CREATE INDEX twin_by_identifier ON twin (identifier);
        CREATE TABLE latest (number INTEGER PRIMARY KEY, bytes BLOB, checksum INTEGER);
        CREATE TABLE chunk (
            key INTEGER PRIMARY KEY, previous INTEGER, last INTEGER, count INTEGER, bytes BLOB,
            checksum INTEGER);
        CREATE TABLE feature (key INTEGER PRIMARY KEY, bytes BLOB, checksum INTEGER);
        CREATE TABLE assessment (
            number INTEGER, revision INTEGER, outcome TEXT, cursor INTEGER, part INTEGER,
            time INTEGER, bytes BLOB, checksum INTEGER,
            PRIMARY KEY (number, revision, outcome, cursor, part));
        CREATE INDEX assessment_by_outcome
            ON assessment (number, outcome, revision, cursor, part);
        CREATE TABLE artifact (id TEXT PRIMARY KEY, cursor INTEGER, bytes BLOB, checksum INTEGER);
        CREATE TABLE activation (cursor INTEGER PRIMARY KEY, bytes BLOB, checksum INTEGER);
        """

    /// What a database of version 1 has not.
    static let schemaSince1 = """
        CREATE TABLE shadow (
            number INTEGER, revision INTEGER, outcome TEXT, cursor INTEGER, part INTEGER,
            time INTEGER, bytes BLOB, checksum INTEGER,
            PRIMARY KEY (number, revision, outcome, cursor, part));
        """

    /// What a database of version 2 has not.
    static let schemaSince2 = """
        CREATE TABLE drift (artifact TEXT PRIMARY KEY, bytes BLOB, checksum INTEGER);
        """

    /// Large enough for any twin, small enough to leave room for the revision.
    static let twinNumberMax: Int64 = 1 << 30

    static func chunkKey(_ number: Int64, _ revision: UInt64) throws(EngineError) -> Int64 {
        guard revision <= UInt64(UInt32.max), number <= twinNumberMax else {
            throw .storageFailed("twin \(number) has more revisions than the engine can count")
        }
        return number << 32 | Int64(revision)
    }

    static func featureKey(_ number: Int64, _ modality: UInt8) -> Int64 {
        number << 8 | Int64(modality)
    }
}

/// What durability and privacy rest on: set, and read back, each time that a database is opened.
enum DatabaseSetup {
    static let pageByteCount = 4096
    static let schemaVersion: Int64 = 3
    /// The log is emptied before it becomes larger.
    static let logByteCountMax = 64 << 20

    static func prepareWriter(
        _ database: SQLiteConnection, cacheMegabytes: Int
    ) throws(EngineError) {
        try database.run("PRAGMA page_size = \(pageByteCount)")
        try set("journal_mode", "WAL", reads: .text("wal"), in: database)
        // The journal is trimmed as soon as a transaction is committed: it must be on disk then.
        try set("synchronous", "FULL", reads: .integer(2), in: database)
        try set("secure_delete", "ON", reads: .integer(1), in: database)
        // The applier empties the log itself, beside its transactions.
        try set("wal_autocheckpoint", "0", reads: .integer(0), in: database)
        try set(
            "journal_size_limit", "\(logByteCountMax)", reads: .integer(Int64(logByteCountMax)),
            in: database)
        try prepareAny(database)
        try database.run("PRAGMA cache_size = -\(cacheMegabytes << 10)")
        switch try database.rows("PRAGMA user_version").first {
        case [.integer(0)]:
            try database.run("BEGIN IMMEDIATE")
            try database.runScript(
                "\(Tables.schema) \(Tables.schemaSince1) \(Tables.schemaSince2) "
                    + "PRAGMA user_version = \(schemaVersion);")
            try Totals().save(to: database)
            try database.run("COMMIT")
        case [.integer(1)]:
            try bring(database, from: "\(Tables.schemaSince1) \(Tables.schemaSince2)")
        case [.integer(2)]: try bring(database, from: Tables.schemaSince2)
        case [.integer(schemaVersion)]: break
        case let other:
            throw .storageFailed("the database is of version \(other ?? []), not \(schemaVersion)")
        }
    }

    private static func bring(
        _ database: SQLiteConnection, from lacking: String
    ) throws(EngineError) {
        try database.run("BEGIN IMMEDIATE")
        try database.runScript("\(lacking) PRAGMA user_version = \(schemaVersion);")
        try database.run("COMMIT")
    }

    static func prepareReader(_ database: SQLiteConnection) throws(EngineError) {
        try prepareAny(database)
        try set("query_only", "ON", reads: .integer(1), in: database)
    }

    private static func prepareAny(_ database: SQLiteConnection) throws(EngineError) {
        try set("cell_size_check", "ON", reads: .integer(1), in: database)
        try set("trusted_schema", "OFF", reads: .integer(0), in: database)
        try set("mmap_size", "0", reads: .integer(0), in: database)
    }

    private static func set(
        _ name: String, _ value: String, reads expected: SQLValue, in database: SQLiteConnection
    ) throws(EngineError) {
        try database.run("PRAGMA \(name) = \(value)")
        let found = try database.rows("PRAGMA \(name)").first
        guard found == [expected] else {
            throw .storageFailed("SQLite keeps \(name) at \(found ?? []), not \(value)")
        }
    }
}
