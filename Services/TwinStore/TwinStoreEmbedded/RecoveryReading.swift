import TwinCore
import TwinJournal
import TwinStoreCore

/// Reads what a store must know to go on.
struct RecoveryReading {
    let database: SQLiteConnection
    let coding: EngineCoding

    func recovery() throws(EngineError) -> Recovery {
        let totals = try Totals.load(from: database)
        var recovery = Recovery(
            cursor: totals.cursor, observationCount: totals.observationCount,
            assessmentCount: totals.assessmentCount)
        try Tables.outbox.rows("", in: database) { row throws(EngineError) in
            recovery.offsets[try row.text(0)] = try row.unsigned(1)
            return true
        }
        try Tables.twin.rows("ORDER BY id", in: database) { row throws(EngineError) in
            recovery.twins.append(try TwinRow(row).progress)
            return true
        }
        try Tables.artifact.rows("ORDER BY cursor", in: database) { row throws(EngineError) in
            let bytes = try row.blob(2)
            recovery.artifacts.append(
                try reading("an artifact's record") { try coding.artifactInfo.decode(bytes) })
            return true
        }
        try Tables.activation.rows("ORDER BY cursor", in: database) { row throws(EngineError) in
            let bytes = try row.blob(1)
            recovery.activations.append(
                try reading("an activation") { try coding.activation.decode(bytes) })
            return true
        }
        try Tables.drift.rows("ORDER BY artifact", in: database) { row throws(EngineError) in
            let bytes = try row.blob(1)
            recovery.drifts.append(
                try reading("a drift") { try coding.driftTally.decode(bytes) })
            return true
        }
        try checkIndices()
        guard UInt64(recovery.offsets.count) == totals.outboxCount,
            UInt64(recovery.twins.count) == totals.twinCount,
            UInt64(recovery.artifacts.count) == totals.artifactCount,
            UInt64(recovery.activations.count) == totals.activationCount
        else { throw .corrupted("rows are missing") }
        return recovery
    }

    /// A twin that its index does not know would be taken for a new one.
    private func checkIndices() throws(EngineError) {
        for table in [Tables.twin, Tables.outbox, Tables.artifact] {
            let found = try database.rows("PRAGMA integrity_check(\(table.name))").first
            guard found == [.text("ok")] else {
                throw .corrupted("the index of \(table.name): \(found ?? [])")
            }
        }
    }
}
