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

    func write(
        kind: String, method: String, importances: [FeatureImportance],
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
            importances: importances,
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
        try RowGroups(options, source).groups.compactMap { group in
            let rows = group.rows.filter { !scores[$0].isNaN }
            guard !rows.isEmpty else { return nil }
            return EvaluationReport.Subgroup(
                variable: group.variable, group: group.name,
                rows: try ScoredRows(
                    scores: rows.map { scores[$0] },
                    labels: rows.map { source.table.labels[$0] }))
        }
    }
}
