import Foundation
import ModelCore
import ModelTrainer
import ModelTraining
import TwinCore

/// Training for an outcome of several classes.
enum ClassTraining {
    /// What came of a training, for people and for programs.
    struct Report: TrainingAccount {
        let kind: String
        let file: String
        let classes: [String]
        var artifact = ""
        var rows = 0
        var features = 0
        var isStopped = false
        /// What a search chose.
        var setting: Setting?
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
            if let setting { Output.line(setting.text) }
            for (name, judged) in [
                ("folds", folds), ("unseen by parts", unseen), ("holdout", holdout),
            ] {
                if let judged { Output.line("\(name): " + judged.text) }
            }
            (holdout ?? folds ?? unseen)?.tellConfusion(classes)
            tellArtifact()
        }
    }

    static func train(_ task: TrainingTask) async throws -> Report {
        let (options, learnt, recipe) = (task.options, task.learnt, task.recipe)
        let steps = Trainer.stepCount(recipe, classCount: learnt.classCount)
        var progress = Progress(options.stepTitle, total: steps)
        let trained = try await Trainer.trainClasses(learnt, recipe, holdout: task.aside) { done in
            progress.update(done)
            return !task.interrupt.isAsked
        }
        task.interrupt.forget()
        try Data(trained.bytes).write(to: URL(filePath: task.file))
        var report = Report(
            kind: options.kind.rawValue, file: task.file, classes: task.source.classes)
        report.note(
            trained.id, trained.manifest, trained.importances, wasStopped: trained.wasStopped)
        func document(_ forecast: ClassForecast) throws -> ClassEvaluationDocument {
            try ClassEvaluationDocument(forecast, seed: options.seed)
        }
        report.unseen = try trained.unseen.map(document)
        report.holdout = try trained.holdout.map(document)
        guard task.folds > 0 else { return report }
        let judged = try await task.judged(steps: steps) { recipe, folds, progress in
            try await Trainer.crossValidateClasses(
                learnt, recipe, folds: folds, settings: task.search, progress: progress)
        }
        report.folds = try document(judged.pooled)
        return report
    }
}
