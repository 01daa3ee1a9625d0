import TwinCore

/// What must hold of every value that comes in, whoever sent it.
enum Rule {
    /// The years 1 to 9999, which RFC 3339 can write; what is implausible is flagged, not refused.
    static let microseconds: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000
    /// Of a code, unit or source; dictionaries repeat them without cost, what comes after may not.
    static let wordByteCountMax = 1024
    /// Of a value that is a text.
    static let textByteCountMax = 65_536

    static func instant(_ microseconds: Int64) throws(WireError) -> Instant {
        guard Rule.microseconds.contains(microseconds) else {
            throw .invalid("a time outside the years 1 to 9999")
        }
        return Instant(microsecondsSinceEpoch: microseconds)
    }

    static func finite(_ number: Double) throws(WireError) -> Double {
        guard number.isFinite else { throw .invalid("a number that is not finite") }
        return number
    }

    static func size(_ number: Double) throws(WireError) -> Double {
        guard number.isFinite, number >= 0 else { throw .invalid("a size that is below 0") }
        return number
    }

    static func share(_ number: Double) throws(WireError) -> Double {
        guard (0...1).contains(number) else {
            throw .invalid("a share or probability outside 0 to 1")
        }
        return number
    }

    static func canaryShare(_ number: Double) throws(WireError) -> Double {
        guard number > 0, number <= 1 else {
            throw .invalid("a canary's share that is not above 0 and at most 1")
        }
        return number
    }

    static func twin(_ text: String) throws(WireError) -> TwinID {
        guard let twin = TwinID(text) else {
            throw .invalid("a twin's id that is empty, too long or holds control characters")
        }
        return twin
    }

    static func artifact(_ text: String) throws(WireError) -> ArtifactID {
        guard let artifact = ArtifactID(hex: text) else {
            throw .invalid("an artifact's id that is not 64 lower-case hexadecimal digits")
        }
        return artifact
    }

    static func name(_ text: String, of what: StaticString) throws(WireError) -> String {
        guard !text.isEmpty else { throw .invalid("\(what) without a name") }
        return text
    }

    static func word(_ text: String) throws(WireError) -> String {
        guard text.utf8.count <= wordByteCountMax else {
            throw .invalid("a code, unit or source of more than \(wordByteCountMax) bytes")
        }
        return text
    }

    static func code(system: String, value: String) throws(WireError) -> Code {
        guard !value.isEmpty else { throw .invalid("an observation without a code") }
        return Code(system: try word(system), value: try word(value))
    }

    static func text(_ text: String) throws(WireError) -> String {
        guard text.utf8.count <= textByteCountMax else {
            throw .invalid("a text of more than \(textByteCountMax) bytes")
        }
        return text
    }
}
