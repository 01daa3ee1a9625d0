import Foundation
import ModelCore
import ModelTrainer
import ModelTraining
import TwinCore

/// Training for a quantity.
enum QuantityTraining {
    /// What came of a training, for people and for programs.
    struct Report: TrainingAccount {
        let kind: String
        let file: String
        let quantity: String
        let unit: String
        var artifact = ""
        var rows = 0
        var features = 0
        var isStopped = false
        /// What a search chose.
        var setting: Setting?
        /// Of the rows that were learnt from, by models or parts that had not seen them.
        var unseen: QuantityEvaluationDocument?
        /// How far from the truth answers are at most, in that share of unseen rows.
        var residualMax: Double?
        var coverage: Double?
        /// The share of the rows put aside whose truth is within that.
        var holdoutCoverage: Double?
        /// The rows that were put aside, counted from 0.
        var holdoutRows: [Int]?
        var holdout: QuantityEvaluationDocument?
        /// All rows that were learnt from, each by a model without its fold.
        var folds: QuantityEvaluationDocument?
        var importances: [String: Double] = [:]
        var epoch: UInt64?

        func tell() {
            if let setting { Output.line(setting.text) }
            for (name, judged) in [
                ("folds", folds), ("unseen by parts", unseen), ("holdout", holdout),
            ] {
                if let judged { Output.line("\(name): " + judged.text(unit)) }
            }
            if let residualMax, let coverage {
                let kept = holdoutCoverage.map {
                    " (\(Output.short($0 * 100, digits: 3)) % of the rows put aside)"
                }
                Output.line(
                    "\(Output.short(coverage * 100)) % of truths are within "
                        + "\(Output.short(residualMax)) \(unit) of the answer" + (kept ?? ""))
            }
            tellArtifact()
        }
    }

    static func train(_ task: TrainingTask) async throws -> Report {
        let (options, learnt, recipe) = (task.options, task.learnt, task.recipe)
        let steps = Trainer.stepCount(recipe)
        var progress = Progress(options.stepTitle, total: steps)
        let trained = try await Trainer.trainQuantity(learnt, recipe, holdout: task.aside) { done in
            progress.update(done)
            return !task.interrupt.isAsked
        }
        task.interrupt.forget()
        try Data(trained.bytes).write(to: URL(filePath: task.file))
        var report = Report(
            kind: options.kind.rawValue, file: task.file, quantity: task.source.outcome,
            unit: task.source.unit ?? "")
        report.note(
            trained.id, trained.manifest, trained.importances, wasStopped: trained.wasStopped)
        let residual = trained.manifest.quantity?.residual
        (report.residualMax, report.coverage) = (residual?.sizeMax, residual?.coverage)
        report.holdoutCoverage = residual.flatMap { residual in
            trained.holdout.map { $0.coverage(within: residual.sizeMax) }
        }
        func document(_ rows: ScoredQuantities) throws -> QuantityEvaluationDocument {
            try QuantityEvaluationDocument(rows, seed: options.seed)
        }
        report.unseen = try trained.unseen.map(document)
        report.holdout = try trained.holdout.map(document)
        guard task.folds > 0 else { return report }
        let judged = try await task.judged(steps: steps) { recipe, folds, progress in
            try await Trainer.crossValidateQuantity(
                learnt, recipe, folds: folds, settings: task.search, progress: progress)
        }
        report.folds = try document(judged.pooled)
        return report
    }
}
