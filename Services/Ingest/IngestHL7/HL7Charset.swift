import TwinCore

/// How the bytes of a message become UTF-8.
enum HL7Charset: Hashable, Sendable {
    /// What MSH-18 says.
    case undeclared, utf8, latin1, ascii, other

    /// Reads MSH-18 of the message that starts at `start`.
    static func declared(in bytes: Span<UInt8>, at start: Int) -> HL7Charset {
        guard start + 3 < bytes.count else { return .undeclared }
        let separator = bytes[start + 3]
        var number = 1
        var name: [UInt8] = []
        for index in (start + 4)..<HL7Batch.lineEnd(in: bytes, from: start) {
            if bytes[index] == separator {
                number += 1
            } else if number == 17, name.count < 32 {
                name.append(bytes[index])
            }
        }
        let text = String(decoding: name, as: UTF8.self).uppercased()
        // The field may repeat; the first repetition is the one of the whole message.
        switch text.split(whereSeparator: { "~^".contains($0) }).first.map(String.init) ?? "" {
        case "": return .undeclared
        case "ASCII": return .ascii
        case "UNICODE UTF-8", "UTF-8", "UTF8": return .utf8
        case "8859/1", "ISO-8859-1", "ISO 8859-1", "LATIN1", "ISO IR100": return .latin1
        default: return .other
        }
    }

    /// The text in UTF-8, or why it has none.
    ///
    /// What says nothing of its charset is UTF-8 if it can be, and Latin-1 if not.
    func decoded(_ bytes: ArraySlice<UInt8>) throws(HL7Refusal) -> [UInt8] {
        let isUTF8 = self != .latin1 && String(validating: bytes, as: UTF8.self) != nil
        switch self {
        case .latin1: return HL7Charset.transcoded(bytes)
        case .undeclared, .ascii: return isUTF8 ? Array(bytes) : HL7Charset.transcoded(bytes)
        case .utf8, .other:
            guard isUTF8 else {
                throw HL7Refusal(
                    .error, .dataType, .malformed,
                    self == .utf8
                        ? "not the UTF-8 that MSH-18 says" : "a character set that is not known")
            }
            return Array(bytes)
        }
    }

    static func transcoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 {
                text.append(byte)
            } else {
                text.append(0xC0 | byte >> 6)
                text.append(0x80 | byte & 0x3F)
            }
        }
        return text
    }
}
