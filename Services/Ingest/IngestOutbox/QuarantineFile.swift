import TwinCore
import TwinJournal

/// A quarantined input's file: header with a checksum of its own, then the bytes as they came.
enum QuarantineFile {
    static let textByteCountMax = 4096
    /// Three texts and what stands around them.
    static let headerByteCountMax = 3 * textByteCountMax + 128
    private static let magic: UInt32 = 0x4E51_5754  // TWQN
    private static let version: UInt32 = 1
    private static let prefixByteCount = 16

    static func name(_ id: UInt64) -> String {
        let digits = String(id)
        return "entry-" + String(repeating: "0", count: 20 - digits.count) + digits
    }

    /// Nil if it is no entry's name.
    static func id(named name: String) -> UInt64? {
        guard name.hasPrefix("entry-"), name.utf8.count == 26 else { return nil }
        return UInt64(name.dropFirst(6))
    }

    static func encode(_ summary: QuarantineSummary, _ bytes: [UInt8]) -> [UInt8] {
        var header = ByteWriter()
        header.append(summary.id)
        header.append(summary.refusal.reason.rawValue)
        header.append(summary.refusal.retryAfterMs ?? .max)
        header.append(summary.receiveTime.microsecondsSinceEpoch)
        header.append(UInt64(clamping: bytes.count))
        header.append(CRC32C.checksum(bytes))
        header.append(text: summary.refusal.detail)
        header.append(text: summary.source)
        header.append(text: summary.format)
        var file = ByteWriter(reserving: prefixByteCount + header.bytes.count + bytes.count)
        file.append(magic)
        file.append(version)
        file.append(UInt32(clamping: header.bytes.count))
        file.append(CRC32C.checksum(header.bytes))
        file.append(raw: header.bytes)
        file.append(raw: bytes)
        return file.bytes
    }

    static func decode(_ id: UInt64, _ file: [UInt8]) throws(QuarantineError) -> QuarantinedInput {
        do {
            let (summary, checksum, start) = try header(file)
            let bytes = Array(file[min(start, file.count)...])
            guard summary.id == id, summary.byteCount == bytes.count,
                CRC32C.checksum(bytes) == checksum
            else { throw MalformedBytes("changed") }
            return QuarantinedInput(summary: summary, bytes: bytes)
        } catch {
            throw .corrupted(id: id)
        }
    }

    /// Without reading the input; of a damaged file only that it is damaged.
    static func summary(
        _ id: UInt64, _ disk: any Disk, _ path: String
    ) throws(DiskError) -> QuarantineSummary {
        let file = try disk.open(path, creating: false)
        defer { file.close() }
        let byteCount = try file.byteCount()
        let front = try file.read(at: 0, count: prefixByteCount + headerByteCountMax)
        if let (summary, _, start) = try? header(front), summary.id == id,
            start + summary.byteCount == byteCount
        {
            return summary
        }
        return QuarantineSummary(
            id: id, refusal: Refusal(.failed, "the entry's file is damaged"),
            receiveTime: Instant(microsecondsSinceEpoch: 0), source: "", format: "",
            byteCount: byteCount)
    }

    private static func header(
        _ file: [UInt8]
    ) throws(MalformedBytes) -> (summary: QuarantineSummary, checksum: UInt32, end: Int) {
        var prefix = ByteReader(file)
        guard try prefix.number() == magic, try prefix.number() == version else {
            throw MalformedBytes("not an entry")
        }
        let count = Int(try prefix.number(UInt32.self))
        let expected: UInt32 = try prefix.number()
        guard count <= headerByteCountMax else { throw MalformedBytes("too long") }
        let header = try prefix.raw(count)
        guard CRC32C.checksum(header) == expected else { throw MalformedBytes("changed") }
        var reader = ByteReader(header)
        let id: UInt64 = try reader.number()
        guard let reason = Refusal.Reason(rawValue: try reader.number()) else {
            throw MalformedBytes("unknown reason")
        }
        let retryAfterMs: UInt32 = try reader.number()
        let receiveTime = Instant(microsecondsSinceEpoch: try reader.number())
        guard let byteCount = Int(exactly: try reader.number(UInt64.self)),
            byteCount <= Int.max / 2
        else { throw MalformedBytes("too long") }
        let checksum: UInt32 = try reader.number()
        let refusal = Refusal(
            reason, try reader.text(), retryAfterMs: retryAfterMs == .max ? nil : retryAfterMs)
        let summary = QuarantineSummary(
            id: id, refusal: refusal, receiveTime: receiveTime, source: try reader.text(),
            format: try reader.text(), byteCount: byteCount)
        return (summary, checksum, prefix.position)
    }
}
