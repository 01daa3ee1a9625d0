/// Reads one protobuf message field by field; every size is checked against what is left.
struct WireReader {
    /// What a field holds; ranges are places in `bytes`.
    enum Payload {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes(Range<Int>)
        case fixed32(UInt32)
    }

    let bytes: [UInt8]
    private var at: Int
    private let end: Int

    init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        at = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { at >= end }

    /// The next field; nil at the end of the message.
    mutating func next() throws(ONNXError) -> (number: Int, payload: Payload)? {
        guard at < end else { return nil }
        let tag = try varint()
        let number = Int(truncatingIfNeeded: tag >> 3)
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw .malformed("field number at \(at)") }
        switch tag & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(byteCount: 8)))
        case 2:
            let count = try varint()
            guard count <= UInt64(end - at) else { throw .truncated(at: at) }
            let range = at..<at + Int(count)
            at = range.upperBound
            return (number, .bytes(range))
        case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(byteCount: 4))))
        default: throw .malformed("wire type \(tag & 7) at \(at)")
        }
    }

    mutating func varint() throws(ONNXError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard at < end else { throw .truncated(at: at) }
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .malformed("varint at \(at)")
    }

    mutating func fixed(byteCount: Int) throws(ONNXError) -> UInt64 {
        guard end - at >= byteCount else { throw .truncated(at: at) }
        var value: UInt64 = 0
        for index in 0..<byteCount { value |= UInt64(bytes[at + index]) << UInt64(8 * index) }
        at += byteCount
        return value
    }
}

extension WireReader.Payload {
    /// The place of a text, a packed list or a message.
    func range(_ name: String) throws(ONNXError) -> Range<Int> {
        guard case .bytes(let range) = self else { throw .malformed("type of \(name)") }
        return range
    }

    func integer(_ name: String) throws(ONNXError) -> Int64 {
        guard case .varint(let value) = self else { throw .malformed("type of \(name)") }
        return Int64(bitPattern: value)
    }

    func text(_ name: String, in bytes: [UInt8], byteCountMax: Int) throws(ONNXError) -> String {
        let range = try range(name)
        guard range.count <= byteCountMax else {
            throw .limit("bytes of \(name)", max: byteCountMax)
        }
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw .malformed("\(name) is not UTF-8")
        }
        return text
    }

    /// Adds one integer, or a packed list of them.
    func append(
        to values: inout [Int64], _ name: String, in bytes: [UInt8]
    ) throws(ONNXError) {
        guard case .bytes(let range) = self else {
            values.append(try integer(name))
            return
        }
        var reader = WireReader(bytes, range)
        while !reader.isAtEnd { values.append(Int64(bitPattern: try reader.varint())) }
    }

    /// Adds one float, or a packed list of them.
    func append(to values: inout [Float], _ name: String, in bytes: [UInt8]) throws(ONNXError) {
        switch self {
        case .fixed32(let bits): values.append(Float(bitPattern: bits))
        case .bytes(let range):
            var reader = WireReader(bytes, range)
            values.reserveCapacity(values.count + range.count / 4)
            while !reader.isAtEnd {
                let bits = try reader.fixed(byteCount: 4)
                values.append(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
            }
        default: throw .malformed("type of \(name)")
        }
    }

    /// Adds one number of double precision, or a packed list of them.
    func append(to values: inout [Double], _ name: String, in bytes: [UInt8]) throws(ONNXError) {
        switch self {
        case .fixed64(let bits): values.append(Double(bitPattern: bits))
        case .bytes(let range):
            var reader = WireReader(bytes, range)
            values.reserveCapacity(values.count + range.count / 8)
            while !reader.isAtEnd {
                values.append(Double(bitPattern: try reader.fixed(byteCount: 8)))
            }
        default: throw .malformed("type of \(name)")
        }
    }
}
