/// Who belongs to a cohort, by one column of the table of outcomes: `ICUType=2`, `Age>=65`.
public struct CohortCondition: Hashable, Sendable {
    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        // Those with two signs first: they begin with one of the others.
        case atLeast = ">="
        case atMost = "<="
        case differs = "!="
        case equals = "="
        case above = ">"
        case below = "<"
    }

    public let column: String
    public let comparison: Comparison
    public let value: String

    /// Nil unless the text is a column, a comparison and a value; for an order the value is a
    /// number.
    public init?(_ text: String) {
        guard let place = text.firstIndex(where: { "<>!=".contains($0) }) else { return nil }
        let rest = text[place...]
        guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) })
        else { return nil }
        column = String(text[..<place])
        self.comparison = comparison
        value = String(rest.dropFirst(comparison.rawValue.count))
        guard !column.isEmpty, !value.isEmpty else { return nil }
        if isOrder, Double(value) == nil { return nil }
    }

    /// Whether a patient with this value belongs; one without a value never does.
    public func holds(for other: String?) -> Bool {
        guard let other, !other.isEmpty else { return false }
        let numbers = Double(other).flatMap { left in Double(value).map { (left, $0) } }
        // `2` is `2.0`.
        let isSame = numbers.map { $0 == $1 } ?? (other == value)
        return switch comparison {
        case .equals: isSame
        case .differs: !isSame
        case .above: numbers.map { $0 > $1 } ?? false
        case .below: numbers.map { $0 < $1 } ?? false
        case .atLeast: numbers.map { $0 >= $1 } ?? false
        case .atMost: numbers.map { $0 <= $1 } ?? false
        }
    }

    private var isOrder: Bool { comparison != .equals && comparison != .differs }
}
