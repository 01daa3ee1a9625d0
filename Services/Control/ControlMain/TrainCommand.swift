import ArgumentParser
import Foundation
import ModelCore
import ModelTrainer
import ModelTraining
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
            says which of them is looked for; with --target quantity --unit UNIT it is a number \
            that is told.

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
        let interrupt = Interrupt()
        let recipe = try await searched(learnt, try options.recipe(source), interrupt, &report)
        if source.unit != nil || source.table.classCount > 0 {
            return try await trainOther(source, learnt, aside, recipe, report, interrupt)
        }
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
        try await finish(report)
    }

    /// Of several classes, or of a quantity.
    private func trainOther(
        _ source: TrainingSource, _ learnt: TrainingTable, _ aside: TrainingTable?,
        _ recipe: Recipe, _ begun: TrainingReport, _ interrupt: Interrupt
    ) async throws {
        let task = TrainingTask(
            options: options, source: source, recipe: recipe, learnt: learnt, aside: aside,
            folds: folds ?? (options.rows.table == nil ? 0 : 5), search: search, file: begun.file,
            interrupt: interrupt)
        if source.unit != nil {
            var report = try await QuantityTraining.train(task)
            (report.holdoutRows, report.setting) = (begun.holdoutRows, begun.setting)
            try await finish(report)
        } else {
            var report = try await ClassTraining.train(task)
            (report.holdoutRows, report.setting) = (begun.holdoutRows, begun.setting)
            try await finish(report)
        }
    }

    /// Delivers the artifact, and tells of it.
    private func finish(_ account: some TrainingAccount) async throws {
        var account = account
        account.epoch = try await delivered(account.file)
        if options.common.json { try Output.json(account) } else { account.tell() }
    }

    /// Pushes and activates the file, as far as was asked for; returns since when it is active.
    private func delivered(_ path: String) async throws -> UInt64? {
        guard push || activate else { return nil }
        let file = try ArtifactFile(path: path)
        if activate { try file.demandSpeech() }
        return try await StoreClient.use(options.store) { client in
            let info = try await client.push(file)
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
