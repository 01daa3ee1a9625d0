/// Writes one protobuf message.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ number: Int, _ value: Int64) {
        raw(UInt64(number) << 3)
        raw(UInt64(bitPattern: value))
    }

    mutating func float(_ number: Int, _ value: Float) {
        raw(UInt64(number) << 3 | 5)
        var bits = value.bitPattern
        for _ in 0..<4 {
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
        }
    }

    mutating func bytes(_ number: Int, _ value: [UInt8]) {
        raw(UInt64(number) << 3 | 2)
        raw(UInt64(value.count))
        bytes += value
    }

    mutating func text(_ number: Int, _ value: String) { bytes(number, Array(value.utf8)) }

    /// A message inside of this one.
    mutating func message(_ number: Int, _ fill: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        fill(&inner)
        bytes(number, inner.bytes)
    }

    private mutating func raw(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
