import TwinCore
import TwinJournal
import TwinStoreCore

/// Answers questions from the database and the changes that are not in it yet.
struct DatabaseReading {
    let database: SQLiteConnection
    let coding: EngineCoding
    let id: TwinID
    let row: TwinRow?
    /// Those changes of the twin that the database has not.
    let tail: [TailItem]

    /// `tail` may hold what the database has: it must have been taken before.
    init(
        _ id: TwinID, tail: [TailItem], database: SQLiteConnection, coding: EngineCoding
    ) throws(EngineError) {
        self.id = id
        self.database = database
        self.coding = coding
        let applied = try Totals.load(from: database).cursor
        self.tail = tail.filter { $0.cursor > applied }
        row = try TwinRow.load(id, from: database)
    }

    private var revision: Revision { tail.revision ?? row?.progress.revision ?? 0 }

    func state(asOf past: Revision?) throws(EngineError) -> TwinState? {
        let through = past ?? .max
        guard revision > 0, through > 0 else { return nil }
        var latest = LatestValues()
        if through >= revision {
            if let row { latest = try LatestTable(coding: coding).read(row, in: database) }
            for one in tail.observations { latest.insert(one) }
        } else {
            try read(after: 0, through: through) {
                latest.insert($0)
                return true
            }
        }
        if latest.isBehind {
            latest = try LatestValues.all { each throws(EngineError) in
                try read(after: 0, through: through) {
                    each($0)
                    return true
                }
            }
        }
        return TwinState(
            id: id, revision: min(through, revision), latest: latest.sorted,
            features: past == nil ? try features() : [],
            assessments: try newestAssessments(through: through),
            amendedRevision: latest.amendedRevision)
    }

    func observations(
        after revision: Revision, through last: Revision, limit: Int
    ) throws(EngineError) -> [StoredObservation] {
        var found: [StoredObservation] = []
        var room = limit
        guard room > 0 else { return found }
        try read(after: revision, through: last) {
            found.append($0)
            room -= $0.observation.value.weight
            return room > 0
        }
        return found
    }

    private func read(
        after revision: Revision, through last: Revision, _ each: (StoredObservation) -> Bool
    ) throws(EngineError) {
        var wantsMore = true
        if let row {
            try Timelines(coding: coding).read(
                row, after: revision, through: last, in: database
            ) {
                wantsMore = each($0)
                return wantsMore
            }
        }
        guard wantsMore else { return }
        for one in tail.observations
        where one.commitRevision > revision && one.commitRevision <= last {
            guard each(one) else { return }
        }
    }

    func features() throws(EngineError) -> [FeatureSet] {
        var sets = tail.features
        for modality in row?.progress.features.keys ?? [:].keys where sets[modality] == nil {
            let key = Tables.featureKey(row?.number ?? 0, modality.rawValue)
            guard let found = try Tables.feature.row("WHERE key = ?", [.integer(key)], in: database)
            else { throw .corrupted("\(modality.name) features of \(id) are missing") }
            sets[modality] = try reading("\(modality.name) features of \(id)") {
                try coding.featureSet.decode(try found.blob(1))
            }
        }
        return sets.values.sorted { $0.modality.rawValue < $1.modality.rawValue }
    }

    func assessments(
        after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try list(
            Tables.assessment, counting: row?.assessmentCount ?? 0, tail.assessments,
            after: revision, limit: limit)
    }

    func shadows(
        after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try list(
            Tables.shadow, counting: row?.shadowCount ?? 0, tail.shadows, after: revision,
            limit: limit)
    }

    /// What a table and the tail have, in ascending order of revision, then outcome.
    private func list(
        _ table: Table, counting count: UInt64, _ recent: [StoredAssessment],
        after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        guard limit > 0 else { return [] }
        var found: [StoredAssessment] = []
        if let row {
            // As numbers without a sign: no revision is beyond the signed ones.
            let after = Int64(clamping: revision)
            try table.rows(
                "WHERE number = ? AND revision > ? ORDER BY revision, outcome, cursor, part LIMIT ?",
                [.integer(row.number), .integer(after), .integer(Int64(limit))], in: database
            ) { row throws(EngineError) in
                found.append(try assessment(row))
                return true
            }
            guard revision > 0 || UInt64(found.count) == min(count, UInt64(limit))
            else { throw .corrupted("assessments of \(id) are missing") }
        }
        let recent = recent.filter { $0.assessment.revision > revision }
        guard !recent.isEmpty else { return found }
        // Those of the tail came later: a stable order keeps them behind their equals.
        let all = (found + recent).enumerated().sorted { left, right in
            let (old, new) = (left.element.assessment, right.element.assessment)
            return (old.revision, old.outcome, left.offset)
                < (new.revision, new.outcome, right.offset)
        }
        return all.prefix(limit).map(\.element)
    }

    private func newestAssessments(
        through last: Revision
    ) throws(EngineError) -> [StoredAssessment] {
        var newest: [String: StoredAssessment] = [:]
        for (outcome, progress) in row?.progress.assessments ?? [:] {
            let found = try Tables.assessment.row(
                "WHERE number = ? AND outcome = ? AND revision <= ? "
                    + "ORDER BY revision DESC, cursor DESC, part DESC LIMIT 1",
                [
                    .integer(row?.number ?? 0), .text(outcome),
                    .integer(Int64(clamping: last)),
                ], in: database)
            if let found { newest[outcome] = try assessment(found) }
            guard
                progress.revision > last
                    || newest[outcome]?.assessment.revision == progress.revision
            else { throw .corrupted("assessments of \(id) are missing") }
        }
        for stored in tail.assessments where stored.assessment.revision <= last {
            let old = newest[stored.assessment.outcome]?.assessment.revision
            if old.map({ $0 <= stored.assessment.revision }) ?? true {
                newest[stored.assessment.outcome] = stored
            }
        }
        return newest.values.sorted { $0.assessment.outcome < $1.assessment.outcome }
    }

    private func assessment(_ row: [SQLValue]) throws(EngineError) -> StoredAssessment {
        try reading("an assessment of \(id)") {
            guard let one = try coding.assessments.decode(try row.blob(6)).first else {
                throw MalformedBytes("none")
            }
            let time = Instant(microsecondsSinceEpoch: try row.integer(5))
            return StoredAssessment(assessment: one, commitTime: time)
        }
    }
}
