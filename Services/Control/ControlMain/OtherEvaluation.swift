import ControlReport
import Foundation
import ModelCore
import ModelTrainer
import ModelTraining
import TwinCore

/// Judging a way of training for several classes, or for a quantity.
struct OtherEvaluation {
    let options: TrainingOptions
    let page: ReportOptions
    let source: TrainingSource
    let folds: Int

    /// What a cross-validation of several classes says.
    private struct Classes: Encodable {
        let kind: String
        let folds: Int
        let features: Int
        let classes: [String]
        let model: ClassEvaluationDocument
    }

    /// What a cross-validation of a quantity says.
    private struct Quantity: Encodable {
        let kind: String
        let folds: Int
        let features: Int
        let quantity: String
        let unit: String
        let model: QuantityEvaluationDocument
    }

    func run() async throws {
        let recipe = try options.recipe(source)
        let dealt = try Folds(source.table, count: folds, seed: options.seed)
        if let unit = source.unit {
            try await judgeQuantity(unit, recipe, dealt)
        } else {
            try await judgeClasses(recipe, dealt)
        }
    }

    private func judgeClasses(_ recipe: Recipe, _ dealt: Folds) async throws {
        let table = source.table
        let steps = folds * Trainer.stepCount(recipe, classCount: table.classCount)
        var progress = Progress(options.stepTitle, total: steps)
        let validation = try await Trainer.crossValidateClasses(table, recipe, folds: dealt) {
            progress.update($0)
            return true
        }
        if let path = page.report {
            let groups = try RowGroups(page, source).groups
            let report = ClassReport(
                outcome: source.outcome, classes: source.classes,
                method: source.method(recipe, dealt), name: options.kind.rawValue,
                rows: validation.pooled.calibrated,
                subgroups: try groups.map { group in
                    let rows = group.rows.filter { validation.probabilities[$0] != nil }
                    return ClassReport.Subgroup(
                        variable: group.variable, group: group.name,
                        rows: try ScoredClasses(
                            probabilities: rows.compactMap { validation.probabilities[$0] },
                            classes: rows.map { table.classes[$0] }, classCount: table.classCount))
                },
                importances: try await FeatureWeighing.importances(
                    table, recipe, dealt, seed: options.seed), seed: options.seed)
            try write(try report.html(), to: path)
        }
        let document = Classes(
            kind: options.kind.rawValue, folds: folds, features: table.columnCount,
            classes: source.classes,
            model: try ClassEvaluationDocument(validation.pooled, seed: options.seed))
        if options.common.json { return try Output.json(document) }
        Output.line("\(document.kind), \(folds)-fold: " + document.model.text)
        document.model.tellConfusion(source.classes)
    }

    private func judgeQuantity(_ unit: String, _ recipe: Recipe, _ dealt: Folds) async throws {
        let table = source.table
        var progress = Progress(options.stepTitle, total: folds * Trainer.stepCount(recipe))
        let validation = try await Trainer.crossValidateQuantity(table, recipe, folds: dealt) {
            progress.update($0)
            return true
        }
        if let path = page.report {
            let report = QuantityReport(
                quantity: source.outcome, unit: unit, method: source.method(recipe, dealt),
                name: options.kind.rawValue, rows: validation.pooled,
                subgroups: try RowGroups(page, source).groups.map { group in
                    QuantityReport.Subgroup(
                        variable: group.variable, group: group.name,
                        rows: try ScoredQuantities(
                            known: group.rows.map { validation.answers[$0] },
                            truths: group.rows.map { table.quantities[$0] }))
                },
                importances: try await FeatureWeighing.importances(
                    table, recipe, dealt, seed: options.seed), seed: options.seed)
            try write(try report.html(), to: path)
        }
        let document = Quantity(
            kind: options.kind.rawValue, folds: folds, features: table.columnCount,
            quantity: source.outcome, unit: unit,
            model: try QuantityEvaluationDocument(validation.pooled, seed: options.seed))
        if options.common.json { return try Output.json(document) }
        Output.line("\(document.kind), \(folds)-fold: " + document.model.text(unit))
    }

    private func write(_ html: String, to path: String) throws {
        do { try Data(html.utf8).write(to: URL(filePath: path)) } catch {
            throw CommandFailure("\(path) can't be written: \(error)")
        }
        Output.note("the report is in \(path)")
    }
}

/// What each feature is worth, with a progress bar.
enum FeatureWeighing {
    static func importances(
        _ table: TrainingTable, _ recipe: Recipe, _ folds: Folds, seed: UInt64
    ) async throws -> [FeatureImportance] {
        var progress = Progress("weighing features", total: table.columnCount)
        return try await Trainer.permutationImportances(table, recipe, folds: folds, seed: seed) {
            progress.update($0)
            return true
        }.map { FeatureImportance(feature: $0.feature, value: $0.importance.mean) }
    }
}

extension TrainingSource {
    /// What was done, in a sentence.
    func method(_ recipe: Recipe, _ folds: Folds) -> String {
        "\(recipe.card.title), judged by \(folds.foldCount) folds, "
            + "\(table.columnCount) features, \(population)."
    }
}
