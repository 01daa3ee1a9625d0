/// What stands before every record in a segment: 32 bytes, at a multiple of 8.
///
/// A *mark* is a frame without a record. Two follow the newest record, in different sectors, and
/// are overwritten by the next: they say that everything before them was synced, which is how
/// recovery tells a record that was damaged from one that was never finished.
struct Frame: Hashable {
    enum Kind: UInt32 {
        case record = 0x524A_5754  // TWJR
        case mark = 0x4D4A_5754  // TWJM
    }

    static let headerByteCount = 32

    var kind: Kind
    var byteCount: Int
    /// Of the record; a mark's is that of the record to come.
    var offset: UInt64
    /// Every record up to this one had been synced when this was written.
    var durableThrough: UInt64
    var bodyChecksum: UInt32

    /// With the record and what fills it up to a multiple of 8.
    var framedByteCount: Int { Frame.framedByteCount(byteCount) }

    static func framedByteCount(_ byteCount: Int) -> Int {
        headerByteCount + (byteCount + 7) & ~7
    }

    static let sectorByteCount = 512
    /// What the marks may take.
    static let marksByteCountMax = 2 * headerByteCount + sectorByteCount

    /// The marks as they are written at `position`.
    static func marks(durableThrough: UInt64, at position: Int, salt: UInt32) -> [UInt8] {
        let mark = Frame(
            kind: .mark, byteCount: 0, offset: durableThrough &+ 1, durableThrough: durableThrough,
            bodyChecksum: 0
        ).header(salt: salt)
        let toNextSector = (sectorByteCount - (position + mark.count) % sectorByteCount)
        return mark + [UInt8](repeating: 0, count: toNextSector) + mark
    }

    /// The header's bytes; `salt` is the segment's.
    func header(salt: UInt32) -> [UInt8] {
        var writer = ByteWriter(reserving: Frame.headerByteCount)
        writer.append(kind.rawValue)
        writer.append(UInt32(clamping: byteCount))
        writer.append(offset)
        writer.append(durableThrough)
        writer.append(bodyChecksum)
        writer.append(CRC32C.checksum(writer.bytes, seed: salt))
        return writer.bytes
    }

    /// The frame whose header stands at `position`; nil if none does.
    ///
    /// The salt keeps what a segment held in an earlier life, or what a record only quotes, from
    /// being taken for a frame.
    static func at(_ position: Int, in bytes: [UInt8], salt: UInt32) -> Frame? {
        guard position >= 0, position <= bytes.count - headerByteCount else { return nil }
        // The first byte decides nearly always, and recovery asks at every place of a tail.
        guard bytes[position] == 0x54 else { return nil }
        var reader = ByteReader(bytes, in: position..<position + headerByteCount)
        do {
            guard let kind = Kind(rawValue: try reader.number()) else { return nil }
            let frame = Frame(
                kind: kind, byteCount: Int(try reader.number(UInt32.self)),
                offset: try reader.number(), durableThrough: try reader.number(),
                bodyChecksum: try reader.number())
            let header = bytes[position..<position + headerByteCount - 4]
            guard try reader.number() == CRC32C.checksum(header, seed: salt) else { return nil }
            return frame
        } catch {
            return nil
        }
    }

    /// The record whose frame stands at `position`; nil unless every byte is as it was written.
    func body(at position: Int, in bytes: [UInt8]) -> ArraySlice<UInt8>? {
        let start = position + Frame.headerByteCount
        guard byteCount <= bytes.count - start else { return nil }
        let body = bytes[start..<start + byteCount]
        return CRC32C.checksum(body) == bodyChecksum ? body : nil
    }
}

/// What stands at the front of a segment: 32 bytes.
struct SegmentHeader: Hashable {
    static let byteCount = 32
    private static let magic: UInt32 = 0x534A_5754  // TWJS
    private static let version: UInt32 = 1

    var firstOffset: UInt64
    /// Chosen anew for each life of a segment.
    var salt: UInt32
    /// Of the whole file: a shorter one was cut.
    var fileByteCount: UInt64

    var bytes: [UInt8] {
        var writer = ByteWriter(reserving: SegmentHeader.byteCount)
        writer.append(SegmentHeader.magic)
        writer.append(SegmentHeader.version)
        writer.append(firstOffset)
        writer.append(salt)
        writer.append(fileByteCount)
        writer.append(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    init(firstOffset: UInt64, salt: UInt32, fileByteCount: UInt64) {
        self.firstOffset = firstOffset
        self.salt = salt
        self.fileByteCount = fileByteCount
    }

    /// Nil unless every byte is as it was written.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= SegmentHeader.byteCount else { return nil }
        var reader = ByteReader(bytes, in: 8..<28)
        guard let firstOffset = try? reader.number(UInt64.self),
            let salt = try? reader.number(UInt32.self),
            let fileByteCount = try? reader.number(UInt64.self)
        else { return nil }
        self.init(firstOffset: firstOffset, salt: salt, fileByteCount: fileByteCount)
        guard self.bytes[...] == bytes[..<SegmentHeader.byteCount] else { return nil }
    }
}
