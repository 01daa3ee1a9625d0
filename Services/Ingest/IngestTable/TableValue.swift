import TwinCore

extension TablePlan.Parameter {
    /// What a cell says.
    func read(
        _ text: String, decimalMark: Character
    ) -> (value: ObservedValue, comparator: Comparator, flags: QualityFlags) {
        let trimmed = text.trimmingSpaces
        guard !trimmed.isEmpty else { return (.absent, .equal, .empty) }
        let isMissing = missing.contains(String(trimmed))
        if !isText, let (comparator, number) = bounded(trimmed, decimalMark: decimalMark) {
            let bound: QualityFlags = comparator == .equal ? [] : .bound
            return (.number(number), comparator, isMissing ? .sentinel : bound)
        }
        if isMissing { return (.absent, .equal, .noResult) }
        return (.text(text), .equal, isText ? [] : .notNumeric)
    }

    /// A number, perhaps with a comparator before it.
    private func bounded(
        _ text: Substring, decimalMark: Character
    ) -> (Comparator, Double)? {
        // The longer symbols first: `<` is a prefix of `<=`.
        for comparator in [Comparator.lessOrEqual, .greaterOrEqual, .less, .greater]
        where text.hasPrefix(comparator.symbol) {
            let rest = text.dropFirst(comparator.symbol.count)
            return decimal(rest.trimmingSpaces, decimalMark: decimalMark).map { (comparator, $0) }
        }
        return decimal(text, decimalMark: decimalMark).map { (.equal, $0) }
    }
}

/// A decimal number with the declared mark; nil if it is none.
///
/// Stricter than the standard library's reading: no hexadecimal, no `nan`, no `inf`, no grouping.
func decimal(_ text: Substring, decimalMark: Character) -> Double? {
    guard text.utf8.count <= 64 else { return nil }
    var plain = ""
    var (digitCount, exponentDigitCount) = (0, 0)
    var (hasMark, hasExponent) = (false, false)
    for character in text {
        switch character {
        case "0"..."9" where character.isASCII:
            if hasExponent { exponentDigitCount += 1 } else { digitCount += 1 }
        case "+", "-":
            guard plain.isEmpty || plain.hasSuffix("e") else { return nil }
        case decimalMark:
            guard !hasMark, !hasExponent else { return nil }
            hasMark = true
        case "e", "E":
            guard !hasExponent, digitCount > 0 else { return nil }
            hasExponent = true
        default: return nil
        }
        plain.append(character == decimalMark ? "." : character == "E" ? "e" : character)
    }
    guard digitCount > 0, !hasExponent || exponentDigitCount > 0, let number = Double(plain),
        number.isFinite
    else { return nil }
    return number
}

extension StringProtocol where SubSequence == Substring {
    var trimmingSpaces: Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start.prefix(0) }
        return start[...last]
    }
}
