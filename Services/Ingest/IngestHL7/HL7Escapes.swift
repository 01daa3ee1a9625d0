import IngestCore

/// Undoes escape sequences, after splitting.
struct HL7Escapes {
    let separators: HL7Separators

    /// The bytes that the place stands for.
    ///
    /// What is not a known, closed sequence stays as it is; of closed ones it is told.
    func undone(_ bytes: Span<UInt8>, hasUnknown: inout Bool) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let end =
                byte == separators.escape ? sequenceEnd(bytes, from: index + 1) : nil
            if let end, let meaning = meaning(of: bytes.extracting((index + 1)..<end)) {
                text += meaning
                index = end + 1
            } else {
                if end != nil { hasUnknown = true }
                text.append(byte)
                index += 1
            }
        }
        return text
    }

    /// Where the sequence is closed, if it is within reach.
    private func sequenceEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var end = start
        while end < bytes.count, end - start <= 512 {
            if bytes[end] == separators.escape { return end > start ? end : nil }
            end += 1
        }
        return nil
    }

    private func meaning(of sequence: Span<UInt8>) -> [UInt8]? {
        if sequence.count == 1 {
            switch sequence[0] {
            case 0x46: return [separators.field]
            case 0x53: return [separators.component]
            case 0x54: return [separators.subcomponent]
            case 0x52: return [separators.repetition]
            case 0x45: return [separators.escape]
            default: return nil
            }
        }
        if sequence.count == 3, sequence[0] == 0x2E, sequence[1] == 0x62, sequence[2] == 0x72 {
            return [0x0A]
        }
        return hexadecimal(sequence)
    }

    /// `Xhh…`; bytes that are no UTF-8 are Latin-1.
    private func hexadecimal(_ sequence: Span<UInt8>) -> [UInt8]? {
        guard sequence.count >= 3, sequence.count % 2 == 1, sequence[0] == 0x58 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 1, to: sequence.count, by: 2) {
            guard let high = HL7Escapes.digit(sequence[index]),
                let low = HL7Escapes.digit(sequence[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        let isUTF8 = String(validating: bytes, as: UTF8.self) != nil
        return isUTF8 ? bytes : bytes.flatMap { Array(String(Unicode.Scalar($0)).utf8) }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// The bytes with everything escaped that would part them.
    func done(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            switch byte {
            case separators.field: text += letter(0x46)
            case separators.component: text += letter(0x53)
            case separators.subcomponent: text += letter(0x54)
            case separators.repetition: text += letter(0x52)
            case separators.escape: text += letter(0x45)
            case 0..<0x20, 0x7F:
                let digits = Array("0123456789ABCDEF".utf8)
                text += [
                    separators.escape, 0x58, digits[Int(byte >> 4)], digits[Int(byte & 15)],
                    separators.escape,
                ]
            default: text.append(byte)
            }
        }
        return text
    }

    private func letter(_ letter: UInt8) -> [UInt8] {
        [separators.escape, letter, separators.escape]
    }
}
