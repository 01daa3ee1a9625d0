public import IngestCore

/// A place in a message's text.
public typealias HL7Place = RawText

/// One segment: its name and where its fields are.
public struct HL7Segment: Hashable, Sendable {
    /// The three letters, packed; 0 where the name is not three bytes long.
    var name: UInt32
    var firstField: Int
    var fieldCount: Int
    /// Whether its end was sent; without it, its last field may be cut off.
    public var isTerminated: Bool

    static func packed(_ one: UInt8, _ two: UInt8, _ three: UInt8) -> UInt32 {
        UInt32(one) << 16 | UInt32(two) << 8 | UInt32(three)
    }

    static let msh = packed(0x4D, 0x53, 0x48)
    static let pid = packed(0x50, 0x49, 0x44)
    static let evn = packed(0x45, 0x56, 0x4E)
    static let pv1 = packed(0x50, 0x56, 0x31)
    static let mrg = packed(0x4D, 0x52, 0x47)
    static let orc = packed(0x4F, 0x52, 0x43)
    static let obr = packed(0x4F, 0x42, 0x52)
    static let obx = packed(0x4F, 0x42, 0x58)
}

/// One message, split: places in its text, nothing copied.
public struct HL7Message: Sendable {
    /// UTF-8, and a copy of the input only where that was not.
    public let text: [UInt8]
    public let separators: HL7Separators
    public internal(set) var segments: [HL7Segment]
    var fields: [HL7Place]
    /// Where the message ends in the text.
    var end: Int
    /// Whether an escape character occurs outside of MSH-2.
    var hasEscapes: Bool
    /// Whether a segment ends with more or other than a carriage return.
    var hasLineFeeds: Bool

    /// The field of that number; for MSH, field 1 is the separator itself and has no place.
    public func field(_ number: Int, of segment: HL7Segment) -> HL7Place {
        let index = segment.name == HL7Segment.msh ? number - 1 : number
        guard index >= 0, index < segment.fieldCount else { return .empty }
        return fields[segment.firstField + index]
    }

    /// The component of that number, from 1.
    public func component(_ number: Int, of place: HL7Place) -> HL7Place {
        part(number, of: place, separators.component)
    }

    public func subcomponent(_ number: Int, of place: HL7Place) -> HL7Place {
        part(number, of: place, separators.subcomponent)
    }

    /// The repetitions of a field, at least one.
    public func repetitions(of place: HL7Place) -> [HL7Place] {
        var parts: [HL7Place] = []
        var start = Int(place.start)
        for index in place.range where text[index] == separators.repetition {
            parts.append(HL7Place(start..<index))
            start = index + 1
        }
        parts.append(HL7Place(start..<Int(place.end)))
        return parts
    }

    func hasRepetitions(_ place: HL7Place) -> Bool { contains(separators.repetition, place) }

    func contains(_ byte: UInt8, _ place: HL7Place) -> Bool {
        let text = text.span
        for index in place.range where text[index] == byte { return true }
        return false
    }

    public func string(_ place: HL7Place) -> String {
        String(decoding: text[place.range], as: UTF8.self)
    }

    private func part(_ number: Int, of place: HL7Place, _ separator: UInt8) -> HL7Place {
        let text = text.span
        var remaining = number
        var start = Int(place.start)
        for index in place.range where text[index] == separator {
            remaining -= 1
            if remaining == 0 { return HL7Place(start..<index) }
            start = index + 1
        }
        return remaining == 1 ? HL7Place(start..<Int(place.end)) : .empty
    }

    /// The six first components of a place: a code, and a second one.
    func codes(_ place: HL7Place) -> (first: RawCode, second: RawCode) {
        let text = text.span
        var first = RawCode.empty
        var second = RawCode.empty
        var start = Int(place.start)
        var number = 0
        for index in Int(place.start)...Int(place.end)
        where index == place.end || text[index] == separators.component {
            let part = HL7Place(start..<index)
            switch number {
            case 0: first.value = part
            case 1: first.text = part
            case 2: first.system = part
            case 3: second.value = part
            case 4: second.text = part
            case 5: second.system = part
            default: return (first, second)
            }
            number += 1
            start = index + 1
        }
        return (first, second)
    }
}
