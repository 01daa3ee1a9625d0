import Synchronization
public import TwinCore

/// An engine that keeps twins in memory, and can be made to fail as a disk does.
///
/// A record is readable once its commit was called back, no sooner: the least that
/// ``TwinEngine`` promises.
public final class InMemoryEngine: TwinEngine {
    typealias Done = @Sendable (Result<Void, EngineError>) -> Void

    private struct State: Sendable {
        var tables = TwinTables()
        /// Commits that are not durable yet, oldest first.
        var held: [(records: [StoreRecord], done: Done)] = []
        var isHolding = false
        var lastCursor: UInt64 = 0
        var failNext: String?
        var failure: EngineError?
        var failReads: String?
        /// Artifacts that are not whole yet.
        var parts: [ArtifactID: [UInt8]] = [:]
    }

    private let state: Mutex<State>

    public convenience init() { self.init(TwinTables()) }

    private init(_ tables: TwinTables) {
        state = Mutex(State(tables: tables, lastCursor: tables.recovery.cursor))
    }

    public func recover() throws(EngineError) -> Recovery { try read { $0.recovery } }

    public func commit(
        _ records: [StoreRecord],
        then done: @escaping @Sendable (Result<Void, EngineError>) -> Void
    ) {
        let outcome = state.withLock { state -> Result<Void, EngineError>? in
            if let failure = state.failure { return .failure(failure) }
            for (index, record) in records.enumerated()
            where record.cursor != state.lastCursor &+ UInt64(index) &+ 1 {
                return InMemoryEngine.fail(&state, .corrupted("cursor \(record.cursor) skips"))
            }
            if let reason = state.failNext {
                return InMemoryEngine.fail(&state, .storageFailed(reason))
            }
            state.lastCursor = records.last?.cursor ?? state.lastCursor
            if state.isHolding {
                state.held.append((records, done))
                return nil
            }
            for record in records { state.tables.apply(record) }
            return .success(())
        }
        if let outcome { done(outcome) }
    }

    private static func fail(
        _ state: inout State, _ error: EngineError
    )
        -> Result<Void, EngineError>
    {
        state.failure = error
        return .failure(error)
    }

    public func twin(_ id: TwinID, asOf revision: Revision?) throws(EngineError) -> TwinState? {
        try read { $0.twins[id]?.state(id, asOf: revision) }
    }

    public func twins(identifier: String) throws(EngineError) -> [TwinID] {
        try read { tables in
            Array(tables.twins.keys.filter { $0.identifier == identifier }.sorted().prefix(2))
        }
    }

    public func observations(
        of id: TwinID, after revision: Revision, through last: Revision, limit: Int
    ) throws(EngineError) -> [StoredObservation] {
        try read { $0.twins[id]?.observations(after: revision, through: last, limit: limit) ?? [] }
    }

    public func assessments(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try read { $0.twins[id]?.assessments(after: revision, limit: limit) ?? [] }
    }

    public func shadows(
        of id: TwinID, after revision: Revision, limit: Int
    ) throws(EngineError) -> [StoredAssessment] {
        try read { $0.twins[id]?.shadows(after: revision, limit: limit) ?? [] }
    }

    public func features(of id: TwinID) throws(EngineError) -> [FeatureSet] {
        try read { $0.twins[id]?.featureSets ?? [] }
    }

    public func putArtifact(_ id: ArtifactID, bytes: [UInt8]) throws(EngineError) {
        let failure = state.withLock { state in
            if state.failure == nil { state.tables.artifactBytes[id] = bytes }
            return state.failure
        }
        if let failure { throw failure }
    }

    public func artifactBytes(_ id: ArtifactID) throws(EngineError) -> [UInt8]? {
        try read { $0.artifactBytes[id] }
    }

    /// It proves no hash: what is whole is kept.
    public func putArtifactPart(
        _ part: ArtifactPart, bytes: [UInt8]
    ) throws(EngineError) -> UInt64 {
        let result = state.withLock { state -> Result<UInt64, EngineError> in
            if let failure = state.failure { return .failure(failure) }
            if let whole = state.tables.artifactBytes[part.artifact] {
                return .success(UInt64(whole.count))
            }
            var known = state.parts[part.artifact] ?? []
            if part.offset <= known.count {
                known += bytes.dropFirst(known.count - Int(part.offset))
            }
            let isWhole = known.count == part.byteCount
            state.parts[part.artifact] = isWhole ? nil : known
            if isWhole { state.tables.artifactBytes[part.artifact] = known }
            return .success(UInt64(known.count))
        }
        return try result.get()
    }

    public func artifactBytes(
        _ id: ArtifactID, from offset: UInt64, count: Int
    ) throws(EngineError) -> [UInt8]? {
        try artifactBytes(id).map { bytes in
            Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
        }
    }

    public func close() { release() }

    private func read<Value>(_ body: (TwinTables) -> Value) throws(EngineError) -> Value {
        let result = state.withLock { state -> Result<Value, EngineError> in
            if let reason = state.failReads { return .failure(.storageFailed(reason)) }
            return .success(body(state.tables))
        }
        return try result.get()
    }
}

// What a disk can do to a store, for simulations.
extension InMemoryEngine {
    /// The next commit fails, and with it every later one.
    public func failNextCommit(_ reason: String) { state.withLock { $0.failNext = reason } }

    /// Reads fail with this reason until it is taken back with nil.
    public func failReads(_ reason: String?) { state.withLock { $0.failReads = reason } }

    /// From now on commits wait for ``release(_:)`` before they are durable.
    public func hold() { state.withLock { $0.isHolding = true } }

    /// Makes the oldest `count` waiting commits durable; without a count all of them, and no later one waits.
    public func release(_ count: Int? = nil) {
        let ready = state.withLock { state -> [Done] in
            let count = min(count ?? state.held.count, state.held.count)
            let ready = Array(state.held.prefix(count))
            state.held.removeFirst(count)
            for commit in ready {
                for record in commit.records { state.tables.apply(record) }
            }
            return ready.map(\.done)
        }
        if count == nil { state.withLock { $0.isHolding = false } }
        for done in ready { done(.success(())) }
    }

    /// How many commits wait to become durable.
    public var heldCount: Int { state.withLock { $0.held.count } }

    /// What a restart finds after a crash now: the durable records, and of those under way the first `extra`.
    ///
    /// Nothing is called back by this engine any more.
    public func crash(keeping extra: Int = 0) -> InMemoryEngine {
        let tables = state.withLock { state in
            let underWay = state.held.flatMap(\.records)
            state.held = []
            state.failure = .storageFailed("crashed")
            var tables = state.tables
            for record in underWay.prefix(extra) { tables.apply(record) }
            return tables
        }
        return InMemoryEngine(tables)
    }
}
