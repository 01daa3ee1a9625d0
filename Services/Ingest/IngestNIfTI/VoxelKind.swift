import TwinCore

/// How a NIfTI file writes a voxel.
enum VoxelKind: Int, Hashable, CaseIterable {
    case unsigned8 = 2
    case signed16 = 4
    case signed32 = 8
    case float32 = 16
    case float64 = 64
    case signed8 = 256
    case unsigned16 = 512
    case unsigned32 = 768
    case signed64 = 1024
    case unsigned64 = 1280

    init(code: Int) throws(Refusal) {
        if let kind = VoxelKind(rawValue: code) {
            self = kind
            return
        }
        let names = [
            1: "single bits", 32: "complex numbers", 128: "RGB colours",
            1536: "128-bit numbers", 1792: "complex numbers", 2048: "complex numbers",
            2304: "RGBA colours",
        ]
        throw names[code].map { Refusal(.unsupported, "a NIfTI image of \($0)") }
            ?? Refusal(.malformed, "NIfTI datatype \(code)")
    }

    var byteCount: Int {
        switch self {
        case .unsigned8, .signed8: 1
        case .signed16, .unsigned16: 2
        case .signed32, .unsigned32, .float32: 4
        case .float64, .signed64, .unsigned64: 8
        }
    }

    /// Whether each of its values is an Int16 too.
    var isSmall: Bool { self == .unsigned8 || self == .signed8 || self == .signed16 }
}

/// Numbers at places of a header that is known to be long enough.
struct ByteReader {
    let bytes: [UInt8]
    let isBigEndian: Bool

    init(_ bytes: [UInt8], isBigEndian: Bool) {
        self.bytes = bytes
        self.isBigEndian = isBigEndian
    }

    func byte(_ place: Int) -> UInt8 { bytes[place] }

    func word(_ place: Int, _ count: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<count {
            word = word << 8 | UInt64(bytes[place + (isBigEndian ? index : count - 1 - index)])
        }
        return word
    }

    func int16(_ place: Int) -> Int16 { Int16(bitPattern: UInt16(word(place, 2))) }

    func int32(_ place: Int) -> Int32 { Int32(bitPattern: UInt32(word(place, 4))) }

    func int64(_ place: Int) -> Int64 { Int64(bitPattern: word(place, 8)) }

    func float(_ place: Int) -> Float { Float(bitPattern: UInt32(word(place, 4))) }

    func double(_ place: Int) -> Double { Double(bitPattern: word(place, 8)) }

    func text(_ place: Int, _ count: Int) -> String {
        String(decoding: bytes[place..<place + count], as: UTF8.self)
    }
}
