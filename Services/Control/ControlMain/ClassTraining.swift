import Foundation
import ModelCore
import ModelTrainer
import ModelTraining
import TwinCore

/// Training for an outcome of several classes, and judging it.
struct ClassTraining {
    let options: TrainingOptions
    let source: TrainingSource

    /// What came of a training, for people and for programs.
    struct Report: Encodable {
        let kind: String
        let file: String
        let classes: [String]
        var artifact = ""
        var rows = 0
        var features = 0
        var isStopped = false
        /// Of the rows that were learnt from, by models or parts that had not seen them.
        var unseen: ClassEvaluationDocument?
        /// The rows that were put aside, counted from 0.
        var holdoutRows: [Int]?
        var holdout: ClassEvaluationDocument?
        /// All rows that were learnt from, each by a model without its fold.
        var folds: ClassEvaluationDocument?
        var importances: [String: Double] = [:]
        var epoch: UInt64?

        func tell() {
            for (name, judged) in [
                ("folds", folds), ("unseen by parts", unseen), ("holdout", holdout),
            ] {
                if let judged { Output.line("\(name): " + judged.text) }
            }
            (holdout ?? folds ?? unseen)?.tellConfusion(classes)
            let strongest = importances.sorted { $0.value > $1.value }.prefix(5).map(\.key)
            if !strongest.isEmpty {
                Output.line("strongest: " + strongest.joined(separator: ", "))
            }
            Output.line(
                "artifact \(artifact.prefix(12)) in \(file)" + (isStopped ? " (stopped early)" : "")
            )
            if let epoch { Output.line("active since epoch \(epoch)") }
        }
    }

    /// What a cross-validation of several classes says.
    struct Evaluation: Encodable {
        let kind: String
        let folds: Int
        let features: Int
        let classes: [String]
        let model: ClassEvaluationDocument
    }

    func train(
        _ learnt: TrainingTable, aside: TrainingTable?, folds: Int, to path: String
    ) async throws -> Report {
        let recipe = try options.recipe(source)
        let interrupt = Interrupt()
        let steps = Trainer.stepCount(recipe, classCount: learnt.classCount)
        var progress = Progress(options.stepTitle, total: steps)
        let trained = try await Trainer.trainClasses(learnt, recipe, holdout: aside) { done in
            progress.update(done)
            return !interrupt.isAsked
        }
        interrupt.forget()
        try Data(trained.bytes).write(to: URL(filePath: path))
        var report = Report(kind: options.kind.rawValue, file: path, classes: source.classes)
        report.artifact = trained.id.hex
        report.rows = trained.manifest.card.trainingRowCount
        report.features = trained.manifest.features.count
        report.isStopped = trained.wasStopped
        report.unseen = trained.unseen.map(ClassEvaluationDocument.init)
        report.holdout = trained.holdout.map(ClassEvaluationDocument.init)
        report.importances = Dictionary(
            uniqueKeysWithValues: trained.importances.prefix(10).map { ($0.feature, $0.share) })
        if folds > 0 {
            report.folds = ClassEvaluationDocument(
                try await judged(learnt, recipe, folds: folds, interrupt))
        }
        return report
    }

    func evaluate(folds: Int) async throws {
        let recipe = try options.recipe(source)
        let forecast = try await judged(source.table, recipe, folds: folds, Interrupt())
        let document = Evaluation(
            kind: options.kind.rawValue, folds: folds, features: source.table.columnCount,
            classes: source.classes, model: ClassEvaluationDocument(forecast))
        if options.common.json { return try Output.json(document) }
        Output.line("\(document.kind), \(folds)-fold: " + document.model.text)
        document.model.tellConfusion(source.classes)
    }

    private func judged(
        _ table: TrainingTable, _ recipe: Recipe, folds count: Int, _ interrupt: Interrupt
    ) async throws -> ClassForecast {
        let folds = try Folds(table, count: count, seed: options.seed)
        let steps = count * Trainer.stepCount(recipe, classCount: table.classCount)
        var progress = Progress("judging by \(count) folds", total: steps)
        return try await Trainer.crossValidateClasses(table, recipe, folds: folds) { done in
            progress.update(done)
            return !interrupt.isAsked
        }.pooled
    }
}
