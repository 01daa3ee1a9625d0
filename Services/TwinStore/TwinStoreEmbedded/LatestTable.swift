import TwinCore
import TwinStoreCore

/// The value of every code that speaks now, of each twin in the database.
struct LatestTable {
    /// Of how many twins the values are remembered between transactions.
    private static let knownCountMax = 8192

    private let chunks: ChunkCoding
    private let timelines: Timelines
    private var known: [Int64: LatestValues] = [:]

    init(coding: EngineCoding) {
        chunks = ChunkCoding(observations: coding.observations)
        timelines = Timelines(coding: coding)
    }

    func read(
        _ row: TwinRow, in database: SQLiteConnection
    ) throws(EngineError) -> LatestValues {
        guard row.progress.revision > 0 else { return LatestValues() }
        let twin = row.progress.twin
        guard
            let found = try Tables.latest.row(
                "WHERE number = ?", [.integer(row.number)], in: database)
        else { throw .corrupted("the latest values of \(twin) are missing") }
        let kept = try chunks.decode(try found.blob(1), of: twin)
        return LatestValues.all { each in for one in kept { each(one) } }
    }

    /// Only one may write: what it wrote is remembered.
    ///
    /// The observations must not be in the timeline yet.
    mutating func add(
        _ stored: [StoredObservation], to row: TwinRow, in database: SQLiteConnection
    ) throws(EngineError) {
        var latest: LatestValues
        if let remembered = known.removeValue(forKey: row.number) {
            latest = remembered
        } else {
            latest = try read(row, in: database)
        }
        for one in stored { latest.insert(one) }
        if latest.isBehind {
            latest = try LatestValues.all { each throws(EngineError) in
                try timelines.read(row, after: 0, through: .max, in: database) {
                    each($0)
                    return true
                }
                for one in stored { each(one) }
            }
        }
        try Tables.latest.put(
            [.integer(row.number), .blob(chunks.encode(latest.kept))], in: database)
        if known.count >= LatestTable.knownCountMax { forget() }
        known[row.number] = latest
    }

    /// What was written was taken back.
    mutating func forget() { known = [:] }
}
