/// The characters that part a message, as its MSH segment declares them.
public struct HL7Separators: Hashable, Sendable {
    public var field: UInt8
    public var component: UInt8
    public var repetition: UInt8
    public var escape: UInt8
    public var subcomponent: UInt8

    /// `|^~\&`.
    public static let standard = HL7Separators(
        field: 0x7C, component: 0x5E, repetition: 0x7E, escape: 0x5C, subcomponent: 0x26)

    init(field: UInt8, component: UInt8, repetition: UInt8, escape: UInt8, subcomponent: UInt8) {
        self.field = field
        self.component = component
        self.repetition = repetition
        self.escape = escape
        self.subcomponent = subcomponent
    }

    /// Reads MSH-1 and MSH-2 of the segment that starts at `start`; nil if they are not four
    /// (or, since version 2.7, five) different characters that can part anything.
    init?(mshAt start: Int, in text: Span<UInt8>) {
        guard start + 8 < text.count else { return nil }
        if HL7Separators.areStandard(text, start + 3) {
            self = .standard
            return
        }
        let field = text[start + 3]
        var end = start + 4
        while end < text.count, end < start + 10, text[end] != field, text[end] != 0x0D,
            text[end] != 0x0A
        { end += 1 }
        guard end < text.count, text[end] == field || text[end] == 0x0D || text[end] == 0x0A,
            (4...5).contains(end - start - 4)
        else { return nil }
        var seen: [UInt8] = [field]
        for index in (start + 4)..<end { seen.append(text[index]) }
        guard seen.allSatisfy(HL7Separators.canPart), Set(seen).count == seen.count else {
            return nil
        }
        self.init(
            field: field, component: seen[1], repetition: seen[2], escape: seen[3],
            subcomponent: seen[4])
    }

    /// Whether `|^~\&|` stands there, as it nearly always does.
    private static func areStandard(_ text: Span<UInt8>, _ start: Int) -> Bool {
        text[start] == 0x7C && text[start + 1] == 0x5E && text[start + 2] == 0x7E
            && text[start + 3] == 0x5C && text[start + 4] == 0x26 && text[start + 5] == 0x7C
    }

    /// Printable ASCII, neither blank, letter nor digit.
    static func canPart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    var classes: HL7Classes { self == .standard ? .standard : HL7Classes(self) }
}

/// What each byte means to the scanner.
struct HL7Classes: Sendable {
    static let ordinary: UInt8 = 0
    static let field: UInt8 = 1
    static let segmentEnd: UInt8 = 2
    static let component: UInt8 = 3
    static let repetition: UInt8 = 4
    static let escape: UInt8 = 5
    static let forbidden: UInt8 = 6

    let table: [UInt8]

    static let standard = HL7Classes(.standard)

    init(_ separators: HL7Separators) {
        var table = [UInt8](repeating: HL7Classes.ordinary, count: 256)
        table[0] = HL7Classes.forbidden
        table[0x0D] = HL7Classes.segmentEnd
        table[0x0A] = HL7Classes.segmentEnd
        table[Int(separators.field)] = HL7Classes.field
        table[Int(separators.component)] = HL7Classes.component
        table[Int(separators.repetition)] = HL7Classes.repetition
        table[Int(separators.escape)] = HL7Classes.escape
        self.table = table
    }
}
