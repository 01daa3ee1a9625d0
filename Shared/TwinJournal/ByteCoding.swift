/// How one kind of value becomes bytes and comes back.
///
/// What stands on a journal takes its codings as values, so that it need not know the wire.
public struct ByteCoding<Value>: Sendable {
    public let encode: @Sendable (Value) -> [UInt8]
    /// Throws what it finds wrong; never traps, whatever the bytes.
    public let decode: @Sendable ([UInt8]) throws -> Value

    public init(
        encode: @escaping @Sendable (Value) -> [UInt8],
        decode: @escaping @Sendable ([UInt8]) throws -> Value
    ) {
        self.encode = encode
        self.decode = decode
    }
}

/// Puts numbers and bytes one after the other, little-endian, with their lengths.
package struct ByteWriter {
    package private(set) var bytes: [UInt8]

    package init(reserving byteCount: Int = 0) {
        bytes = []
        bytes.reserveCapacity(byteCount)
    }

    package mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        unsafe withUnsafeBytes(of: number.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Without a length before it.
    package mutating func append(raw: [UInt8]) { bytes.append(contentsOf: raw) }

    package mutating func append(blob: [UInt8]) {
        append(UInt32(clamping: blob.count))
        bytes.append(contentsOf: blob)
    }

    package mutating func append(text: String) { append(blob: Array(text.utf8)) }

    package mutating func append(zeros count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

/// What is wrong with bytes that were stored.
package struct MalformedBytes: Error, Hashable, Sendable {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// Takes numbers and bytes off the front, never beyond the end.
package struct ByteReader {
    private let bytes: [UInt8]
    package private(set) var position: Int
    private let end: Int

    package init(_ bytes: [UInt8]) { self.init(bytes, in: 0..<bytes.count) }

    package init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        position = max(0, range.lowerBound)
        end = min(bytes.count, range.upperBound)
    }

    package var isAtEnd: Bool { position >= end }
    package var leftByteCount: Int { max(0, end - position) }

    package mutating func number<Number: FixedWidthInteger>(
        _: Number.Type = Number.self
    ) throws(MalformedBytes) -> Number {
        let width = MemoryLayout<Number>.size
        guard leftByteCount >= width else { throw MalformedBytes("cut short") }
        defer { position += width }
        return unsafe bytes.withUnsafeBytes {
            Number(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: position, as: Number.self))
        }
    }

    package mutating func raw(_ count: Int) throws(MalformedBytes) -> [UInt8] {
        guard count >= 0, leftByteCount >= count else { throw MalformedBytes("cut short") }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    package mutating func blob() throws(MalformedBytes) -> [UInt8] {
        try raw(Int(number(UInt32.self)))
    }

    package mutating func text() throws(MalformedBytes) -> String {
        guard let text = String(validating: try blob(), as: UTF8.self) else {
            throw MalformedBytes("not UTF-8")
        }
        return text
    }
}
