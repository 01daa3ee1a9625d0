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
        var rows: [Group: [Int]] = [:]
        for (row, value) in values.enumerated() where !scores[row].isNaN {
            rows[Group(value, bounds), default: []].append(row)
        }
        return try rows.sorted { $0.key < $1.key }.map { group, rows in
            EvaluationReport.Subgroup(
                variable: String(name), group: group.name,
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
}

/// One group of patients: those with a value, or between two bounds.
private struct Group: Hashable, Comparable {
    /// Groups go by their values, what is unknown last.
    let place: Double
    let name: String

    init(_ value: String, _ bounds: [Double]) {
        let number = Double(value)
        if value.isEmpty || (number == nil && !bounds.isEmpty) {
            (place, name) = (.infinity, "unknown")
        } else if let number, let first = bounds.first, let last = bounds.last {
            let above = bounds.firstIndex { $0 > number } ?? bounds.count
            place = number < first ? -.infinity : bounds[max(0, above - 1)]
            name =
                number < first
                ? "below \(Output.short(first))"
                : number < last
                    ? "\(Output.short(bounds[above - 1])) to below \(Output.short(bounds[above]))"
                    : "\(Output.short(last)) and above"
        } else {
            (place, name) = (number ?? 0, value)
        }
    }

    static func < (left: Group, right: Group) -> Bool {
        (left.place, left.name) < (right.place, right.name)
    }
}
