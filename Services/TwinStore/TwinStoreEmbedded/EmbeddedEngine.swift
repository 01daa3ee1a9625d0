public import TwinCore
public import TwinJournal
public import TwinStoreCore

/// How much an embedded engine may take.
public struct EngineLimits: Hashable, Sendable {
    /// What the journal holds must be applied to the database; when so much waits for that,
    /// commits wait too.
    public var tailObservationCountMax: Int
    public var tailByteCountMax: Int
    /// Commits that wait hold so much; then the caller waits.
    public var waitingByteCountMax: Int
    public var artifactByteCountMax: Int
    public var readerCount: Int
    /// How long changes gather before they are applied, if they are few.
    public var gatherMs: Int
    /// How much of the database the one who writes keeps in memory.
    public var cacheMegabytes: Int
    public var journal: JournalLimits

    public init(
        tailObservationCountMax: Int = 262_144, tailByteCountMax: Int = 256 << 20,
        waitingByteCountMax: Int = 64 << 20, artifactByteCountMax: Int = 1 << 30,
        readerCount: Int = 4, gatherMs: Int = 50, cacheMegabytes: Int = 64,
        journal: JournalLimits = JournalLimits(
            byteCountMax: 1 << 30, queueByteCountMax: 512 << 20)
    ) {
        self.tailObservationCountMax = tailObservationCountMax
        self.tailByteCountMax = tailByteCountMax
        self.waitingByteCountMax = waitingByteCountMax
        self.artifactByteCountMax = artifactByteCountMax
        self.readerCount = max(1, readerCount)
        self.gatherMs = gatherMs
        self.cacheMegabytes = max(1, cacheMegabytes)
        self.journal = journal
    }

    /// What waits is in the journal, beside what was just applied and frames and unused ends of
    /// segments: with a quarter of it commits wait long before the journal would refuse one.
    var tailByteCountInUse: Int { min(tailByteCountMax, journal.byteCountMax / 4) }
}

/// The engine that needs no server: a journal is the commit, SQLite holds what can be asked.
///
/// A commit is called back once its records are synced in the journal. A thread of its own
/// applies them to the database in large transactions; what is not applied yet is held in memory
/// too, so that a read sees it.
public final class EmbeddedEngine: TwinEngine {
    struct Waiting {
        var records: [StoreRecord]
        var bytes: [[UInt8]]
        var byteCount: Int
        var observationCount: Int
        var done: @Sendable (Result<Void, EngineError>) -> Void
    }

    struct State {
        var tail = Tail()
        /// Commits that are not in the journal's hands yet, oldest first.
        var waiting: [Waiting] = []
        var waitingByteCount = 0
        /// In the journal's hands and not called back.
        var inFlightObservationCount = 0
        var inFlightByteCount = 0
        /// Of the newest record that was offered.
        var lastCursor: UInt64
        var failure: EngineError?
        var isClosing = false
        var hasEnded = false
    }

    let limits: EngineLimits
    let planted: PlantedEngineBug?
    let coding: EngineCoding
    let journal: SegmentJournal
    let state: Monitor<State>
    private let readers: SQLiteReaders
    private let artifacts: ArtifactFiles
    private let parts: ArtifactParts
    private let thread: Monitor<OwnThread?>

    /// Opens the engine in a directory, and makes it if there is none; applies what a crash left
    /// in the journal.
    public convenience init(
        directory: String, coding: EngineCoding, limits: EngineLimits = EngineLimits()
    ) throws(EngineError) {
        try self.init(directory: directory, coding: coding, limits: limits, planted: nil)
    }

    package init(
        directory: String, coding: EngineCoding, limits: EngineLimits,
        planted: PlantedEngineBug?
    ) throws(EngineError) {
        self.planted = planted
        self.limits = limits
        self.coding = coding
        let disk = RealDisk()
        do {
            try disk.makeDirectory(directory)
            try disk.makeDirectory("\(directory)/artifacts")
            journal = try SegmentJournal(directory: "\(directory)/journal", limits: limits.journal)
        } catch let error as JournalError {
            throw EngineError(error)
        } catch {
            throw .storageFailed("\(error)")
        }
        do {
            let path = "\(directory)/twins.sqlite"
            let database = try SQLiteConnection(path: path)
            try DatabaseSetup.prepareWriter(
                database, cacheMegabytes: limits.cacheMegabytes)
            var applier = try Applier(database: database, coding: coding)
            try EmbeddedEngine.replay(journal, into: &applier)
            readers = try SQLiteReaders(path: path, count: limits.readerCount)
            try EmbeddedEngine.sync(directory, disk)
            state = Monitor(State(lastCursor: applier.totals.cursor))
            artifacts = ArtifactFiles(
                disk: disk, directory: "\(directory)/artifacts",
                byteCountMax: limits.artifactByteCountMax)
            parts = try ArtifactParts(artifacts)
            thread = Monitor(nil)
            let started = Monitor<Applier?>(applier)
            let running = OwnThread { [self] in
                if let applier = started.withLock({ $0.take() }) { applyAll(applier) }
            }
            guard let running else { throw EngineError.storageFailed("no thread") }
            thread.withLock { $0 = running }
        } catch {
            journal.close()
            throw error as? EngineError ?? .storageFailed("\(error)")
        }
    }

    private static func sync(_ directory: String, _ disk: RealDisk) throws(EngineError) {
        do {
            try disk.syncDirectory(directory)
        } catch {
            throw .storageFailed(error.description)
        }
    }

    /// Applies what the journal has and the database has not.
    private static func replay(
        _ journal: SegmentJournal, into applier: inout Applier
    ) throws(EngineError) {
        let records = RecordCoding(coding: applier.coding)
        let applied = applier.totals.cursor
        guard journal.firstOffset <= applied + 1, journal.nextOffset > applied else {
            throw .corrupted(
                "the database is applied through \(applied), the journal holds "
                    + "\(journal.firstOffset)..<\(journal.nextOffset)")
        }
        while applier.totals.cursor + 1 < journal.nextOffset {
            let next = applier.totals.cursor + 1
            let portion: [JournalRecord]
            do {
                portion = try journal.read(from: next, byteCountMax: 4 << 20)
            } catch {
                throw EngineError(error)
            }
            var decoded: [StoreRecord] = []
            for record in portion {
                decoded.append(try records.decode(record.bytes, cursor: record.offset))
            }
            try applier.apply(decoded)
            try applier.tidy()
        }
    }

    public func close() {
        state.withLock { $0.isClosing = true }
        guard let running = thread.withLock({ $0.take() }) else { return }
        running.join()
        journal.close()
        readers.close()
    }

    // MARK: - Reading

    public func twin(_ id: TwinID, asOf revision: Revision?) throws(EngineError) -> TwinState? {
        try read(id) { reading throws(EngineError) in try reading.state(asOf: revision) }
    }

    public func observations(
        of id: TwinID, after revision: Revision, through last: Revision, limit: Int
    ) throws(EngineError) -> [StoredObservation] {
        try read(id) { reading throws(EngineError) in
            try reading.observations(after: revision, through: last, limit: limit)
        }
    }

    public func assessments(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try read(id) { reading throws(EngineError) in
            try reading.assessments(after: revision, limit: limit)
        }
    }

    public func shadows(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try read(id) { reading throws(EngineError) in
            try reading.shadows(after: revision, limit: limit)
        }
    }

    public func features(of id: TwinID) throws(EngineError) -> [FeatureSet] {
        try read(id) { reading throws(EngineError) in try reading.features() }
    }

    public func twins(identifier: String) throws(EngineError) -> [TwinID] {
        // Before the database is asked: what is applied in between is found there.
        let recent = state.look { $0.tail.twins(identifier: identifier) }
        let stored = try readers.read { database throws(EngineError) in
            var twins: [TwinID] = []
            try Tables.twin.rows(
                "WHERE identifier = ? ORDER BY id LIMIT 2", [.text(identifier)], in: database
            ) { row throws(EngineError) in
                twins.append(try TwinRow(row).progress.twin)
                return true
            }
            return twins
        }
        return Array(Set(stored + recent).sorted().prefix(2))
    }

    private func read<Answer>(
        _ id: TwinID, _ body: (DatabaseReading) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        // Before the database is asked: what is applied in between is found there.
        let tail = state.look { $0.tail.items(of: id) }
        return try readers.read { database throws(EngineError) in
            try body(DatabaseReading(id, tail: tail, database: database, coding: coding))
        }
    }

    public func recover() throws(EngineError) -> Recovery {
        try readers.read { database throws(EngineError) in
            try RecoveryReading(database: database, coding: coding).recovery()
        }
    }

    public func putArtifact(_ id: ArtifactID, bytes: [UInt8]) throws(EngineError) {
        try artifacts.put(id, bytes)
    }

    public func artifactBytes(_ id: ArtifactID) throws(EngineError) -> [UInt8]? {
        try artifacts.bytes(id)
    }

    public func putArtifactPart(
        _ part: ArtifactPart, bytes: [UInt8]
    ) throws(EngineError) -> UInt64 {
        try parts.put(part, bytes)
    }

    public func artifactBytes(
        _ id: ArtifactID, from offset: UInt64, count: Int
    ) throws(EngineError) -> [UInt8]? {
        try artifacts.bytes(id, from: offset, count: count)
    }
}

extension EngineError {
    init(_ error: JournalError) {
        if case .corrupted(let place) = error {
            self = .corrupted("journal: \(place)")
        } else {
            self = .storageFailed("journal: \(error)")
        }
    }
}

/// A bug that can be switched on, in debug builds, to prove that the tests would find it.
package enum PlantedEngineBug: Hashable, Sendable {
    case acknowledgeBeforeJournal
}
