/// A 64-bit hash of bytes, the same in every process; not meant against forgers.
public struct Fingerprint: Sendable {
    public private(set) var value: UInt64

    public init(seed: UInt64 = 0) { value = seed ^ 0x9E37_79B9_7F4A_7C15 }

    public static func of(_ bytes: Span<UInt8>) -> UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.add(bytes)
        return fingerprint.value
    }

    /// Adds one text; where texts meet matters.
    public mutating func add(_ bytes: Span<UInt8>) {
        var index = 0
        while index &+ 8 <= bytes.count {
            var word: UInt64 = 0
            for offset in 0..<8 { word |= UInt64(bytes[index &+ offset]) << UInt64(offset &* 8) }
            mix(word)
            index &+= 8
        }
        var tail = UInt64(bytes.count) << 56
        var shift: UInt64 = 0
        while index < bytes.count {
            tail |= UInt64(bytes[index]) << shift
            shift &+= 8
            index &+= 1
        }
        mix(tail)
    }

    private mutating func mix(_ word: UInt64) {
        let product = (value ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        value = product.high ^ product.low ^ (word &* 0xE703_7ED1_A0B4_28DB)
    }
}
