/// How much a journal may take.
public struct JournalLimits: Hashable, Sendable {
    /// One append must fit into a segment.
    public var segmentByteCount: Int
    /// On disk, everything together; two segments at least.
    public var byteCountMax: Int
    /// In memory, waiting to be written.
    public var queueByteCountMax: Int

    public init(
        segmentByteCount: Int = 64 << 20, byteCountMax: Int = 4 << 30,
        queueByteCountMax: Int = 64 << 20
    ) {
        self.segmentByteCount = max(4096, segmentByteCount & ~7)
        self.byteCountMax = byteCountMax
        self.queueByteCountMax = queueByteCountMax
    }

    var segmentCountMax: Int { max(2, byteCountMax / segmentByteCount) }
}

/// A journal on disk.
///
/// One directory with segments of one size. A thread of its own writes everything that is queued
/// as one group, syncs once, and then calls back: the more is offered at once, the less each
/// append costs.
public final class SegmentJournal: Journal {
    struct Request {
        /// The frames' bodies; empty where `refusal` says why there are none.
        var records: [[UInt8]]
        /// Where they must be kept, if it matters.
        var first: UInt64?
        var framedByteCount: Int
        var refusal: JournalError?
        var done: @Sendable (Result<ClosedRange<UInt64>, JournalError>) -> Void
    }

    struct State {
        /// In ascending order; the last one is written to.
        var segments: [Segment]
        var spares: [SegmentStore.Spare]
        var spareNumber: UInt64
        var queue: [Request] = []
        var queuedByteCount = 0
        var trimmedThrough: UInt64
        var failure: JournalError?
        var isClosing = false
        var isTrimming = false
        var isPreparing = false

        var durableThrough: UInt64 { (segments.last?.nextOffset ?? 1) &- 1 }
        var firstOffset: UInt64 {
            max(trimmedThrough + 1, segments.first?.header.firstOffset ?? 1)
        }

        mutating func takeSpareNumber() -> UInt64 {
            spareNumber += 1
            return spareNumber
        }
    }

    let limits: JournalLimits
    let store: SegmentStore
    let state: Monitor<State>
    let planted: PlantedJournalBug?
    private let lock: any DiskFile
    private let thread: Monitor<OwnThread?>

    /// Opens the journal in a directory, and makes it if there is none.
    ///
    /// Everything is checked: a record that was acknowledged and is not whole is an error, a tail
    /// that was never acknowledged is cut.
    public convenience init(
        directory: String, limits: JournalLimits = JournalLimits()
    ) throws(JournalError) {
        try self.init(directory: directory, limits: limits, disk: RealDisk(), planted: nil)
    }

    package init(
        directory: String, limits: JournalLimits, disk: any Disk, planted: PlantedJournalBug? = nil
    ) throws(JournalError) {
        self.limits = limits
        self.planted = planted
        let store = SegmentStore(
            disk: disk, directory: directory, segmentByteCount: limits.segmentByteCount)
        self.store = store
        let opened = try SegmentJournal.open(store)
        lock = opened.lock
        state = Monitor(opened.state)
        thread = Monitor(nil)
        let writer = OwnThread { [self] in write() }
        guard let writer else { throw .failed("no thread") }
        thread.withLock { $0 = writer }
    }

    private static func open(
        _ store: SegmentStore
    ) throws(JournalError) -> (lock: any DiskFile, state: State) {
        do {
            try store.disk.makeDirectory(store.directory)
            guard let lock = try store.disk.lock("\(store.directory)/lock") else {
                throw JournalError.inUse(store.directory)
            }
            do {
                return (lock, try recover(store))
            } catch {
                lock.close()
                throw error
            }
        } catch let error as JournalError {
            throw error
        } catch let error as DiskError {
            throw JournalError(error)
        } catch {
            throw .failed("\(error)")
        }
    }

    private static func recover(_ store: SegmentStore) throws -> State {
        let names = try store.disk.names(in: store.directory)
        var spares = try store.spares(among: names)
        var segments = try SegmentRecovery(disk: store.disk, directory: store.directory)
            .recover(names)
        var number = spares.compactMap { UInt64($0.name.dropFirst(6)) }.max() ?? 0
        if segments.isEmpty {
            number += 1
            let spare = try spares.popLast() ?? store.make(number: number)
            segments.append(try store.activate(spare, firstOffset: 1))
        }
        return State(
            segments: segments, spares: spares, spareNumber: number,
            trimmedThrough: (segments.first?.header.firstOffset ?? 1) - 1)
    }

    // MARK: - Journal

    public func append(
        _ records: [[UInt8]], at first: UInt64?,
        then done: @escaping @Sendable (Result<ClosedRange<UInt64>, JournalError>) -> Void
    ) {
        precondition(!records.isEmpty, "an append has a record")
        let framed = records.reduce(0) { $0 + Frame.framedByteCount($1.count) }
        let byteCountMax = Segment.appendByteCountMax(segmentByteCount: limits.segmentByteCount)
        let isClosed = state.withLock { state in
            if state.isClosing { return true }
            var refusal = state.failure
            if framed > byteCountMax {
                refusal = .tooLarge(byteCount: framed, byteCountMax: byteCountMax)
            } else if refusal == nil, state.queuedByteCount > 0,
                state.queuedByteCount + framed > limits.queueByteCountMax
            {
                refusal = .full
            }
            if refusal == nil { state.queuedByteCount += framed }
            state.queue.append(
                Request(
                    records: refusal == nil ? records : [], first: first,
                    framedByteCount: refusal == nil ? framed : 0, refusal: refusal, done: done))
            return false
        }
        // There is no journal's thread any more.
        if isClosed { done(.failure(.closed)) }
    }

    public func read(
        from offset: UInt64, byteCountMax: Int
    ) throws(JournalError) -> [JournalRecord] {
        let segment = try state.withLock { state throws(JournalError) -> Segment? in
            guard !state.isClosing else { throw .closed }
            guard offset >= state.firstOffset else {
                throw .trimmed(firstOffset: state.firstOffset)
            }
            guard offset <= state.durableThrough,
                let index = state.segments.firstIndex(where: { offset < $0.nextOffset })
            else { return nil }
            state.segments[index].readerCount += 1
            return state.segments[index]
        }
        guard let segment else { return [] }
        defer {
            state.withLock { state in
                let first = segment.header.firstOffset
                if let index = state.segments.firstIndex(where: { $0.header.firstOffset == first })
                {
                    state.segments[index].readerCount -= 1
                }
            }
        }
        return try segment.read(from: offset, byteCountMax: byteCountMax)
    }

    public func trim(through offset: UInt64) throws(JournalError) {
        let isMine = try state.withLock { state throws(JournalError) -> Bool in
            guard !state.isClosing else { throw .closed }
            state.trimmedThrough = max(state.trimmedThrough, min(offset, state.durableThrough))
            defer { state.isTrimming = true }
            return !state.isTrimming
        }
        // Whoever trims now sees what was just asked for.
        guard isMine else { return }
        defer { state.withLock { $0.isTrimming = false } }
        while let (segment, number) = state.withLock({ takeTrimmed(&$0) }) {
            do {
                if let spare = try store.retire(segment, asSpare: number) {
                    state.withLock { $0.spares.append(spare) }
                }
            } catch {
                throw JournalError(error)
            }
        }
    }

    /// The oldest segment, if nobody needs it, and its number as a spare, if it is to be one.
    private func takeTrimmed(_ state: inout State) -> (Segment, UInt64?)? {
        guard state.segments.count > 1, let oldest = state.segments.first,
            oldest.nextOffset <= state.trimmedThrough + 1, oldest.readerCount == 0
        else { return nil }
        state.segments.removeFirst()
        return (oldest, state.spares.count < 2 ? state.takeSpareNumber() : nil)
    }

    public var firstOffset: UInt64 { state.look { $0.firstOffset } }

    public var nextOffset: UInt64 { state.look { $0.durableThrough + 1 } }

    public var heldByteCount: Int {
        state.look { state in
            state.segments.reduce(0) {
                $1.nextOffset <= state.firstOffset ? $0 : $0 + $1.end - SegmentHeader.byteCount
            }
        }
    }

    public func close() {
        state.withLock { $0.isClosing = true }
        guard
            let writer = thread.withLock({ thread in
                defer { thread = nil }
                return thread
            })
        else { return }
        writer.join()
        _ = state.wait { $0.isPreparing || $0.isTrimming ? nil : true }
        // The last mark: with it the newest record, too, can be told from a torn one.
        let failed = state.look { $0.failure != nil }
        if !failed, let newest = state.look({ $0.segments.last }) { try? newest.file.sync() }
        for segment in state.look({ $0.segments }) { segment.file.close() }
        lock.close()
    }
}

extension JournalError {
    package init(_ error: DiskError) {
        self = error.isFull ? .storageFull(error.description) : .failed(error.description)
    }
}

/// A bug that can be switched on, in debug builds, to prove that the tests would find it.
package enum PlantedJournalBug: Hashable, Sendable {
    case acknowledgeBeforeSync
}
