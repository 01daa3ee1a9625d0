/// A character set of one byte a character, by its name in HL7's table 0211.
public enum SingleByteCharset: String, Hashable, Sendable, CaseIterable {
    case latin1 = "8859/1"
    case latin2 = "8859/2"
    case latin9 = "8859/15"
    case windows1252 = "CP1252"

    /// Takes the spellings that senders use.
    public init?(_ name: String) {
        switch name.uppercased() {
        case "8859/1", "ISO-8859-1", "ISO 8859-1", "LATIN1", "ISO IR100": self = .latin1
        case "8859/2", "ISO-8859-2", "ISO 8859-2", "LATIN2", "ISO IR101": self = .latin2
        case "8859/15", "ISO-8859-15", "ISO 8859-15", "LATIN9": self = .latin9
        case "CP1252", "WINDOWS-1252", "WINDOWS 1252": self = .windows1252
        default: return nil
        }
    }

    /// The text in UTF-8; nil where a byte is no character of the set.
    public func transcoded(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 {
                text.append(byte)
                continue
            }
            guard let scalar = Unicode.Scalar(UInt32(scalar(byte))), scalar.value != 0 else {
                return nil
            }
            text += Array(String(scalar).utf8)
        }
        return text
    }

    /// The character of a byte from 0x80 on; 0 where there is none.
    private func scalar(_ byte: UInt8) -> UInt16 {
        switch self {
        case .windows1252 where byte < 0xA0: return SingleByteCharset.windows[Int(byte) - 0x80]
        // What the others have there are control characters, which are no text.
        case _ where byte < 0xA0: return 0
        case .latin2: return SingleByteCharset.central[Int(byte) - 0xA0]
        case .latin9: return SingleByteCharset.western[byte] ?? UInt16(byte)
        case .latin1, .windows1252: return UInt16(byte)
        }
    }

    private static let western: [UInt8: UInt16] = [
        0xA4: 0x20AC, 0xA6: 0x160, 0xA8: 0x161, 0xB4: 0x17D, 0xB8: 0x17E, 0xBC: 0x152,
        0xBD: 0x153, 0xBE: 0x178,
    ]

    private static let windows: [UInt16] = [
        0x20AC, 0x0000, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030,
        0x0160, 0x2039, 0x0152, 0x0000, 0x017D, 0x0000, 0x0000, 0x2018, 0x2019, 0x201C,
        0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x0000,
        0x017E, 0x0178,
    ]

    private static let central: [UInt16] = [
        0x00A0, 0x0104, 0x02D8, 0x0141, 0x00A4, 0x013D, 0x015A, 0x00A7, 0x00A8, 0x0160,
        0x015E, 0x0164, 0x0179, 0x00AD, 0x017D, 0x017B, 0x00B0, 0x0105, 0x02DB, 0x0142,
        0x00B4, 0x013E, 0x015B, 0x02C7, 0x00B8, 0x0161, 0x015F, 0x0165, 0x017A, 0x02DD,
        0x017E, 0x017C, 0x0154, 0x00C1, 0x00C2, 0x0102, 0x00C4, 0x0139, 0x0106, 0x00C7,
        0x010C, 0x00C9, 0x0118, 0x00CB, 0x011A, 0x00CD, 0x00CE, 0x010E, 0x0110, 0x0143,
        0x0147, 0x00D3, 0x00D4, 0x0150, 0x00D6, 0x00D7, 0x0158, 0x016E, 0x00DA, 0x0170,
        0x00DC, 0x00DD, 0x0162, 0x00DF, 0x0155, 0x00E1, 0x00E2, 0x0103, 0x00E4, 0x013A,
        0x0107, 0x00E7, 0x010D, 0x00E9, 0x0119, 0x00EB, 0x011B, 0x00ED, 0x00EE, 0x010F,
        0x0111, 0x0144, 0x0148, 0x00F3, 0x00F4, 0x0151, 0x00F6, 0x00F7, 0x0159, 0x016F,
        0x00FA, 0x0171, 0x00FC, 0x00FD, 0x0163, 0x02D9,
    ]
}
