public import ModelCore
import ModelONNX
public import ModelTraining
public import TwinCore

/// A trained artifact of a quantity, ready to be pushed.
public struct TrainedQuantityArtifact: Sendable {
    public let id: ArtifactID
    public let bytes: [UInt8]
    public let manifest: Manifest
    /// Of its own rows, each judged by a part of the model, or a model, that had not seen it; nil
    /// where the training was stopped before there were such.
    public let unseen: ScoredQuantities?
    /// Of rows that played no part in the training; nil where none were left.
    public let holdout: ScoredQuantities?
    /// The share of what was learnt that each feature has, the greatest first; empty where that
    /// is not known.
    public let importances: [(feature: String, share: Double)]
    /// Whether it was stopped early, and is the best so far.
    public let wasStopped: Bool
}

/// The answers of a cross-validation.
public struct QuantityValidation: Sendable {
    /// All rows that were answered, each by the model of its fold.
    public let pooled: ScoredQuantities
    public let byFold: [ScoredQuantities]
    /// The answer for each row of the table; NaN where its fold was not run.
    public let answers: [Double]
}

extension Trainer {
    /// Trains on all rows of a table with a quantity, whose unit the recipe says; how far answers
    /// are from the truth comes from rows that were not learnt from.
    public static func trainQuantity(
        _ table: TrainingTable, _ recipe: Recipe, holdout: TrainingTable? = nil,
        progress: (_ stepsDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> TrainedQuantityArtifact {
        guard let unit = recipe.unit, !unit.isEmpty else {
            throw .table("a quantity without a unit")
        }
        let model = try await QuantityModel(table, recipe, progress: progress)
        let ahead: ScoredQuantities? = if let holdout { try model.forecast(holdout) } else { nil }
        let manifest = try manifest(model, unit, recipe, ahead)
        let bytes = try model.fit.machine.bytes(manifest)
        return TrainedQuantityArtifact(
            id: ONNXArtifact.identity(of: bytes), bytes: bytes, manifest: manifest,
            unseen: model.unseen, holdout: ahead,
            importances: model.fit.table.ranked(model.fit.machine.importances),
            wasStopped: model.wasStopped)
    }

    /// Answers each row with a model that was trained without its fold; `settings` of the method
    /// are tried on the other rows first, and the best is taken.
    ///
    /// `progress` hears of steps, or of settings where such are tried; when it says no, the folds
    /// that are done are kept.
    public static func crossValidateQuantity(
        _ table: TrainingTable, _ recipe: Recipe, folds: Folds, settings: Int = 0,
        progress: (_ done: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> QuantityValidation {
        var answers = [Double](repeating: .nan, count: table.rowCount)
        let byFold = try await eachFold(
            table, recipe, folds, settings: settings, steps: QuantityModel.stepCount(recipe),
            progress: progress
        ) { (training, test, rows, recipe, progress) async throws(TrainerError) in
            let fit = try await QuantityFit(training, recipe, progress: progress)
            for (row, answer) in zip(rows, try fit.answers(test)) { answers[row] = answer }
            do throws(TrainingError) {
                return try ScoredQuantities(
                    answers: rows.map { answers[$0] }, truths: test.quantities)
            } catch { throw .training(error.description) }
        }
        do throws(TrainingError) {
            return QuantityValidation(
                pooled: try ScoredQuantities(known: answers, truths: table.quantities),
                byFold: byFold, answers: answers)
        } catch { throw .table(error.description) }
    }

    private static func manifest(
        _ model: QuantityModel, _ unit: String, _ recipe: Recipe, _ holdout: ScoredQuantities?
    ) throws(TrainerError) -> Manifest {
        let table = model.fit.table
        let limits = LearntLimits(table, conformal: nil, seed: recipe.method.seed)
        let features = limits.features(
            ManifestDraft.features(table, model.fit.machine.missing),
            extractors: recipe.extractors)
        var card = recipe.card
        card.trainingRowCount = table.rowCount
        card.metrics =
            (model.unseen.map { metrics($0, recipe.wayOfUnseen) } ?? [])
            + (holdout.map { metrics($0, "holdout") } ?? [])
        return Manifest(
            outcome: recipe.outcome, kind: recipe.method.kind, features: features, classes: [],
            positiveClass: "",
            quantity: PredictedQuantity(
                unit: unit, range: table.plausibleQuantities,
                residual: model.unseen.flatMap { unseen in
                    unseen.residualMax(coverage: ManifestDraft.coverage).map {
                        .init(coverage: ManifestDraft.coverage, sizeMax: $0)
                    }
                }), completenessMin: recipe.completenessMin, extractors: recipe.extractors,
            golden: try ManifestDraft.golden(table, model.fit.machine),
            outsideShareMax: limits.outsideShareMax,
            reference: model.unseen.map {
                TrainingReference.make(table, scores: $0.answers, features: features)
            }, card: card)
    }

    private static func metrics(
        _ rows: ScoredQuantities, _ way: String
    ) -> [ModelCard.Metric] {
        ModelCard.Metric.list(
            [
                ("rmse", rows.rootMeanSquare), ("mae", rows.meanSize),
                ("r2", rows.determination), ("bias", rows.agreement?.bias),
            ], way)
    }
}

extension TrainingTable {
    /// What an answer may be: half a span beyond what the rows have, and nothing below 0 where they
    /// have nothing below it.
    fileprivate var plausibleQuantities: ClosedRange<Double>? {
        guard let least = quantities.min(), let most = quantities.max() else { return nil }
        let reach = (most - least) / 2
        return (least >= 0 ? max(0, least - reach) : least - reach)...(most + reach)
    }
}
