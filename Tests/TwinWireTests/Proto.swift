/// Writes messages by hand, field by field: good ones and impossible ones.
struct Proto {
    private(set) var bytes: [UInt8] = []

    func varint(_ number: UInt64, _ value: UInt64) -> Proto {
        with(Proto.varint(number << 3) + Proto.varint(value))
    }

    /// A zigzag number.
    func signed(_ number: UInt64, _ value: Int64) -> Proto {
        varint(number, UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    func double(_ number: UInt64, _ value: Double) -> Proto {
        with(Proto.varint(number << 3 | 1) + Proto.fixed(value))
    }

    func bytes(_ number: UInt64, _ content: [UInt8]) -> Proto {
        with(Proto.varint(number << 3 | 2) + Proto.varint(UInt64(content.count)) + content)
    }

    func text(_ number: UInt64, _ text: String) -> Proto { bytes(number, Array(text.utf8)) }
    func message(_ number: UInt64, _ message: Proto) -> Proto { bytes(number, message.bytes) }

    func packed(_ number: UInt64, _ values: [UInt64]) -> Proto {
        bytes(number, values.flatMap(Proto.varint))
    }

    func doubles(_ number: UInt64, _ values: [Double]) -> Proto {
        bytes(number, values.flatMap(Proto.fixed))
    }

    /// Bytes as they are.
    func with(_ more: [UInt8]) -> Proto {
        var longer = self
        longer.bytes += more
        return longer
    }

    static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func fixed(_ value: Double) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
    }
}
