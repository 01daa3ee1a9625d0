import ArgumentParser
import Foundation
import ModelTrainer
import ModelTraining
import TwinCore

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Cross-validates a way of training on a table or on the store's own twins.")

    @OptionGroup var options: TrainingOptions
    @Option(help: "How many folds.") var folds = 5
    @Option(
        help: "A column of the outcomes with another score, to compare with; may be given again.")
    var beside: [String] = []
    @OptionGroup var page: ReportOptions

    struct Document: Encodable {
        let kind: String
        let folds: Int
        let features: Int
        let model: EvaluationDocument
        let beside: [String: EvaluationDocument]
    }

    func run() async throws {
        let source = try await TrainingSource.read(options.rows, options.store)
        if source.unit != nil || source.table.classCount > 0 {
            guard beside.isEmpty else {
                throw CommandFailure("--beside is for outcomes of two classes", status: 2)
            }
            return try await OtherEvaluation(
                options: options, page: page, source: source, folds: folds
            ).run()
        }
        let recipe = try options.recipe(source)
        let dealt = try Folds(source.table, count: folds, seed: options.seed)
        var progress = Progress(options.stepTitle, total: folds * Trainer.stepCount(recipe))
        let validation = try await Trainer.crossValidate(source.table, recipe, folds: dealt) {
            progress.update($0)
            return true
        }
        let others = try scores(source)
        if let path = page.report {
            try await write(validation, others, source, recipe, dealt, to: path)
        }
        let document = Document(
            kind: options.kind.rawValue, folds: folds, features: source.table.columnCount,
            model: try EvaluationDocument(forecast: validation.pooled, seed: options.seed),
            beside: try others.mapValues {
                EvaluationDocument(
                    try Evaluation($0, seed: options.seed), isProbability: false)
            })
        if options.common.json { return try Output.json(document) }
        Output.line("\(document.kind), \(folds)-fold: " + document.model.text)
        for (name, other) in document.beside.sorted(by: { $0.key < $1.key }) {
            Output.line("\(name): " + other.text)
        }
        ReliabilityPicture(bins: validation.pooled.calibrated.reliability()).draw()
    }

    /// The page, with what each feature is worth.
    private func write(
        _ validation: Validation, _ others: [String: ScoredRows], _ source: TrainingSource,
        _ recipe: Recipe, _ folds: Folds, to path: String
    ) async throws {
        let importances = try await FeatureWeighing.importances(
            source.table, recipe, folds, seed: options.seed)
        try EvaluationPage(
            options: page, source: source, scores: validation.probabilities,
            beside: others
        ).write(
            kind: options.kind.rawValue,
            method: source.method(recipe, folds),
            importances: importances, seed: options.seed,
            to: path)
        Output.note("the report is in \(path)")
    }

    /// Other scores of the rows for which they were made.
    private func scores(_ source: TrainingSource) throws -> [String: ScoredRows] {
        guard beside.isEmpty || source.outcomes != nil else {
            throw CommandFailure("--beside goes with --outcomes", status: 2)
        }
        return try beside.reduce(into: [:]) { others, column in
            // A score that is empty or below zero was not made.
            let scores = source.twins.map { twin in
                Double(source.outcomes?.value(column, of: twin) ?? "").flatMap {
                    $0 < 0 ? nil : $0
                } ?? .nan
            }
            others[column] = try ScoredRows(known: scores, labels: source.table.labels)
        }
    }
}
