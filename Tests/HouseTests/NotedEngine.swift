import Synchronization
import TwinCore
import TwinStoreCore

/// An engine in memory that notes everything that was appended to it and not lost with the power.
final class NotedEngine: TwinEngine {
    let inner: InMemoryEngine
    private let records: Mutex<[StoreRecord]>

    convenience init() { self.init(InMemoryEngine(), []) }

    private init(_ inner: InMemoryEngine, _ records: [StoreRecord]) {
        self.inner = inner
        self.records = Mutex(records)
    }

    /// In the order in which they were appended.
    var log: [StoreRecord] { records.withLock { $0 } }

    /// What a restart finds after a power cut now.
    func cutPower(keeping extra: Int) -> NotedEngine {
        let survivor = inner.crash(keeping: extra)
        let cursor = (try? survivor.recover())?.cursor ?? 0
        return NotedEngine(survivor, log.filter { $0.cursor <= cursor })
    }

    func commit(
        _ records: [StoreRecord],
        then done: @escaping @Sendable (Result<Void, EngineError>) -> Void
    ) {
        self.records.withLock { $0 += records }
        inner.commit(records, then: done)
    }

    func recover() throws(EngineError) -> Recovery { try inner.recover() }

    func twin(_ id: TwinID, asOf revision: Revision?) throws(EngineError) -> TwinState? {
        try inner.twin(id, asOf: revision)
    }

    func twins(identifier: String) throws(EngineError) -> [TwinID] {
        try inner.twins(identifier: identifier)
    }

    func observations(
        of id: TwinID, after revision: Revision, through last: Revision, limit: Int
    ) throws(EngineError) -> [StoredObservation] {
        try inner.observations(of: id, after: revision, through: last, limit: limit)
    }

    func assessments(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try inner.assessments(of: id, after: revision, limit: limit)
    }

    func shadows(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try inner.shadows(of: id, after: revision, limit: limit)
    }

    func features(of id: TwinID) throws(EngineError) -> [FeatureSet] {
        try inner.features(of: id)
    }

    func putArtifact(_ id: ArtifactID, bytes: [UInt8]) throws(EngineError) {
        try inner.putArtifact(id, bytes: bytes)
    }

    func artifactBytes(_ id: ArtifactID) throws(EngineError) -> [UInt8]? {
        try inner.artifactBytes(id)
    }

    func putArtifactPart(_ part: ArtifactPart, bytes: [UInt8]) throws(EngineError) -> UInt64 {
        try inner.putArtifactPart(part, bytes: bytes)
    }

    func artifactBytes(
        _ id: ArtifactID, from offset: UInt64, count: Int
    ) throws(EngineError) -> [UInt8]? {
        try inner.artifactBytes(id, from: offset, count: count)
    }

    func close() { inner.close() }
}
