import CSQLite
import TwinJournal
import TwinStoreCore

/// One value of a row.
enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func unsigned(_ number: UInt64) -> SQLValue { .integer(Int64(bitPattern: number)) }
}

/// An open database: the one place that calls SQLite.
///
/// One thread at a time has it, which whoever hands it out sees to; that makes it sendable.
@safe final class SQLiteConnection: @unchecked Sendable {
    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// A prepared statement, which goes with its last user.
    @safe private final class Statement {
        let pointer: OpaquePointer

        init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

        deinit { unsafe sqlite3_finalize(pointer) }
    }

    init(path: String) throws(EngineError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw SQLiteConnection.error(code, "open \(path)")
        }
        unsafe handle = opened
        unsafe sqlite3_busy_timeout(handle, 10_000)
    }

    /// The handle itself waits for the last statement.
    deinit { unsafe sqlite3_close_v2(handle) }

    /// Runs a statement and gives its rows, one after the other, until `each` answers false.
    func rows(
        _ sql: String, _ values: [SQLValue] = [],
        _ each: ([SQLValue]) throws(EngineError) -> Bool
    ) throws(EngineError) {
        let statement = unsafe try prepare(sql)
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() {
            try unsafe bind(value, to: Int32(index + 1), of: statement)
        }
        while true {
            let code = unsafe sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw failure(code, sql) }
            let count = unsafe sqlite3_column_count(statement)
            var row: [SQLValue] = []
            row.reserveCapacity(Int(count))
            for column in 0..<count { row.append(unsafe value(of: statement, column)) }
            guard try each(row) else { return }
        }
    }

    func rows(
        _ sql: String, _ values: [SQLValue] = []
    ) throws(EngineError) -> [[SQLValue]] {
        var all: [[SQLValue]] = []
        try rows(sql, values) { row throws(EngineError) in
            all.append(row)
            return true
        }
        return all
    }

    func run(_ sql: String, _ values: [SQLValue] = []) throws(EngineError) {
        try rows(sql, values) { _ throws(EngineError) in true }
    }

    /// Several statements without values.
    func runScript(_ sql: String) throws(EngineError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, sql) }
    }

    /// Moves what the log holds into the database, as far as readers allow; how many bytes the log
    /// had.
    func checkpoint(truncating: Bool) throws(EngineError) -> Int {
        var frameCount: Int32 = 0
        let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, &frameCount, nil)
        guard code == SQLITE_OK || code == SQLITE_BUSY else { throw failure(code, "checkpoint") }
        return Int(max(0, frameCount)) * (DatabaseSetup.pageByteCount + 24)
    }

    private func prepare(_ sql: String) throws(EngineError) -> OpaquePointer {
        if let known = statements[sql] { return unsafe known.pointer }
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else { throw failure(code, sql) }
        statements[sql] = unsafe Statement(prepared)
        return unsafe prepared
    }

    private func bind(
        _ value: SQLValue, to index: Int32, of statement: OpaquePointer
    ) throws(EngineError) {
        let code: Int32
        switch value {
        case .null: code = unsafe sqlite3_bind_null(statement, index)
        case .integer(let number): code = unsafe sqlite3_bind_int64(statement, index, number)
        case .text(let text):
            var text = text
            code = text.withUTF8 {
                unsafe twin_sqlite3_bind_text(
                    statement, index, $0.baseAddress, Int32(clamping: $0.count))
            }
        case .blob(let bytes):
            code = unsafe bytes.withUnsafeBytes {
                unsafe twin_sqlite3_bind_blob(
                    statement, index, $0.baseAddress, Int32(clamping: $0.count))
            }
        }
        guard code == SQLITE_OK else { throw failure(code, "bind") }
    }

    private func value(of statement: OpaquePointer, _ column: Int32) -> SQLValue {
        let type = unsafe sqlite3_column_type(statement, column)
        if type == SQLITE_INTEGER {
            return .integer(unsafe sqlite3_column_int64(statement, column))
        }
        guard type == SQLITE_TEXT || type == SQLITE_BLOB else { return .null }
        let start = unsafe sqlite3_column_blob(statement, column)
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
        return type == SQLITE_BLOB
            ? .blob(unsafe Array(bytes)) : .text(unsafe String(decoding: bytes, as: UTF8.self))
    }

    private func failure(_ code: Int32, _ doing: String) -> EngineError {
        let told = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? ""
        return SQLiteConnection.error(code, "\(told) (\(doing.prefix(60)))")
    }

    private static func error(_ code: Int32, _ text: String) -> EngineError {
        let kind = code & 0xFF
        return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB
            ? .corrupted("SQLite \(code): \(text)") : .storageFailed("SQLite \(code): \(text)")
    }
}

/// Connections for reading, each lent to one reader at a time.
final class SQLiteReaders: Sendable {
    private let idle: Monitor<[SQLiteConnection]>

    init(path: String, count: Int) throws(EngineError) {
        var connections: [SQLiteConnection] = []
        for _ in 0..<count {
            let connection = try SQLiteConnection(path: path)
            try DatabaseSetup.prepareReader(connection)
            connections.append(connection)
        }
        idle = Monitor(connections)
    }

    /// Lends a connection with a view of the database that does not change meanwhile.
    func read<Answer>(
        _ body: (SQLiteConnection) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        let connection = idle.wait { $0.popLast() }
        defer { idle.withLock { $0.append(connection) } }
        try connection.run("BEGIN")
        do {
            let answer = try body(connection)
            try connection.run("COMMIT")
            return answer
        } catch {
            try? connection.run("ROLLBACK")
            throw error
        }
    }

    func close() { idle.withLock { $0 = [] } }
}
