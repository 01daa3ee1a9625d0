/// The journal's thread.
extension SegmentJournal {
    /// Appends that are written and synced together.
    private struct Group {
        var writer = ByteWriter()
        var entries: [(request: Request, answer: Result<ClosedRange<UInt64>, JournalError>)] = []
        var index: [(offset: UInt64, position: Int)] = []
        var nextOffset: UInt64

        mutating func add(_ request: Request, durableThrough: UInt64, salt: UInt32) {
            let first = nextOffset
            for record in request.records {
                let frame = Frame(
                    kind: .record, byteCount: record.count, offset: nextOffset,
                    durableThrough: durableThrough, bodyChecksum: CRC32C.checksum(record))
                index.append((nextOffset, writer.bytes.count))
                writer.append(raw: frame.header(salt: salt))
                writer.append(raw: record)
                writer.append(
                    zeros: frame.framedByteCount - Frame.headerByteCount - record.count)
                nextOffset += 1
            }
            entries.append((request, .success(first...(nextOffset - 1))))
        }

        mutating func refuse(_ request: Request, _ error: JournalError) {
            entries.append((request, .failure(error)))
        }
    }

    /// Takes what is queued, until the journal is closed and the queue is empty.
    func write() {
        var tailIsDirty = false
        while let requests = nextRequests() {
            commit(requests, &tailIsDirty)
            prepareSpare()
        }
    }

    private func nextRequests() -> [Request]? {
        state.wait { state -> [Request]?? in
            if state.queue.isEmpty { return state.isClosing ? .some(nil) : nil }
            defer { state.queue = [] }
            return .some(state.queue)
        }
    }

    private func commit(_ requests: [Request], _ tailIsDirty: inout Bool) {
        var group = newGroup()
        for request in requests {
            if let refusal = request.refusal ?? state.look({ $0.failure }) {
                group.refuse(request, refusal)
                continue
            }
            if !fits(request, group) {
                flush(&group, &tailIsDirty)
                do {
                    if !fits(request, group) { try roll(&tailIsDirty) }
                } catch {
                    group.refuse(request, error)
                    continue
                }
            }
            guard let newest = state.look({ $0.segments.last }) else { continue }
            guard request.first == nil || request.first == group.nextOffset else {
                group.refuse(request, .outOfOrder(nextOffset: group.nextOffset))
                continue
            }
            group.add(
                request, durableThrough: newest.nextOffset &- 1, salt: newest.header.salt)
        }
        flush(&group, &tailIsDirty)
    }

    private func newGroup() -> Group { Group(nextOffset: state.look { $0.durableThrough } + 1) }

    private func fits(_ request: Request, _ group: Group) -> Bool {
        let free = state.look { $0.segments.last?.freeByteCount ?? 0 }
        return group.writer.bytes.count + request.framedByteCount <= free
    }

    /// Makes the group durable, then calls back; leaves an empty one.
    private func flush(_ group: inout Group, _ tailIsDirty: inout Bool) {
        var failure: JournalError?
        if !group.writer.bytes.isEmpty {
            do {
                try store(group, &tailIsDirty)
            } catch {
                failure = error
            }
        }
        let done = group.entries.reduce(0) { $0 + $1.request.framedByteCount }
        state.withLock { $0.queuedByteCount -= done }
        for (request, answer) in group.entries {
            if let failure, case .success = answer {
                request.done(.failure(failure))
            } else {
                request.done(answer)
            }
        }
        group = newGroup()
    }

    private func store(_ group: Group, _ tailIsDirty: inout Bool) throws(JournalError) {
        if let failure = state.look({ $0.failure }) { throw failure }
        guard let newest = state.look({ $0.segments.last }) else { return }
        do {
            if tailIsDirty { try wipe(newest) }
            tailIsDirty = true
            try newest.file.write(group.writer.bytes, at: newest.end)
        } catch {
            throw remember(error)
        }
        do {
            if !isSyncLeftOut { try newest.file.sync() }
        } catch {
            // What the kernel dropped can't be asked for again: nothing more is taken.
            let failure = JournalError.failed(error.description)
            state.withLock { $0.failure = failure }
            throw failure
        }
        tailIsDirty = false
        let end = newest.end + group.writer.bytes.count
        state.withLock { state in
            let last = state.segments.count - 1
            for entry in group.index {
                state.segments[last].noteIndex(
                    offset: entry.offset, position: newest.end + entry.position)
            }
            state.segments[last].end = end
            state.segments[last].nextOffset = group.nextOffset
        }
        do {
            let marks = Frame.marks(
                durableThrough: group.nextOffset - 1, at: end, salt: newest.header.salt)
            try newest.file.write(marks, at: end)
        } catch {
            tailIsDirty = true
        }
    }

    private var isSyncLeftOut: Bool {
        #if DEBUG
        planted == .acknowledgeBeforeSync
        #else
        false
        #endif
    }

    /// Removes what an append that failed may have left, so that it can't come back.
    private func wipe(_ segment: Segment) throws(DiskError) {
        for start in stride(from: segment.end, to: segment.byteCount, by: 1 << 20) {
            let count = min(1 << 20, segment.byteCount - start)
            try segment.file.write([UInt8](repeating: 0, count: count), at: start)
        }
        try segment.file.sync()
    }

    /// A disk without space may have some later; any other failure ends the journal.
    private func remember(_ error: DiskError) -> JournalError {
        let failure = JournalError(error)
        if !error.isFull { state.withLock { $0.failure = failure } }
        return failure
    }

    /// Takes the next segment into use.
    private func roll(_ tailIsDirty: inout Bool) throws(JournalError) {
        let (number, isFull, nextOffset) = state.withLock { state in
            (
                state.takeSpareNumber(), state.segments.count >= limits.segmentCountMax,
                state.durableThrough + 1
            )
        }
        guard !isFull else { throw .full }
        do {
            // It stays in the list until it is in use: after an error it can serve again.
            if state.look({ $0.spares.isEmpty }) {
                let made = try store.make(number: number)
                state.withLock { $0.spares.append(made) }
            }
            guard let spare = state.look({ $0.spares.first }) else { return }
            let segment = try store.activate(spare, firstOffset: nextOffset)
            state.withLock { state in
                state.spares.removeAll { $0 == spare }
                state.segments.append(segment)
            }
            tailIsDirty = false
        } catch {
            throw remember(error)
        }
    }

    /// Has a spare made beside the writing once the newest segment is half full.
    ///
    /// If that fails the next roll tries again and tells.
    private func prepareSpare() {
        let number = state.withLock { state -> UInt64? in
            guard !state.isPreparing, !state.isClosing, state.failure == nil,
                state.spares.isEmpty, state.segments.count < limits.segmentCountMax,
                let newest = state.segments.last, newest.freeByteCount < newest.byteCount / 2
            else { return nil }
            state.isPreparing = true
            return state.takeSpareNumber()
        }
        guard let number else { return }
        let thread = OwnThread { [self] in
            let spare = try? store.make(number: number)
            state.withLock { state in
                if let spare { state.spares.append(spare) }
                state.isPreparing = false
            }
        }
        guard let thread else { return state.withLock { $0.isPreparing = false } }
        thread.detach()
    }
}
