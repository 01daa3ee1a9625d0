import DequeModule
import TwinCore

/// What is appended, what of it is durable, and the answers that wait for the difference.
struct Ledger: Sendable {
    struct Place: Sendable {
        var offset: UInt64
        var cursor: UInt64
    }

    private struct Answer: Sendable {
        var cursor: UInt64
        var departure: TwinRoom.Departure
        var peer: TwinRoom.Peer
        var request: TwinRoom.Request
    }

    /// What one record keeps in memory until it is durable.
    private struct Load: Sendable {
        var cursor: UInt64
        /// By their weight.
        var observationCount: Int
        var resultCount: Int
    }

    /// The newest appended record.
    private(set) var cursor: UInt64
    private(set) var durableCursor: UInt64
    /// The newest appended record of every outbox, and where it is kept.
    var places: [IngestID: Place]
    private(set) var observationCount: UInt64
    private(set) var assessmentCount: UInt64
    /// Why the engine takes no more; nil while it does.
    private(set) var failure: String?
    private var appended: [StoreRecord] = []
    private var answers = Deque<Answer>()
    private var loads = Deque<Load>()
    private(set) var pendingObservationCount = 0
    private(set) var pendingResultCount = 0
    var pendingAnswerCount: Int { answers.count }

    init(_ recovery: Recovery) {
        cursor = recovery.cursor
        durableCursor = recovery.cursor
        places = recovery.offsets.mapValues { Place(offset: $0, cursor: recovery.cursor) }
        observationCount = recovery.observationCount
        assessmentCount = recovery.assessmentCount
    }

    /// Appends a change; says its cursor.
    mutating func append(_ change: StoreChange, at commitTime: Instant) -> UInt64 {
        cursor += 1
        appended.append(StoreRecord(cursor: cursor, commitTime: commitTime, change: change))
        switch change {
        case .observations(_, _, let slices):
            let count = slices.reduce(0) { $0 + $1.observations.count }
            observationCount += UInt64(count)
            let weight = slices.reduce(0) { $0 + $1.observations.weight }
            pend(Load(cursor: cursor, observationCount: weight, resultCount: 0))
        case .assessments(_, _, let made):
            assessmentCount += UInt64(made.count)
            pend(Load(cursor: cursor, observationCount: 0, resultCount: 1))
        case .features, .shadows: pend(Load(cursor: cursor, observationCount: 0, resultCount: 1))
        case .artifact, .activation, .drift: break
        }
        return cursor
    }

    private mutating func pend(_ load: Load) {
        pendingObservationCount += load.observationCount
        pendingResultCount += load.resultCount
        loads.append(load)
    }

    mutating func takeAppended() -> [StoreRecord] {
        defer { appended = [] }
        return appended
    }

    /// Keeps an answer until its cursor is durable; gives it back where that is so already.
    mutating func hold(
        _ departure: TwinRoom.Departure, to peer: TwinRoom.Peer, _ request: TwinRoom.Request,
        until cursor: UInt64
    ) -> TwinRoom.Departure? {
        if let failure { return .refuse(peer, request, Refusal(.storageFailed, failure)) }
        if cursor <= durableCursor { return departure }
        // Later answers may wait for earlier records; waiting a little longer keeps one queue.
        answers.append(
            Answer(cursor: cursor, departure: departure, peer: peer, request: request))
        return nil
    }

    /// Takes note that everything through `cursor` is durable; says what may be answered now.
    mutating func becomeDurable(through cursor: UInt64) -> [TwinRoom.Departure] {
        durableCursor = max(durableCursor, min(cursor, self.cursor))
        while let load = loads.first, load.cursor <= durableCursor {
            pendingObservationCount -= load.observationCount
            pendingResultCount -= load.resultCount
            _ = loads.popFirst()
        }
        var ready: [TwinRoom.Departure] = []
        while let answer = answers.first, answer.cursor <= durableCursor {
            ready.append(answer.departure)
            _ = answers.popFirst()
        }
        return ready
    }

    /// Takes note that nothing more becomes durable; refuses everything that waits for it.
    mutating func fail(_ reason: String) -> [TwinRoom.Departure] {
        failure = reason
        appended = []
        var refused: [TwinRoom.Departure] = []
        while let answer = answers.popFirst() {
            refused.append(
                .refuse(answer.peer, answer.request, Refusal(.storageFailed, reason)))
        }
        return refused
    }
}
