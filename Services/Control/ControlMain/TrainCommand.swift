import ArgumentParser
import Foundation
import ModelCore
import ModelTrainer
import ModelTraining
import Synchronization
import TwinCore

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract:
            "Trains a forest, a support vector machine or a network; Ctrl-C keeps the best so far.",
        discussion: """
            From a table:  twinctl model train --kind svm --table FILE --label COLUMN
            From the store's own twins:  twinctl model train --outcomes FILE --label COLUMN

            A label of more than two values is an outcome of several classes, unless --positive \
            says which of them is looked for.

            Ctrl-C ends what is under way - the search, the training, the folds - and goes on \
            with the best so far.
            """)

    @OptionGroup var options: TrainingOptions
    @Option(
        help: "The share of the rows that is put aside to judge the model by; with a table 0.2.")
    var holdout: Double?
    @Option(
        help: "By how many folds of the other rows the way of training is judged; with a table 5.")
    var folds: Int?
    @Option(help: "So many settings of the method are tried, and the best is taken.")
    var search = 0
    @Option(help: "The artifact file to write; OUTCOME-KIND.onnx where none is given.")
    var out: String?
    @Flag(help: "Push it to the store.") var push = false
    @Flag(help: "Push and activate it.") var activate = false

    func run() async throws {
        let source = try await TrainingSource.read(options.rows, options.store)
        let out = out ?? "\(source.outcome)-\(options.kind.rawValue).onnx"
        var report = TrainingReport(kind: options.kind.rawValue, file: out)
        let (learnt, aside) = try split(source, &report)
        if source.table.classCount > 0 {
            return try await trainClasses(source, learnt, aside, report.holdoutRows, to: out)
        }
        let interrupt = Interrupt()
        let recipe = try await searched(learnt, try options.recipe(source), interrupt, &report)
        var progress = Progress(options.stepTitle, total: Trainer.stepCount(recipe))
        let trained = try await Trainer.train(learnt, recipe, holdout: aside) { done in
            progress.update(done)
            return !interrupt.isAsked
        }
        interrupt.forget()
        try Data(trained.bytes).write(to: URL(filePath: out))
        try report.add(trained, seed: options.seed)
        let foldCount = folds ?? (options.rows.table == nil ? 0 : 5)
        if foldCount > 0 {
            let folds = try Folds(learnt, count: foldCount, seed: options.seed)
            try await validate(learnt, try options.recipe(source), folds, interrupt, &report)
        }
        report.epoch = try await delivered(out)
        if options.common.json { try Output.json(report) } else { report.tell() }
    }

    private func trainClasses(
        _ source: TrainingSource, _ learnt: TrainingTable, _ aside: TrainingTable?,
        _ holdoutRows: [Int]?, to out: String
    ) async throws {
        guard search == 0 else {
            throw CommandFailure("--search is for outcomes of two classes", status: 2)
        }
        var report = try await ClassTraining(options: options, source: source).train(
            learnt, aside: aside, folds: folds ?? (options.rows.table == nil ? 0 : 5), to: out)
        report.holdoutRows = holdoutRows
        report.epoch = try await delivered(out)
        if options.common.json { try Output.json(report) } else { report.tell() }
    }

    /// Pushes and activates the file, as far as was asked for; returns since when it is active.
    private func delivered(_ path: String) async throws -> UInt64? {
        guard push || activate else { return nil }
        return try await StoreClient.use(options.store) { client in
            let info = try await client.push(try ArtifactFile(path: path))
            guard activate else { return nil }
            return try await client.release(.activate(info.id), of: info.outcome).epoch
        }
    }

    private func split(
        _ source: TrainingSource, _ report: inout TrainingReport
    ) throws -> (learnt: TrainingTable, aside: TrainingTable?) {
        let share = holdout ?? (options.rows.table == nil ? 0 : 0.2)
        guard share > 0 else { return (source.table, nil) }
        let holdout = try Holdout(source.table, share: share, seed: options.seed)
        report.holdoutRows =
            source.records.isEmpty
            ? holdout.testRows : holdout.testRows.map { source.records[$0] }
        return (
            try source.table.selecting(rows: holdout.trainingRows),
            try source.table.selecting(rows: holdout.testRows)
        )
    }

    private func searched(
        _ table: TrainingTable, _ recipe: Recipe, _ interrupt: Interrupt,
        _ report: inout TrainingReport
    ) async throws -> Recipe {
        guard search > 0 else { return recipe }
        var progress = Progress("trying settings", total: search)
        let (chosen, found) = try await Trainer.search(table, recipe, settings: search) { done in
            progress.update(done)
            return !interrupt.isAsked
        }
        interrupt.forget()
        report.setting = found.best?.setting
        return chosen
    }

    /// With a search the way of searching is judged: each fold's rows play no part in it.
    private func validate(
        _ table: TrainingTable, _ recipe: Recipe, _ folds: Folds, _ interrupt: Interrupt,
        _ report: inout TrainingReport
    ) async throws {
        let steps =
            search > 0 ? folds.foldCount * search : folds.foldCount * Trainer.stepCount(recipe)
        var progress = Progress("judging by \(folds.foldCount) folds", total: steps)
        guard search > 0 else {
            let validation = try await Trainer.crossValidate(table, recipe, folds: folds) { done in
                progress.update(done)
                return !interrupt.isAsked
            }
            return report.add(validation)
        }
        let nested = try await Trainer.nested(table, recipe, folds: folds, settings: search) {
            progress.update($0)
            return !interrupt.isAsked
        }
        try report.add(nested.validation)
    }
}

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
        if source.table.classCount > 0 {
            guard page.report == nil, beside.isEmpty else {
                throw CommandFailure(
                    "--report and --beside are for outcomes of two classes", status: 2)
            }
            return try await ClassTraining(options: options, source: source).evaluate(folds: folds)
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
        var progress = Progress("weighing features", total: source.table.columnCount)
        let importances = try await Trainer.permutationImportances(
            source.table, recipe, folds: folds, seed: options.seed
        ) {
            progress.update($0)
            return true
        }
        try EvaluationPage(
            options: page, source: source, scores: validation.probabilities,
            beside: others
        ).write(
            kind: options.kind.rawValue,
            method: "\(recipe.card.title), judged by \(folds.foldCount) folds, "
                + "\(source.table.columnCount) features, \(source.population).",
            importances: importances.map { ($0.feature, $0.importance.mean) }, seed: options.seed,
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

/// Ctrl-C as a question that long work asks now and then.
final class Interrupt: Sendable {
    private let asked = Mutex(false)

    init() {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        // The source lives as long as what handles it: the whole command.
        source.setEventHandler { [self] in
            withExtendedLifetime(source) { asked.withLock { $0 = true } }
        }
        source.resume()
    }

    var isAsked: Bool { asked.withLock { $0 } }

    /// What was asked has been done; the next work may go on.
    func forget() { asked.withLock { $0 = false } }
}
