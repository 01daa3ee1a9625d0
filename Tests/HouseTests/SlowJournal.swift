import Synchronization
import TwinJournal

/// A journal in memory whose disk may be slow, be full, and lose its power.
///
/// An append that has not reached the disk has not been called back; a power cut keeps a prefix of
/// those, and may forget that something was trimmed.
final class SlowJournal: Journal {
    private typealias Done = @Sendable (Result<ClosedRange<UInt64>, JournalError>) -> Void

    private struct State {
        var held: [(records: [[UInt8]], done: Done)] = []
        var isSlow = false
        var isFull = false
        /// Trims that are not on the disk.
        var trimmedThrough: UInt64 = 0
        var heldByteCountMost = 0
    }

    private let inner: InMemoryJournal
    private let byteCountMax: Int
    private let state = Mutex(State())

    /// `byteCountMax` may be less than the least that a journal's own limits allow.
    convenience init(byteCountMax: Int) { self.init(InMemoryJournal(), byteCountMax) }

    private init(_ inner: InMemoryJournal, _ byteCountMax: Int) {
        self.inner = inner
        self.byteCountMax = byteCountMax
    }

    func append(
        _ records: [[UInt8]], at _: UInt64?,
        then done: @escaping @Sendable (Result<ClosedRange<UInt64>, JournalError>) -> Void
    ) {
        let failure = state.withLock { state -> JournalError? in
            if state.isFull { return .storageFull("no space left") }
            if state.isSlow { state.held.append((records, done)) }
            return nil
        }
        if let failure { return done(.failure(failure)) }
        if !state.withLock({ $0.isSlow }) { keep(records, done) }
    }

    private func keep(_ records: [[UInt8]], _ done: @escaping Done) {
        let added = records.reduce(0) { $0 + $1.count }
        guard inner.heldByteCount + added <= byteCountMax else { return done(.failure(.full)) }
        inner.append(records, then: done)
        let byteCount = inner.heldByteCount
        state.withLock { $0.heldByteCountMost = max($0.heldByteCountMost, byteCount) }
    }

    func read(from offset: UInt64, byteCountMax: Int) throws(JournalError) -> [JournalRecord] {
        guard offset >= firstOffset else { throw .trimmed(firstOffset: firstOffset) }
        return try inner.read(from: offset, byteCountMax: byteCountMax)
    }

    func trim(through offset: UInt64) throws(JournalError) {
        let isNoted = state.withLock { state in
            state.trimmedThrough = max(state.trimmedThrough, offset)
            return state.isSlow
        }
        if !isNoted { try inner.trim(through: offset) }
    }

    var firstOffset: UInt64 {
        let trimmed = state.withLock { $0.trimmedThrough }
        return max(inner.firstOffset, min(trimmed + 1, inner.nextOffset))
    }
    var nextOffset: UInt64 { inner.nextOffset }
    var heldByteCount: Int { inner.heldByteCount }
    func close() { inner.close() }
}

// What a disk can do to an outbox.
extension SlowJournal {
    /// The most bytes that were ever held.
    var heldByteCountMost: Int { state.withLock { $0.heldByteCountMost } }

    /// From now on appends wait before they are durable.
    func slowDown() { state.withLock { $0.isSlow = true } }

    /// From now on, until it is taken back, nothing fits.
    func fill(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

    /// Makes what waits durable; later appends do not wait.
    func catchUp() {
        let ready = state.withLock { state in
            defer { state.held = [] }
            state.isSlow = false
            return state.held
        }
        for append in ready { keep(append.records, append.done) }
        try? inner.trim(through: state.withLock { $0.trimmedThrough })
    }

    /// What is found after a power cut now, with the first `extra` of the appends under way.
    func cutPower(keeping extra: Int) -> SlowJournal {
        let underWay = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for append in underWay.prefix(extra) { inner.append(append.records) { _ in } }
        inner.close()
        return SlowJournal(InMemoryJournal(reopening: inner), byteCountMax)
    }
}
