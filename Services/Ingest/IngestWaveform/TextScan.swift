import TwinCore

/// Reads numbers out of text without a locale, and refuses what is none.
enum TextScan {
    /// The longest number at the start; nil if there is none, or none that is finite.
    static func leadingNumber(_ text: inout Substring) -> Double? {
        let allowed: (Character) -> Bool = { "+-.0123456789eE".contains($0) }
        var taken = text.prefix(while: allowed)
        // `360E` is 360 and a letter: the exponent needs its digits.
        while !taken.isEmpty {
            if let value = Double(taken), value.isFinite {
                text = text.dropFirst(taken.count)
                return value
            }
            taken = taken.dropLast()
        }
        return nil
    }

    static func leadingInteger(_ text: inout Substring) -> Int? {
        let sign = text.prefix { $0 == "-" || $0 == "+" }
        let digits = text.dropFirst(sign.count).prefix { $0.isASCII && $0.isNumber }
        guard sign.count <= 1, !digits.isEmpty, let value = Int(sign + digits) else { return nil }
        text = text.dropFirst(sign.count + digits.count)
        return value
    }

    /// What follows a character at the start; nil if another one, or none, is there.
    static func skip(_ character: Character, in text: inout Substring) -> Bool {
        guard text.first == character else { return false }
        text = text.dropFirst()
        return true
    }

    /// The text as UTF-8, or byte by byte as Latin-1 where it is none.
    static func text(_ bytes: some Collection<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}
