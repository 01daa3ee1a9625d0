import IngestCore
import TwinCore

/// How the bytes of a message become UTF-8.
enum HL7Charset: Hashable, Sendable {
    /// What MSH-18 says.
    case undeclared, utf8, ascii, single(SingleByteCharset), other(String)

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
        case let name: return SingleByteCharset(name).map { .single($0) } ?? .other(name)
        }
    }

    /// The text in UTF-8, or why it has none.
    ///
    /// What says nothing of its charset is UTF-8 if it can be, and else what its channel is
    /// configured for. Damaged UTF-8 is refused rather than read as something else.
    func decoded(
        _ bytes: ArraySlice<UInt8>, or channel: SingleByteCharset?
    ) throws(HL7Refusal) -> [UInt8] {
        if case .single(let charset) = self { return try HL7Charset.read(bytes, charset) }
        if String(validating: bytes, as: UTF8.self) != nil {
            guard !HL7Charset.hasInnerMark(bytes) else {
                throw HL7Charset.refusal("a byte order mark within the text")
            }
            return Array(bytes)
        }
        switch self {
        case .utf8: throw HL7Charset.refusal("not the UTF-8 that MSH-18 says")
        case .other(let name):
            throw HL7Charset.refusal("the character set \(HL7Charset.printable(name)) is not known")
        case .undeclared, .ascii, .single: break
        }
        guard let channel else {
            throw HL7Charset.refusal("not UTF-8, and MSH-18 and hl7.charset say nothing else")
        }
        guard !HL7Charset.looksLikeDamage(bytes) else {
            throw HL7Charset.refusal("damaged UTF-8, and MSH-18 says nothing else")
        }
        return try HL7Charset.read(bytes, channel)
    }

    /// A name as it may stand in an acknowledgement.
    private static func printable(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.filter {
                    (0x20..<0x7F).contains($0.value) && !"|^~\\&".unicodeScalars.contains($0)
                }))
    }

    private static func refusal(_ detail: String) -> HL7Refusal {
        HL7Refusal(.error, .dataType, .malformed, detail)
    }

    private static func read(
        _ bytes: ArraySlice<UInt8>, _ charset: SingleByteCharset
    ) throws(HL7Refusal) -> [UInt8] {
        guard let text = charset.transcoded(bytes) else {
            throw refusal("a byte that is no character of \(charset.rawValue)")
        }
        return text
    }

    /// Whether U+FEFF occurs.
    private static func hasInnerMark(_ bytes: ArraySlice<UInt8>) -> Bool {
        var last: UInt32 = 0
        for byte in bytes {
            last = (last << 8 | UInt32(byte)) & 0xFFFFFF
            if last == 0xEFBBBF { return true }
        }
        return false
    }

    /// Whether a byte that begins a character of UTF-8 is followed by one that continues it.
    private static func looksLikeDamage(_ bytes: ArraySlice<UInt8>) -> Bool {
        var isBegun = false
        for byte in bytes {
            if isBegun, byte & 0xC0 == 0x80 { return true }
            isBegun = byte >= 0xC0 && byte < 0xF8
        }
        return false
    }
}
