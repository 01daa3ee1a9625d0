import TwinCore
import TwinWaveform

/// The ways in which WFDB writes samples.
enum WFDBFormat: Int {
    case offset8 = 80
    case little16 = 16
    case big16 = 61
    case offset16 = 160
    case packed12 = 212
    case little24 = 24
    case little32 = 32
    case packed10 = 310
    case dense10 = 311

    /// The number that stands for a sample that was not measured.
    var missing: Int32 {
        switch self {
        case .offset8: -128
        case .little16, .big16, .offset16: -32_768
        case .packed12: -2048
        case .little24: -8_388_608
        case .little32: .min
        case .packed10, .dense10: -512
        }
    }

    /// How many bytes `count` samples take.
    func byteCount(of count: Int) -> Int {
        switch self {
        case .offset8: count
        case .little16, .big16, .offset16: count * 2
        case .little24: count * 3
        case .little32: count * 4
        case .packed12: count / 2 * 3 + count % 2 * 2
        case .packed10: count / 3 * 4 + (count % 3 == 0 ? 0 : count % 3 == 1 ? 2 : 4)
        case .dense10: count / 3 * 4 + (count % 3 == 0 ? 0 : count % 3 + 1)
        }
    }

    /// How many whole samples the bytes hold.
    func sampleCount(of byteCount: Int) -> Int {
        switch self {
        case .offset8: byteCount
        case .little16, .big16, .offset16: byteCount / 2
        case .little24: byteCount / 3
        case .little32: byteCount / 4
        case .packed12: byteCount / 3 * 2 + byteCount % 3 / 2
        case .packed10: byteCount / 4 * 3 + byteCount % 4 / 2
        case .dense10: byteCount / 4 * 3 + max(0, byteCount % 4 - 1)
        }
    }

    /// The first `count` samples; the bytes must hold them.
    func samples(_ bytes: ArraySlice<UInt8>, count: Int) -> [Int32] {
        precondition(bytes.count >= byteCount(of: count))
        let start = bytes.startIndex
        func byte(_ place: Int) -> Int32 { Int32(bytes[start + place]) }
        func word(_ place: Int) -> Int32 { byte(place) | byte(place + 1) << 8 }
        let missing = missing
        return [Int32](unsafeUninitializedCapacity: count) { samples, filled in
            for index in 0..<count {
                let raw: Int32 =
                    switch self {
                    case .offset8: byte(index) - 128
                    case .little16: signed(word(index * 2), bits: 16)
                    case .big16: signed(byte(index * 2) << 8 | byte(index * 2 + 1), bits: 16)
                    case .offset16: word(index * 2) - 32_768
                    case .little24: signed(word(index * 3) | byte(index * 3 + 2) << 16, bits: 24)
                    case .little32: word(index * 4) | word(index * 4 + 2) << 16
                    case .packed12: twelveBits(index, byte)
                    case .packed10: packedTen(index, word)
                    case .dense10: denseTen(index, byte)
                    }
                samples[index] = raw == missing ? Waveform.missing : raw
            }
            filled = count
        }
    }

    /// The lowest bits of a number as one with a sign.
    private func signed(_ raw: Int32, bits: Int32) -> Int32 { (raw << (32 - bits)) >> (32 - bits) }

    private func twelveBits(_ index: Int, _ byte: (Int) -> Int32) -> Int32 {
        let place = index / 2 * 3
        let middle = byte(place + 1)
        let raw =
            index % 2 == 0
            ? byte(place) | (middle & 0x0F) << 8 : byte(place + 2) | (middle & 0xF0) << 4
        return signed(raw, bits: 12)
    }

    /// Two samples in the upper eleven bits of two words, whose fives make the third.
    private func packedTen(_ index: Int, _ word: (Int) -> Int32) -> Int32 {
        let place = index / 3 * 4
        let raw: Int32 =
            switch index % 3 {
            case 0: word(place) >> 1 & 0x3FF
            case 1: word(place + 2) >> 1 & 0x3FF
            default: word(place) >> 11 & 0x1F | (word(place + 2) >> 11 & 0x1F) << 5
            }
        return signed(raw, bits: 10)
    }

    private func denseTen(_ index: Int, _ byte: (Int) -> Int32) -> Int32 {
        let place = index / 3 * 4 + index % 3
        let raw = (byte(place) | byte(place + 1) << 8) >> Int32(index % 3 * 2) & 0x3FF
        return signed(raw, bits: 10)
    }
}
