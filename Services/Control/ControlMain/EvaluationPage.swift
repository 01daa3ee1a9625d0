import ArgumentParser
import ControlReport
import Foundation
import ModelTrainer
import ModelTraining

/// What the page of an evaluation asks for.
struct ReportOptions: ParsableArguments {
    @Option(help: "Write a page with curves, tables and intervals to this HTML file.")
    var report: String?
    @Option(
        help: ArgumentHelp(
            "Judge groups of patients apart, by a feature or a column of the outcomes, with bounds "
                + "where it is a quantity: age.last:45,65,80. May be given again; age, sex and "
                + "unit where none is given."))
    var subgroup: [String] = []
    @Option(help: "How many days each row's patient was watched: for alerts a bed-day.")
    var bedDays: Double?
}

/// The page of one cross-validation.
struct EvaluationPage {
    let options: ReportOptions
    let source: TrainingSource
    /// Each row's probability by a model that had not seen it; NaN where there is none.
    let scores: [Double]
    let beside: [String: ScoredRows]

    private static let usual = ["age.last:45,65,80", "sex.last", "icu_type.last"]

    func write(
        kind: String, method: String, importances: [(feature: String, value: Double)],
        seed: UInt64, to path: String
    ) throws {
        let rows = try ScoredRows(known: scores, labels: source.table.labels)
        let best = rows.bestEvent1
        let report = EvaluationReport(
            outcome: source.outcome, method: method,
            model: .init(name: kind, rows: rows, isProbability: true),
            beside: beside.sorted { $0.key < $1.key }.map {
                .init(name: $0.key, rows: $0.value, isProbability: false)
            }, subgroups: try subgroups(),
            importances: importances.map { .init(feature: $0.feature, value: $0.value) },
            importanceMeaning:
                "How much the AUROC falls on unseen patients when the feature is dealt out anew.",
            threshold: best?.threshold ?? 0.5,
            thresholdReason:
                "Where the lesser of sensitivity and PPV is greatest; chosen on these patients, so "
                + "a little too good.",
            bedDaysPerRow: options.bedDays, seed: seed)
        try Data(try report.html().utf8).write(to: URL(filePath: path))
    }

    private func subgroups() throws -> [EvaluationReport.Subgroup] {
        let asked =
            options.subgroup.isEmpty
            ? EvaluationPage.usual.filter { values(of: $0.prefix { $0 != ":" }) != nil }
            : options.subgroup
        return try asked.flatMap { try subgroups(by: $0) }
    }

    private func subgroups(by text: String) throws -> [EvaluationReport.Subgroup] {
        let parts = text.split(separator: ":", maxSplits: 1)
        let bounds = try (parts.count > 1 ? parts[1] : "").split(separator: ",").map { bound in
            guard let number = Double(bound) else {
                throw CommandFailure("--subgroup \(text): '\(bound)' is no number", status: 2)
            }
            return number
        }
        guard let name = parts.first, let values = values(of: name) else {
            throw CommandFailure(
                "--subgroup \(text): no such feature or column of the outcomes", status: 2)
        }
        var rows: [String: [Int]] = [:]
        for (row, value) in values.enumerated() where !scores[row].isNaN {
            rows[EvaluationPage.group(value, bounds), default: []].append(row)
        }
        return try rows.sorted { EvaluationPage.precedes($0.key, $1.key) }.map { group, rows in
            EvaluationReport.Subgroup(
                variable: String(name), group: group,
                rows: try ScoredRows(
                    scores: rows.map { scores[$0] },
                    labels: rows.map { source.table.labels[$0] }))
        }
    }

    /// A value for each row, empty where it has none; nil where nothing has that name.
    private func values(of name: Substring) -> [String]? {
        let table = source.table
        if let column = table.columns.firstIndex(where: { $0.name == name }) {
            return table.column(column).map { $0.isNaN ? "" : Output.short(Double($0)) }
        }
        guard let outcomes = source.outcomes, outcomes.columns.contains(String(name)) else {
            return nil
        }
        return source.twins.map { outcomes.value(String(name), of: $0) ?? "" }
    }

    private static func group(_ value: String, _ bounds: [Double]) -> String {
        guard !value.isEmpty else { return "unknown" }
        guard let first = bounds.first, let last = bounds.last else { return value }
        guard let number = Double(value) else { return "unknown" }
        guard number >= first else { return "below \(Output.short(first))" }
        guard number < last else { return "\(Output.short(last)) and above" }
        let above = bounds.firstIndex { $0 > number } ?? bounds.count - 1
        return "\(Output.short(bounds[above - 1])) to below \(Output.short(bounds[above]))"
    }

    /// Groups in the order of their bounds, what is unknown last.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        func place(_ group: String) -> Double {
            if group == "unknown" { return .infinity }
            if group.hasPrefix("below ") { return -.infinity }
            return Double(group.prefix { $0 != " " }) ?? 0
        }
        return (place(left), left) < (place(right), right)
    }
}
