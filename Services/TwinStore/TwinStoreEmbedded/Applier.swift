import TwinCore
import TwinJournal
import TwinStoreCore

/// Brings records of the journal into the database.
///
/// One transaction takes many records, ordered by twin, and keeps with them how far it came: a
/// record is applied once, whatever happens.
struct Applier {
    let database: SQLiteConnection
    let coding: EngineCoding
    private(set) var totals: Totals
    private var latest: LatestTable
    /// Since the log was last moved into the database.
    private var untidiedChangeCount = 0
    private var untidiedCount = 0

    init(database: SQLiteConnection, coding: EngineCoding) throws(EngineError) {
        self.database = database
        self.coding = coding
        totals = try Totals.load(from: database)
        latest = LatestTable(coding: coding)
    }

    /// Applies records that follow those applied before; all of them or none.
    mutating func apply(_ records: [StoreRecord]) throws(EngineError) {
        let before = totals
        try database.run("BEGIN IMMEDIATE")
        do {
            try write(records)
            try totals.save(to: database)
            try database.run("COMMIT")
        } catch {
            totals = before
            latest.forget()
            try? database.run("ROLLBACK")
            throw error
        }
    }

    /// Keeps the log small; not a part of any transaction.
    ///
    /// Every change of a twin touches a few pages of its own.
    mutating func tidy() throws(EngineError) {
        guard untidiedChangeCount >= 1024 || untidiedCount >= 64 else { return }
        (untidiedChangeCount, untidiedCount) = (0, 0)
        let byteCount = try database.checkpoint(truncating: false)
        if byteCount > DatabaseSetup.logByteCountMax / 2 {
            _ = try database.checkpoint(truncating: true)
        }
    }

    private mutating func write(_ records: [StoreRecord]) throws(EngineError) {
        var work: [TwinID: [TailItem]] = [:]
        var offsets: [IngestID: UInt64] = [:]
        for record in records {
            guard record.cursor == totals.cursor + 1 else {
                throw .corrupted("record \(record.cursor) follows record \(totals.cursor)")
            }
            totals.cursor = record.cursor
            for (twin, item) in TailItem.items(of: record) { work[twin, default: []].append(item) }
            switch record.change {
            case .observations(let ingest, let offset, _): offsets[ingest] = offset
            case .artifact(let info): try keep(info, record.cursor)
            case .activation(let activation):
                totals.activationCount += 1
                try Tables.activation.put(
                    [.unsigned(record.cursor), .blob(coding.activation.encode(activation))],
                    in: database)
            case .drift(let tally):
                try Tables.drift.put(
                    [.text(tally.artifact.hex), .blob(coding.driftTally.encode(tally))],
                    in: database)
            case .features, .assessments, .shadows: break
            }
        }
        for (ingest, offset) in offsets { try keep(ingest, offset) }
        try write(work)
    }

    private mutating func write(_ work: [TwinID: [TailItem]]) throws(EngineError) {
        var rows: [TwinRow] = []
        for twin in work.keys.sorted() {
            if let row = try TwinRow.load(twin, from: database) {
                rows.append(row)
            } else {
                totals.twinCount += 1
                rows.append(TwinRow(number: Int64(totals.twinCount), twin: twin))
            }
        }
        // In the order in which their pages lie.
        rows.sort { $0.number < $1.number }
        untidiedChangeCount += rows.count
        untidiedCount += 1
        for var row in rows {
            let items = work[row.progress.twin] ?? []
            try write(items.observations, of: &row)
            for (modality, set) in items.features {
                try Tables.feature.put(
                    [
                        .integer(Tables.featureKey(row.number, modality.rawValue)),
                        .blob(coding.featureSet.encode(set)),
                    ], in: database)
                row.progress.features[modality] = FeatureProgress(
                    revision: set.revision, version: set.version)
            }
            for item in items { try writeAssessments(of: item, of: &row) }
            try row.save(to: database)
        }
    }

    private mutating func write(
        _ stored: [StoredObservation], of row: inout TwinRow
    ) throws(EngineError) {
        guard let last = stored.last else { return }
        try latest.add(stored, to: row, in: database)
        try Timelines(coding: coding).add(stored, to: row, in: database)
        totals.observationCount += UInt64(stored.count)
        row.progress.revision = last.commitRevision
        for one in stored { Survivor.note(one.observation, in: &row.progress.survivor) }
        // As `Timeline.lastEventTime` has it; without generics it takes a tenth of the time.
        for one in stored where !one.observation.flags.contains(.futureTime) {
            let time = one.observation.eventTime
            if row.progress.lastEventTime.map({ $0 < time }) ?? true {
                row.progress.lastEventTime = time
            }
        }
    }

    private mutating func writeAssessments(
        of item: TailItem, of row: inout TwinRow
    ) throws(EngineError) {
        switch item.change {
        case .assessments(let made):
            try write(made, of: item, of: row, into: Tables.assessment)
            for one in made { TwinRow.note(one, in: &row.progress.assessments) }
            row.assessmentCount += UInt64(made.count { $0.revision > 0 })
            totals.assessmentCount += UInt64(made.count)
        case .shadows(let made):
            try write(made, of: item, of: row, into: Tables.shadow)
            for one in made { TwinRow.note(one, in: &row.progress.shadows) }
            row.shadowCount += UInt64(made.count { $0.revision > 0 })
        case .slice, .features: break
        }
    }

    private func write(
        _ made: [Assessment], of item: TailItem, of row: TwinRow, into table: Table
    ) throws(EngineError) {
        for (part, assessment) in made.enumerated() {
            try table.put(
                [
                    .integer(row.number), .unsigned(assessment.revision),
                    .text(assessment.outcome), .unsigned(item.cursor), .integer(Int64(part)),
                    .integer(item.commitTime.microsecondsSinceEpoch),
                    .blob(coding.assessments.encode([assessment])),
                ], in: database)
        }
    }

    private mutating func keep(_ info: ArtifactInfo, _ cursor: UInt64) throws(EngineError) {
        let known = try Tables.artifact.row("WHERE id = ?", [.text(info.id.hex)], in: database)
        if known == nil { totals.artifactCount += 1 }
        try Tables.artifact.put(
            [.text(info.id.hex), .unsigned(cursor), .blob(coding.artifactInfo.encode(info))],
            in: database)
    }

    private mutating func keep(_ ingest: IngestID, _ offset: UInt64) throws(EngineError) {
        let known = try Tables.outbox.row("WHERE ingest = ?", [.text(ingest)], in: database)
        if known == nil { totals.outboxCount += 1 }
        try Tables.outbox.put([.text(ingest), .unsigned(offset)], in: database)
    }
}
