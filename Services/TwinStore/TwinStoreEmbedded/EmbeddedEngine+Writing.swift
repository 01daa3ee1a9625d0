import TwinJournal
public import TwinStoreCore

extension EmbeddedEngine {
    /// What is in the journal's hands at once, unless one commit alone is larger.
    private static let inFlightByteCountMax = 64 << 20

    public func commit(
        _ records: [StoreRecord],
        then done: @escaping @Sendable (Result<Void, EngineError>) -> Void
    ) {
        guard let first = records.first, let last = records.last else { return done(.success(())) }
        let coding = RecordCoding(coding: self.coding)
        let bytes = records.map { coding.encode($0) }
        let waiting = Waiting(
            records: records, bytes: bytes, byteCount: bytes.reduce(0) { $0 + $1.count },
            observationCount: records.reduce(0) { $0 + StoreRecord.observationCount($1) },
            done: done)
        let failure = state.wait { state -> EngineError?? in
            if let failure = state.failure { return .some(failure) }
            if state.isClosing { return .some(.storageFailed("the engine is closed")) }
            if state.waitingByteCount > limits.waitingByteCountMax { return nil }
            for (index, record) in records.enumerated()
            where record.cursor != state.lastCursor &+ UInt64(index) &+ 1 {
                let failure = EngineError.corrupted(
                    "cursor \(record.cursor) follows cursor \(state.lastCursor)")
                state.failure = failure
                return .some(failure)
            }
            assert(last.cursor == first.cursor + UInt64(records.count - 1))
            state.lastCursor = last.cursor
            state.waiting.append(waiting)
            state.waitingByteCount += waiting.byteCount
            pump(&state)
            return .some(nil)
        }
        if let failure {
            done(.failure(failure))
            failWaiting()
        }
    }

    /// Hands commits to the journal, as far as the tail has room.
    ///
    /// The lock is held: the journal gets them in order.
    private func pump(_ state: inout State) {
        while let next = state.waiting.first, hasRoom(state) {
            state.waiting.removeFirst()
            state.waitingByteCount -= next.byteCount
            state.inFlightByteCount += next.byteCount
            state.inFlightObservationCount += next.observationCount
            if isAcknowledgedTooSoon { next.done(.success(())) }
            journal.append(next.bytes, at: next.records.first?.cursor) { [self] answer in
                finish(next, answer)
            }
        }
    }

    private func hasRoom(_ state: State) -> Bool {
        state.failure == nil
            && state.tail.observationCount + state.inFlightObservationCount
                < limits.tailObservationCountMax
            && state.tail.byteCount + state.inFlightByteCount < limits.tailByteCountInUse
            && state.inFlightByteCount < EmbeddedEngine.inFlightByteCountMax
    }

    /// On the journal's thread.
    private func finish(
        _ commit: Waiting, _ answer: Result<ClosedRange<UInt64>, JournalError>
    ) {
        let failure = state.withLock { state -> EngineError? in
            state.inFlightByteCount -= commit.byteCount
            state.inFlightObservationCount -= commit.observationCount
            switch answer {
            case .success(let offsets) where offsets.lowerBound == commit.records.first?.cursor:
                // Before the callback: who is told can read it.
                for (record, bytes) in zip(commit.records, commit.bytes) {
                    state.tail.append(record, byteCount: bytes.count)
                }
                return nil
            case .success(let offsets):
                state.failure = .corrupted("the journal keeps records at \(offsets)")
            case .failure(let error):
                // One that was refused leaves a gap: nothing can follow it.
                state.failure = state.failure ?? EngineError(error)
            }
            return state.failure
        }
        if !isAcknowledgedTooSoon { commit.done(failure.map { .failure($0) } ?? .success(())) }
        failWaiting()
    }

    private var isAcknowledgedTooSoon: Bool {
        #if DEBUG
        planted == .acknowledgeBeforeJournal
        #else
        false
        #endif
    }

    /// After a failure nobody waits any more.
    private func failWaiting() {
        let (failure, waiting) = state.withLock { state -> (EngineError?, [Waiting]) in
            guard let failure = state.failure else { return (nil, []) }
            defer {
                state.waiting = []
                state.waitingByteCount = 0
            }
            return (failure, state.waiting)
        }
        guard let failure else { return }
        for commit in waiting { commit.done(.failure(failure)) }
    }

    /// The applier's thread: until the engine is closed and nothing is left, or a failure.
    func applyAll(_ applier: Applier) {
        var applier = applier
        while hasWork() {
            state.wait(atMostMs: limits.gatherMs) { state in
                state.isClosing || !state.waiting.isEmpty || state.failure != nil
                    || state.tail.observationCount >= Tail.observationCountPerApply
            }
            let records = state.look { $0.tail.nextToApply }
            guard let last = records.last else { continue }
            do {
                try applier.apply(records)
                state.withLock { state in
                    state.tail.removeApplied(through: last.cursor)
                    pump(&state)
                }
                // Only now: the transaction is synced.
                try trim(through: last.cursor)
                try applier.tidy()
            } catch {
                state.withLock { $0.failure = $0.failure ?? error }
                failWaiting()
                return
            }
        }
        _ = try? applier.database.checkpoint(truncating: true)
    }

    private func trim(through cursor: UInt64) throws(EngineError) {
        do {
            try journal.trim(through: cursor)
        } catch {
            throw EngineError(error)
        }
    }

    /// Waits for something to apply; false once there will be nothing more.
    private func hasWork() -> Bool {
        state.wait { state in
            if !state.tail.entries.isEmpty { return true }
            let isIdle = state.waiting.isEmpty && state.inFlightByteCount == 0
            return state.isClosing && isIdle ? false : nil
        }
    }
}
