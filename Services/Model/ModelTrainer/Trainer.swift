public import ModelCore
import ModelONNX
public import ModelTraining
public import TwinCore

/// A trained artifact, ready to be pushed.
public struct TrainedArtifact: Sendable {
    public let id: ArtifactID
    public let bytes: [UInt8]
    public let manifest: Manifest
    /// Of its own rows, each judged by a part of the model, or a model, that had not seen it.
    public let unseen: Forecast
    /// Whether those were parts of the model: trees that had not drawn the row.
    public let isOutOfBag: Bool
    /// Of rows that played no part in the training; nil where none were left.
    public let holdout: Forecast?
    /// The share of what was learnt that each feature has, the greatest first; empty where that
    /// is not known.
    public let importances: [(feature: String, share: Double)]
    /// Whether it was stopped early, and is the best so far.
    public let wasStopped: Bool
}

/// From a table to an artifact: choose columns, fill gaps, learn, calibrate, write.
public enum Trainer {
    /// How many steps a training takes, as `progress` counts them.
    public static func stepCount(_ recipe: Recipe) -> Int { TrainedModel.stepCount(recipe) }

    /// Trains on all rows of the table; thresholds, calibration and conformal bounds come from
    /// scores of rows that were not learnt from, and `holdout` is only looked at in the end.
    public static func train(
        _ table: TrainingTable, _ recipe: Recipe, holdout: TrainingTable? = nil,
        progress: (_ stepsDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> TrainedArtifact {
        let model = try await TrainedModel(table, recipe, progress: progress)
        let ahead: Forecast? = if let holdout { try model.forecast(holdout) } else { nil }
        let machine = try model.fit.machine.calibrated(by: model.line)
        let manifest = try ManifestDraft(model, machine, recipe, holdout: ahead).manifest()
        let bytes = try machine.bytes(manifest)
        return TrainedArtifact(
            id: ONNXArtifact.identity(of: bytes), bytes: bytes, manifest: manifest,
            unseen: model.unseen,
            isOutOfBag: recipe.hasOutOfBag, holdout: ahead,
            importances: model.fit.table.ranked(model.fit.machine.importances),
            wasStopped: model.wasStopped)
    }

    /// Scores each row with a model that was trained, and calibrated, without its fold.
    ///
    /// When `progress` says no, the folds that are done are kept.
    public static func crossValidate(
        _ table: TrainingTable, _ recipe: Recipe, folds: Folds,
        progress: (_ stepsDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> Validation {
        let steps = stepCount(recipe)
        var uncalibrated = [Double](repeating: .nan, count: table.rowCount)
        var fold = 0
        var goesOn = true
        let validation: CrossValidation
        do throws(CrossValidationError<TrainerError>) {
            validation = try await CrossValidation.run(table, folds: folds) { _ in
                goesOn
            } predict: { (training, test) async throws(TrainerError) -> [Double] in
                let model = try await TrainedModel(training, recipe) {
                    goesOn = progress(fold * steps + $0) && goesOn
                    return goesOn
                }
                let ahead = try model.forecast(test)
                for (row, score) in zip(folds.testRows(fold), ahead.uncalibrated.scores) {
                    uncalibrated[row] = score
                }
                fold += 1
                _ = progress(fold * steps)
                return ahead.calibrated.scores
            }
        } catch { throw plain(error) }
        return try self.validation(validation, uncalibrated)
    }

    private static func validation(
        _ validation: CrossValidation, _ plain: [Double]
    ) throws(TrainerError) -> Validation {
        do throws(TrainingError) {
            let pooled = Forecast(
                calibrated: try validation.pooled(),
                uncalibrated: try ScoredRows(known: plain, labels: validation.labels))
            let byFold = try (0..<validation.foldsDone).map { fold throws(TrainingError) in
                let rows = validation.folds.testRows(fold)
                return Forecast(
                    calibrated: try validation.scored(fold: fold),
                    uncalibrated: try ScoredRows(
                        scores: rows.map { plain[$0] }, labels: rows.map { validation.labels[$0] }))
            }
            return Validation(
                pooled: pooled, probabilities: validation.scores, byFold: byFold)
        } catch { throw .table(error.description) }
    }
}
