/// The number of an element: group and element, as `0x0028_0010`.
public struct DICOMTag: Hashable, Sendable, Comparable, CustomStringConvertible,
    ExpressibleByIntegerLiteral
{
    public let number: UInt32

    public init(integerLiteral number: UInt32) { self.number = number }

    public init(_ number: UInt32) { self.number = number }

    public var group: UInt16 { UInt16(number >> 16) }

    public static func < (one: DICOMTag, other: DICOMTag) -> Bool { one.number < other.number }

    public var description: String {
        let text = String(number, radix: 16)
        let digits = String(repeating: "0", count: 8 - text.count) + text
        return "(\(digits.prefix(4)),\(digits.suffix(4)))"
    }

    static let item: DICOMTag = 0xFFFE_E000
    static let itemEnd: DICOMTag = 0xFFFE_E00D
    static let sequenceEnd: DICOMTag = 0xFFFE_E0DD
    static let pixels: DICOMTag = 0x7FE0_0010
}

/// The two letters that say how a value is written; none where the file does not say.
public struct DICOMKind: Hashable, Sendable, CustomStringConvertible {
    let code: UInt16

    init(_ first: UInt8, _ second: UInt8) { code = UInt16(first) << 8 | UInt16(second) }

    init(_ letters: String) {
        self.init(
            letters.utf8.first ?? 0, letters.utf8.last ?? 0)
    }

    static let unsaid = DICOMKind(0, 0)
    static let sequence = DICOMKind("SQ")
    static let unknown = DICOMKind("UN")

    public var description: String {
        code == 0
            ? "" : String(decoding: [UInt8(code >> 8), UInt8(code & 0xFF)], as: UTF8.self)
    }

    private static let short: Set<DICOMKind> = Set(
        [
            "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH",
            "SL", "SS", "ST", "TM", "UI", "UL", "US",
        ].map(DICOMKind.init))

    /// Whether its length is written in two bytes.
    var isShort: Bool { DICOMKind.short.contains(self) }

    var isLetters: Bool {
        [UInt8(code >> 8), UInt8(code & 0xFF)].allSatisfy { (0x41...0x5A).contains($0) }
    }

    /// Bytes of one number, which the byte order turns; 1 for text and bytes.
    var wordSize: Int {
        switch description {
        case "US", "SS", "OW": 2
        case "UL", "SL", "FL", "OF", "OL": 4
        case "FD", "OD", "SV", "UV", "OV": 8
        case "AT": 2
        default: 1
        }
    }
}
