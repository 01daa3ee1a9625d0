import TwinCore
import TwinJournal
import TwinStoreCore

/// How much the database holds, and how far the journal is applied to it.
struct Totals: Hashable, Sendable {
    var cursor: UInt64 = 0
    var twinCount: UInt64 = 0
    var outboxCount: UInt64 = 0
    var artifactCount: UInt64 = 0
    var activationCount: UInt64 = 0
    var observationCount: UInt64 = 0
    var assessmentCount: UInt64 = 0

    static func load(from database: SQLiteConnection) throws(EngineError) -> Totals {
        var totals = Totals()
        guard let row = try Tables.totals.row("WHERE id = 1", [], in: database) else {
            throw .corrupted("the totals are missing")
        }
        var reader = ByteReader(try row.blob(1))
        try reading("the totals") {
            totals.cursor = try reader.number()
            totals.twinCount = try reader.number()
            totals.outboxCount = try reader.number()
            totals.artifactCount = try reader.number()
            totals.activationCount = try reader.number()
            totals.observationCount = try reader.number()
            totals.assessmentCount = try reader.number()
        }
        return totals
    }

    func save(to database: SQLiteConnection) throws(EngineError) {
        var writer = ByteWriter()
        for number in [
            cursor, twinCount, outboxCount, artifactCount, activationCount, observationCount,
            assessmentCount,
        ] {
            writer.append(number)
        }
        try Tables.totals.put([.integer(1), .blob(writer.bytes)], in: database)
    }
}

/// The row of a twin: its number in the database and how far it has come.
struct TwinRow: Hashable, Sendable {
    var number: Int64
    var progress: TwinProgress
    /// Those that can be listed, so that a row that got lost is missed.
    var assessmentCount: UInt64 = 0
    /// The same of what shadows said.
    var shadowCount: UInt64 = 0

    static func load(
        _ twin: TwinID, from database: SQLiteConnection
    ) throws(EngineError) -> TwinRow? {
        guard let row = try Tables.twin.row("WHERE id = ?", [.text(twin.text)], in: database)
        else { return nil }
        return try TwinRow(row)
    }

    init(number: Int64, twin: TwinID) {
        self.number = number
        progress = TwinProgress(twin: twin)
    }

    init(_ row: [SQLValue]) throws(EngineError) {
        number = try row.integer(0)
        let text = try row.text(1)
        let bytes = try row.blob(3)
        progress = TwinProgress(twin: try reading("a twin's name") { try TwinRow.twin(text) })
        try reading("the progress of \(text)") { try decode(bytes) }
    }

    private static func twin(_ text: String) throws -> TwinID {
        guard let twin = TwinID(text) else { throw MalformedBytes("not a twin's name") }
        return twin
    }

    /// Takes note of an assessment, unless one of a newer revision is known.
    static func note(_ made: Assessment, in progress: inout [String: AssessmentProgress]) {
        guard progress[made.outcome].map({ $0.revision <= made.revision }) ?? true else { return }
        progress[made.outcome] = AssessmentProgress(
            revision: made.revision, artifact: made.artifact)
    }

    func save(to database: SQLiteConnection) throws(EngineError) {
        let twin = progress.twin
        try Tables.twin.put(
            [
                .integer(number), .text(twin.text), .text(String(twin.identifier)),
                .blob(encoded),
            ], in: database)
    }

    private var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.append(progress.revision)
        writer.append(assessmentCount)
        writer.append(UInt8(progress.lastEventTime == nil ? 0 : 1))
        writer.append(progress.lastEventTime?.microsecondsSinceEpoch ?? 0)
        writer.append(UInt32(progress.features.count))
        for (modality, one) in progress.features.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.append(modality.rawValue)
            writer.append(one.revision)
            writer.append(text: one.version)
        }
        TwinRow.append(progress.assessments, to: &writer)
        // Rows of before have nothing here.
        if shadowCount > 0 || !progress.shadows.isEmpty || progress.survivor != nil {
            writer.append(shadowCount)
            TwinRow.append(progress.shadows, to: &writer)
        }
        if let survivor = progress.survivor {
            writer.append(text: survivor.twin.text)
            writer.append(survivor.time.microsecondsSinceEpoch)
            writer.append(survivor.receiveTime.microsecondsSinceEpoch)
        }
        return writer.bytes
    }

    private static func append(
        _ made: [String: AssessmentProgress], to writer: inout ByteWriter
    ) {
        writer.append(UInt32(made.count))
        for (outcome, one) in made.sorted(by: { $0.key < $1.key }) {
            writer.append(text: outcome)
            writer.append(one.revision)
            writer.append(text: one.artifact.hex)
        }
    }

    private mutating func decode(_ bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        progress.revision = try reader.number()
        assessmentCount = try reader.number()
        let hasTime: UInt8 = try reader.number()
        let time = Instant(microsecondsSinceEpoch: try reader.number())
        if hasTime == 1 { progress.lastEventTime = time }
        for _ in 0..<(try reader.number(UInt32.self)) {
            guard let modality = Modality(rawValue: try reader.number()) else {
                throw MalformedBytes("unknown modality")
            }
            progress.features[modality] = FeatureProgress(
                revision: try reader.number(), version: try reader.text())
        }
        progress.assessments = try TwinRow.assessments(&reader)
        guard !reader.isAtEnd else { return }
        shadowCount = try reader.number()
        progress.shadows = try TwinRow.assessments(&reader)
        guard !reader.isAtEnd else { return }
        guard let survivor = TwinID(try reader.text()) else {
            throw MalformedBytes("not a twin's name")
        }
        let recorded = Instant(microsecondsSinceEpoch: try reader.number())
        // Rows of before do not say when it came in: whatever comes now came later.
        let received = reader.isAtEnd ? 0 : try reader.number(Int64.self)
        progress.survivor = Survivor(
            twin: survivor, time: recorded, receiveTime: Instant(microsecondsSinceEpoch: received))
    }

    private static func assessments(
        _ reader: inout ByteReader
    ) throws -> [String: AssessmentProgress] {
        var made: [String: AssessmentProgress] = [:]
        for _ in 0..<(try reader.number(UInt32.self)) {
            let outcome = try reader.text()
            let revision: UInt64 = try reader.number()
            guard let artifact = ArtifactID(hex: try reader.text()) else {
                throw MalformedBytes("not an artifact's name")
            }
            made[outcome] = AssessmentProgress(revision: revision, artifact: artifact)
        }
        return made
    }
}
