/// A journal in memory, with the same promises but one: it ends with its process.
///
/// Calls back at once, on the thread that appends; from one thread it behaves the same each time.
public final class InMemoryJournal: Journal {
    private struct State {
        var records: [JournalRecord] = []
        var nextOffset: UInt64 = 1
        var trimmedThrough: UInt64 = 0
        var answers: [@Sendable () -> Void] = []
        var isAnswering = false
        var isClosed = false
    }

    private let limits: JournalLimits
    private let state: Monitor<State>

    public init(limits: JournalLimits = JournalLimits()) {
        self.limits = limits
        state = Monitor(State())
    }

    /// What another one held when it was closed.
    public init(reopening other: InMemoryJournal) {
        limits = other.limits
        var state = State()
        (state.records, state.nextOffset, state.trimmedThrough) = other.state.look {
            ($0.records, $0.nextOffset, $0.trimmedThrough)
        }
        self.state = Monitor(state)
    }

    public func append(
        _ records: [[UInt8]], at first: UInt64?,
        then done: @escaping @Sendable (Result<ClosedRange<UInt64>, JournalError>) -> Void
    ) {
        precondition(!records.isEmpty, "an append has a record")
        let isMine = state.withLock { state in
            let answer = keep(records, at: first, &state)
            state.answers.append { done(answer) }
            defer { state.isAnswering = true }
            return !state.isAnswering
        }
        // Callbacks in the order of the appends, even where one of them appends.
        guard isMine else { return }
        while let answer = state.withLock({ state -> (@Sendable () -> Void)? in
            if state.answers.isEmpty {
                state.isAnswering = false
                return nil
            }
            return state.answers.removeFirst()
        }) {
            answer()
        }
    }

    private func keep(
        _ records: [[UInt8]], at place: UInt64?, _ state: inout State
    ) -> Result<ClosedRange<UInt64>, JournalError> {
        let framed = records.reduce(0) { $0 + Frame.framedByteCount($1.count) }
        let byteCountMax = Segment.appendByteCountMax(segmentByteCount: limits.segmentByteCount)
        if state.isClosed { return .failure(.closed) }
        if framed > byteCountMax {
            return .failure(.tooLarge(byteCount: framed, byteCountMax: byteCountMax))
        }
        if held(state) + framed > max(limits.byteCountMax, 2 * limits.segmentByteCount) {
            return .failure(.full)
        }
        let first = state.nextOffset
        guard place == nil || place == first else {
            return .failure(.outOfOrder(nextOffset: first))
        }
        for record in records {
            state.records.append(JournalRecord(offset: state.nextOffset, bytes: record))
            state.nextOffset += 1
        }
        return .success(first...(state.nextOffset - 1))
    }

    private func held(_ state: State) -> Int {
        state.records.reduce(0) { $0 + Frame.framedByteCount($1.bytes.count) }
    }

    public func read(
        from offset: UInt64, byteCountMax: Int
    ) throws(JournalError) -> [JournalRecord] {
        try state.withLock { state throws(JournalError) in
            guard !state.isClosed else { throw .closed }
            let firstOffset = state.trimmedThrough + 1
            guard offset >= firstOffset else { throw .trimmed(firstOffset: firstOffset) }
            guard offset < state.nextOffset else { return [] }
            var taken = 0
            var records: [JournalRecord] = []
            for record in state.records[Int(offset - firstOffset)...] {
                taken += record.bytes.count
                if taken > byteCountMax, !records.isEmpty { break }
                records.append(record)
            }
            return records
        }
    }

    public func trim(through offset: UInt64) throws(JournalError) {
        try state.withLock { state throws(JournalError) in
            guard !state.isClosed else { throw .closed }
            let through = min(offset, state.nextOffset - 1)
            guard through > state.trimmedThrough else { return }
            state.records.removeFirst(Int(through - state.trimmedThrough))
            state.trimmedThrough = through
        }
    }

    public var firstOffset: UInt64 { state.look { $0.trimmedThrough + 1 } }
    public var nextOffset: UInt64 { state.look { $0.nextOffset } }
    public var heldByteCount: Int { state.look { held($0) } }

    public func close() { state.withLock { $0.isClosed = true } }
}
