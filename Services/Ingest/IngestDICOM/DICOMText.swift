import CIngestDICOM

/// Text in the character sets that a data set names.
public struct DICOMText: Hashable, Sendable {
    /// The sets by the names that `iconv` knows; the first is in force where no escape was seen.
    private let first: String
    private let usesEscapes: Bool
    /// Whether every set that was named is known.
    public let isKnown: Bool

    private static let names: [String: String] = [
        "": "ASCII", "6": "ASCII", "100": "ISO-8859-1", "101": "ISO-8859-2", "109": "ISO-8859-3",
        "110": "ISO-8859-4", "144": "ISO-8859-5", "127": "ISO-8859-6", "126": "ISO-8859-7",
        "138": "ISO-8859-8", "148": "ISO-8859-9", "203": "ISO-8859-15", "166": "TIS-620",
        "13": "SHIFT_JIS", "192": "UTF-8", "GB18030": "GB18030", "GBK": "GBK",
        "87": "ASCII", "159": "ASCII", "149": "EUC-KR", "58": "GB2312",
    ]

    /// What comes after the escape byte, and what it calls in.
    private static let escapes: [(bytes: String, set: String)] = [
        ("(B", "ASCII"), ("(J", "ASCII"), (")I", "SHIFT_JIS"), ("$B", "JIS0208"),
        ("$(D", "JIS0212"), ("$)C", "EUC-KR"), ("$)A", "GB2312"), ("-A", "ISO-8859-1"),
        ("-B", "ISO-8859-2"), ("-C", "ISO-8859-3"), ("-D", "ISO-8859-4"), ("-L", "ISO-8859-5"),
        ("-G", "ISO-8859-6"), ("-F", "ISO-8859-7"), ("-H", "ISO-8859-8"), ("-M", "ISO-8859-9"),
        ("-b", "ISO-8859-15"), ("-T", "TIS-620"),
    ]

    /// `declared` is Specific Character Set (0008,0005), as it is written.
    public init(_ declared: String?) {
        let sets = (declared ?? "").split(separator: "\\", omittingEmptySubsequences: false).map {
            set -> String in
            let name = DICOMText.trimmed(String(set)).uppercased()
            for prefix in ["ISO 2022 IR ", "ISO_IR ", "ISO_IR_", "ISO-IR "]
            where name.hasPrefix(prefix) { return String(name.dropFirst(prefix.count)) }
            return name
        }
        let known = sets.map { DICOMText.names[$0] }
        isKnown = !known.contains(nil)
        first = (known.first ?? nil) ?? "ASCII"
        usesEscapes = (declared ?? "").uppercased().contains("2022") || sets.count > 1
    }

    static func trimmed(_ text: String) -> String {
        let isPadding: (Character) -> Bool = { $0 == " " || $0 == "\0" }
        return String(
            text.drop(while: isPadding).reversed().drop(while: isPadding).reversed())
    }

    /// The text; nil where it is not in its character set.
    public func text(_ bytes: ArraySlice<UInt8>) -> String? {
        guard usesEscapes, bytes.contains(0x1B) else {
            return DICOMText.convert(Array(bytes), first).map(DICOMText.trimmed)
        }
        var result = ""
        var set = first
        var run: [UInt8] = []
        var index = bytes.startIndex
        func flush() -> Bool {
            guard let text = DICOMText.convert(run, set) else { return false }
            result += text
            run = []
            return true
        }
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == 0x1B {
                let rest = bytes[(index + 1)...].prefix(3)
                guard flush(),
                    let found = DICOMText.escapes.first(where: { rest.starts(with: $0.bytes.utf8) })
                else { return nil }
                set = found.set
                index += 1 + found.bytes.utf8.count
                continue
            }
            // A delimiter of names or values brings back the first set.
            let isDelimiter = [0x5C, 0x5E, 0x3D, 0x0A, 0x0D].contains(byte)
            if isDelimiter && !set.hasPrefix("JIS") {
                run.append(byte)
                guard flush() else { return nil }
                set = first
            } else {
                run.append(byte)
            }
            index += 1
        }
        return flush() ? DICOMText.trimmed(result) : nil
    }

    private static func convert(_ run: [UInt8], _ set: String) -> String? {
        if run.isEmpty { return "" }
        var bytes = run
        var charset = set
        if set == "JIS0208" {
            // The seven-bit set is the eight-bit one without its high bits.
            bytes = run.map { $0 | 0x80 }
            charset = "EUC-JP"
        } else if set == "JIS0212" {
            guard run.count % 2 == 0 else { return nil }
            bytes = stride(from: 0, to: run.count, by: 2).flatMap {
                [0x8F, run[$0] | 0x80, run[$0 + 1] | 0x80]
            }
            charset = "EUC-JP"
        }
        if charset == "ASCII" || charset == "UTF-8" {
            guard charset == "UTF-8" || bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            return String(validating: bytes, as: UTF8.self)
        }
        var length: Int64 = -1
        let room = 4 * bytes.count
        let text = unsafe [UInt8](unsafeUninitializedCapacity: room) { out, made in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe length = twin_dicom_text(
                    charset, bytes.baseAddress, bytes.count, out.baseAddress, room)
            }
            made = max(0, Int(length))
        }
        return length < 0 ? nil : String(validating: text, as: UTF8.self)
    }
}

extension DICOMItem {
    /// Text in the character set that the data set names; nil where it is not in it.
    public func text(_ tag: DICOMTag) -> String? {
        let named = word(0x0008_0005) ?? dataset.root.word(0x0008_0005)
        return bytes(tag).flatMap { DICOMText(named).text($0) }
    }
}
