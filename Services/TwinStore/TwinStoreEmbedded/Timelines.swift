import TwinCore
import TwinStoreCore

/// The chunks of twins in the database.
struct Timelines {
    /// As many small chunks at the end of a timeline become one.
    static let mergeCount = 16
    /// Below this a chunk is small, below the next one middling: what is merged twice stays.
    static let tiers = [256, 4096]

    private struct Head {
        var key: Int64
        var count: Int
    }

    private let chunks: ChunkCoding

    init(coding: EngineCoding) { chunks = ChunkCoding(observations: coding.observations) }

    /// Adds what follows the newest revision of a twin.
    func add(
        _ stored: [StoredObservation], to row: TwinRow, in database: SQLiteConnection
    ) throws(EngineError) {
        var previous = row.progress.revision
        var start = 0
        var weight = 0
        for index in stored.indices {
            let isLast = index == stored.count - 1
            weight += stored[index].observation.value.weight
            // A revision is never divided: it names the chunk that it begins.
            guard
                isLast
                    || stored[index + 1].commitRevision != stored[index].commitRevision
                        && weight >= ChunkCoding.observationCountMax
            else { continue }
            let part = Array(stored[start...index])
            try put(part, weight, of: row.number, after: previous, in: database)
            previous = stored[index].commitRevision
            (start, weight) = (index + 1, 0)
        }
        try merge(row, in: database)
    }

    private func put(
        _ part: [StoredObservation], _ weight: Int, of number: Int64, after previous: Revision,
        in database: SQLiteConnection
    ) throws(EngineError) {
        guard let first = part.first?.commitRevision, let last = part.last?.commitRevision else {
            return
        }
        guard first > previous else {
            throw .corrupted("twin \(number): revision \(first) follows \(previous)")
        }
        try Tables.chunk.put(
            [
                .integer(try Tables.chunkKey(number, first)), .unsigned(previous),
                .unsigned(last), .integer(Int64(weight)), .blob(chunks.encode(part)),
            ], in: database)
    }

    /// Keeps the number of chunks small, so that reading a timeline stays cheap.
    private func merge(_ row: TwinRow, in database: SQLiteConnection) throws(EngineError) {
        var heads: [Head] = []
        // Only which chunks to merge is decided by it, so no checksum is needed.
        let newest = try database.rows(
            "SELECT key, count FROM chunk WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 64",
            [
                .integer(row.number << 32),
                .integer(row.number << 32 | Int64(UInt32.max)),
            ])
        for row in newest {
            heads.append(Head(key: try row.integer(0), count: Int(clamping: try row.integer(1))))
        }
        for tier in Timelines.tiers {
            let run = heads.prefix { $0.count < tier }
            let sum = run.reduce(0) { $0 + $1.count }
            guard let newest = run.first, let oldest = run.last, newest.key != oldest.key,
                run.count >= Timelines.mergeCount || sum >= ChunkCoding.observationCountMax
            else { continue }
            try merge(oldest.key...newest.key, of: row.progress.twin, in: database)
            heads.replaceSubrange(run.indices, with: [Head(key: oldest.key, count: sum)])
        }
    }

    private func merge(
        _ keys: ClosedRange<Int64>, of twin: TwinID, in database: SQLiteConnection
    ) throws(EngineError) {
        let rows = try Tables.chunk.rows(
            "WHERE key BETWEEN ? AND ? ORDER BY key",
            [.integer(keys.lowerBound), .integer(keys.upperBound)], in: database)
        guard let first = rows.first, let last = rows.last else { return }
        var stored: [StoredObservation] = []
        for row in rows { stored += try chunks.decode(try row.blob(4), of: twin) }
        try database.run(
            "DELETE FROM chunk WHERE key > ? AND key <= ?",
            [.integer(keys.lowerBound), .integer(keys.upperBound)])
        try Tables.chunk.put(
            [
                .integer(keys.lowerBound), first[1], last[2],
                .integer(Int64(stored.weight)),
                .blob(chunks.encode(stored)),
            ], in: database)
    }

    /// Gives what was committed after one revision and up to another, in order, until `each`
    /// answers false.
    ///
    /// Throws if a part is missing.
    func read(
        _ row: TwinRow, after revision: Revision, through last: Revision,
        in database: SQLiteConnection, _ each: (StoredObservation) -> Bool
    ) throws(EngineError) {
        let twin = row.progress.twin
        let through = min(last, row.progress.revision)
        guard revision < through else { return }
        let start = try Tables.chunkKey(row.number, revision + 1)
        let before = try database.rows(
            "SELECT max(key) FROM chunk WHERE key BETWEEN ? AND ?",
            [.integer(row.number << 32), .integer(start)])
        var reached: Revision?
        var wantsMore = true
        try Tables.chunk.rows(
            "WHERE key BETWEEN ? AND ? ORDER BY key",
            [
                before.first.map { $0[0] == .null ? .integer(start) : $0[0] } ?? .integer(start),
                .integer(try Tables.chunkKey(row.number, through)),
            ], in: database
        ) { chunk throws(EngineError) in
            let previous = try chunk.unsigned(1)
            guard reached.map({ $0 == previous }) ?? (previous <= revision) else {
                throw .corrupted("the timeline of \(twin) has a gap after \(previous)")
            }
            reached = try chunk.unsigned(2)
            guard try chunk.unsigned(2) > revision else { return true }
            for one in try chunks.decode(try chunk.blob(4), of: twin)
            where one.commitRevision > revision && one.commitRevision <= through {
                wantsMore = each(one)
                if !wantsMore { return false }
            }
            return true
        }
        guard !wantsMore || (reached ?? 0) >= through else {
            throw .corrupted("the timeline of \(twin) ends before revision \(through)")
        }
    }
}
