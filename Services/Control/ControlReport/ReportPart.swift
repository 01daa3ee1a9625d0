/// What one feature is worth to a model.
public struct FeatureImportance: Sendable {
    public var feature: String
    public var value: Double

    public init(feature: String, value: Double) {
        self.feature = feature
        self.value = value
    }
}

/// Parts that the pages of outcomes, classes and quantities have alike.
enum ReportPart {
    static func tile(_ name: String, _ value: String, _ note: String) -> String {
        "<div class=\"tile\"><span>\(Markup.escaped(name))</span><b>\(value)</b>"
            + "<span>\(Markup.escaped(note))</span></div>"
    }

    static func tile(
        _ name: String, _ value: Double?, _ interval: ClosedRange<Double>?
    ) -> String {
        tile(
            name, Figure.text(value),
            interval.map {
                "95 %: \(Figure.text($0.lowerBound)) to \(Figure.text($0.upperBound))"
            } ?? "no interval: too few rows")
    }

    static func pictures(_ charts: [Chart]) -> String {
        "<section><h2>Pictures</h2><div class=\"figures\">\(charts.map(\.svg).joined())</div>"
            + "</section>"
    }

    static func importances(_ importances: [FeatureImportance], meaning: String) -> String {
        let strongest = importances.sorted { $0.value > $1.value }.prefix(25)
        guard let most = strongest.first?.value, most > 0 else { return "" }
        let rows = strongest.map { importance in
            let width = Int((220 * max(0, importance.value) / most).rounded())
            return "<tr><td>\(Markup.escaped(importance.feature))</td>"
                + "<td><span class=\"bar\" style=\"width:\(width)px\"></span></td>"
                + "<td>\(Figure.text(importance.value, decimals: 4))</td></tr>"
        }
        return Markup.section(
            "What the model looks at", Markup.paragraph(meaning),
            "<table><tbody>\(rows.joined())</tbody></table>")
    }

    /// How the intervals came about.
    static func reading(_ sampleCount: Int, _ seed: UInt64, _ more: [String]) -> String {
        Markup.section(
            "How to read this",
            ([
                "Every answer was given by a model that had not seen the patient. Intervals are "
                    + "95 % percentile intervals over \(sampleCount) bootstrap samples of the "
                    + "patients (seed \(seed)); they do not tell of other hospitals."
            ] + more).map(Markup.paragraph).joined(separator: "\n"))
    }
}
