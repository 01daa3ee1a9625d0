/// Finds what survived in the segments of a journal.
struct SegmentRecovery {
    /// No segment is larger: what a damaged directory may make us allocate.
    static let segmentByteCountMax = 1 << 30

    let disk: any Disk
    let directory: String

    /// All segments with everything that is whole, in ascending order; the newest one's torn tail
    /// is cut.
    func recover(_ names: [String]) throws(JournalError) -> [Segment] {
        let firstOffsets = names.compactMap(Segment.firstOffset(named:)).sorted()
        var segments: [Segment] = []
        for (index, firstOffset) in firstOffsets.enumerated() {
            let next = index + 1 < firstOffsets.count ? firstOffsets[index + 1] : nil
            do {
                segments.append(try recover(firstOffset: firstOffset, through: next))
            } catch let error as JournalError {
                throw error
            } catch let error as DiskError {
                throw error.isFull
                    ? .storageFull(error.description) : .failed(error.description)
            } catch {
                throw .failed("\(error)")
            }
        }
        return segments
    }

    private func recover(firstOffset: UInt64, through next: UInt64?) throws -> Segment {
        let name = Segment.name(firstOffset: firstOffset)
        let file = try disk.open("\(directory)/\(name)", creating: false)
        let byteCount = try file.byteCount()
        let start = JournalPlace(file: name, byte: 0, offset: firstOffset)
        guard byteCount <= SegmentRecovery.segmentByteCountMax else {
            throw JournalError.corrupted(start)
        }
        var bytes = try file.read(at: 0, count: byteCount)
        guard let header = SegmentHeader(bytes), header.firstOffset == firstOffset,
            header.fileByteCount == UInt64(byteCount)
        else {
            throw JournalError.corrupted(start)
        }
        var segment = Segment(file: file, name: name, header: header, byteCount: byteCount)
        var walk = Walk(durableThrough: firstOffset &- 1, unprovenFrom: SegmentHeader.byteCount)
        walk.run(&segment, bytes, until: next)
        if let next {
            guard segment.nextOffset == next else {
                throw JournalError.corrupted(segment.place(segment.end, segment.nextOffset))
            }
            return segment
        }
        try cutTail(of: segment, &bytes, walk)
        return segment
    }

    /// Proves that nothing acknowledged is missing, wipes what was never finished, and makes
    /// durable what a crash left in the system's memory.
    private func cutTail(of segment: Segment, _ bytes: inout [UInt8], _ walk: Walk) throws {
        var durableThrough = walk.durableThrough
        var hasRemains = false
        for position in stride(from: segment.end, to: bytes.count, by: 8) {
            guard let frame = Frame.at(position, in: bytes, salt: segment.header.salt) else {
                continue
            }
            durableThrough = max(durableThrough, frame.durableThrough)
            if frame.kind == .record { hasRemains = true }
        }
        guard durableThrough < segment.nextOffset else {
            throw JournalError.corrupted(segment.place(segment.end, segment.nextOffset))
        }
        if hasRemains {
            // Else a later record of the same length could make an old one stand behind it.
            for start in stride(from: segment.end, to: bytes.count, by: 1 << 20) {
                let count = min(1 << 20, bytes.count - start)
                try segment.file.write([UInt8](repeating: 0, count: count), at: start)
            }
        }
        if walk.unprovenFrom < segment.end, durableThrough + 1 < segment.nextOffset {
            // After a failed sync the system may believe clean what never reached the disk:
            // only what is written anew is sure to be synced.
            try segment.file.write(
                Array(bytes[walk.unprovenFrom..<segment.end]), at: walk.unprovenFrom)
        }
        try segment.file.sync()
    }

    /// A way through the frames of a segment.
    private struct Walk {
        /// The furthest claim that any frame makes.
        var durableThrough: UInt64
        /// The first frame that no later one claims to be synced.
        var unprovenFrom: Int

        /// Goes on to the first frame that is not whole, or to record `last`, which is not taken.
        mutating func run(_ segment: inout Segment, _ bytes: [UInt8], until last: UInt64?) {
            while segment.nextOffset != last {
                guard let frame = Frame.at(segment.end, in: bytes, salt: segment.header.salt),
                    frame.kind == .record, frame.offset == segment.nextOffset,
                    frame.framedByteCount <= segment.freeByteCount,
                    frame.body(at: segment.end, in: bytes) != nil
                else { return }
                if frame.durableThrough > durableThrough {
                    durableThrough = frame.durableThrough
                    unprovenFrom = segment.end
                }
                segment.noteIndex(offset: frame.offset, position: segment.end)
                segment.end += frame.framedByteCount
                segment.nextOffset += 1
            }
        }
    }
}
