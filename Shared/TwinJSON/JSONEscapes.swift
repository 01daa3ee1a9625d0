/// The escape sequences of strings.
enum JSONEscapes {
    /// The bytes that a string with escapes stands for; the scanner has proved it.
    static func undone(_ written: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var at = written.startIndex
        while at < written.endIndex {
            guard written[at] == UInt8(ascii: "\\") else {
                bytes.append(written[at])
                at += 1
                continue
            }
            guard let (scalar, end) = scalar(in: written, at: at) else { return bytes }
            bytes += String(scalar).utf8
            at = end
        }
        return bytes
    }

    /// What the sequence at that backslash stands for, and where it ends; nil if it is none.
    static func scalar(
        in bytes: ArraySlice<UInt8>, at start: Int
    ) -> (scalar: Unicode.Scalar, end: Int)? {
        guard start + 1 < bytes.endIndex else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return (Unicode.Scalar(bytes[start + 1]), start + 2)
        case UInt8(ascii: "b"): return ("\u{8}", start + 2)
        case UInt8(ascii: "f"): return ("\u{C}", start + 2)
        case UInt8(ascii: "n"): return ("\n", start + 2)
        case UInt8(ascii: "r"): return ("\r", start + 2)
        case UInt8(ascii: "t"): return ("\t", start + 2)
        case UInt8(ascii: "u"): return unicode(in: bytes, at: start)
        default: return nil
        }
    }

    private static func unicode(
        in bytes: ArraySlice<UInt8>, at start: Int
    ) -> (scalar: Unicode.Scalar, end: Int)? {
        guard let high = hexadecimal(bytes, start + 2) else { return nil }
        guard (0xD800..<0xDC00).contains(high) else {
            // A low half without its high one is no scalar.
            return Unicode.Scalar(high).map { ($0, start + 6) }
        }
        guard start + 7 < bytes.endIndex, bytes[start + 6] == UInt8(ascii: "\\"),
            bytes[start + 7] == UInt8(ascii: "u"), let low = hexadecimal(bytes, start + 8),
            (0xDC00..<0xE000).contains(low)
        else { return nil }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            .map { ($0, start + 12) }
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>, _ start: Int) -> UInt32? {
        guard start + 4 <= bytes.endIndex else { return nil }
        var code: UInt32 = 0
        for byte in bytes[start..<start + 4] {
            switch byte {
            case 0x30...0x39: code = code << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: code = code << 4 | UInt32(byte - 0x41 + 10)
            case 0x61...0x66: code = code << 4 | UInt32(byte - 0x61 + 10)
            default: return nil
            }
        }
        return code
    }
}
