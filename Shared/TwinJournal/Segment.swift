/// One file of a journal, as it is known in memory.
struct Segment {
    /// Bytes between two entries of the index: what a read walks through at most before it
    /// arrives.
    static let indexStride = 64 * 1024

    struct IndexEntry: Hashable {
        var offset: UInt64
        var position: Int
    }

    let file: any DiskFile
    let name: String
    let header: SegmentHeader
    let byteCount: Int
    /// Where the next frame goes.
    var end: Int = SegmentHeader.byteCount
    var nextOffset: UInt64
    /// A frame every ``indexStride`` bytes, in ascending order.
    var index: [IndexEntry] = []
    /// Who reads it now: it must not be written anew meanwhile.
    var readerCount = 0

    init(file: any DiskFile, name: String, header: SegmentHeader, byteCount: Int) {
        self.file = file
        self.name = name
        self.header = header
        self.byteCount = byteCount
        nextOffset = header.firstOffset
    }

    /// How many bytes of frames still fit; the marks behind them always do.
    var freeByteCount: Int { byteCount - end - Frame.marksByteCountMax }

    /// The most that one append may put into a segment of this size.
    static func appendByteCountMax(segmentByteCount: Int) -> Int {
        segmentByteCount - SegmentHeader.byteCount - Frame.marksByteCountMax
    }

    mutating func noteIndex(offset: UInt64, position: Int) {
        if let last = index.last, position - last.position < Segment.indexStride { return }
        index.append(IndexEntry(offset: offset, position: position))
    }

    /// The nearest known frame at or before a record.
    func start(of offset: UInt64) -> IndexEntry {
        var low = 0
        var high = index.count
        while low < high {
            let middle = (low + high) / 2
            if index[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0
            ? index[low - 1]
            : IndexEntry(offset: header.firstOffset, position: SegmentHeader.byteCount)
    }

    func place(_ position: Int, _ offset: UInt64) -> JournalPlace {
        JournalPlace(file: name, byte: position, offset: offset)
    }

    // MARK: - Names

    static func name(firstOffset: UInt64) -> String {
        let digits = String(firstOffset)
        return "segment-" + String(repeating: "0", count: 20 - digits.count) + digits
    }

    /// The first offset that a segment's name tells; nil if it is no segment's name.
    static func firstOffset(named name: String) -> UInt64? {
        guard name.hasPrefix("segment-"), name.utf8.count == 28 else { return nil }
        return UInt64(name.dropFirst(8))
    }
}

extension Segment {
    /// Durable records from `offset` on, which must lie in this segment.
    func read(
        from offset: UInt64, byteCountMax: Int
    ) throws(JournalError) -> [JournalRecord] {
        let start = self.start(of: offset)
        let wanted = byteCountMax.addingReportingOverflow(2 * Segment.indexStride)
        let span = wanted.overflow ? end : max(wanted.partialValue, 2 * Segment.indexStride)
        var bytes = try load(start.position, min(end - start.position, span))
        var records: [JournalRecord] = []
        var taken = 0
        var position = 0
        var expected = start.offset
        while start.position + position < end {
            if position + Frame.headerByteCount > bytes.count {
                if !records.isEmpty { break }
                bytes += try load(start.position + bytes.count, Frame.headerByteCount)
            }
            guard let frame = Frame.at(position, in: bytes, salt: header.salt),
                frame.kind == .record, frame.offset == expected
            else { throw .corrupted(place(start.position + position, expected)) }
            if expected >= offset {
                if !records.isEmpty, taken + frame.byteCount > byteCountMax { break }
                let missing = position + frame.framedByteCount - bytes.count
                if missing > 0 {
                    if !records.isEmpty { break }
                    bytes += try load(
                        start.position + bytes.count, min(missing, end - start.position))
                }
                guard let body = frame.body(at: position, in: bytes) else {
                    throw .corrupted(place(start.position + position, expected))
                }
                records.append(JournalRecord(offset: expected, bytes: Array(body)))
                taken += frame.byteCount
            }
            position += frame.framedByteCount
            expected += 1
        }
        return records
    }

    private func load(_ position: Int, _ count: Int) throws(JournalError) -> [UInt8] {
        do {
            return try file.read(at: position, count: count)
        } catch {
            throw .failed(error.description)
        }
    }
}
