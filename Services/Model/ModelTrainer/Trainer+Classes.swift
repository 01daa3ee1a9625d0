public import ModelCore
import ModelONNX
public import ModelTraining
public import TwinCore

/// A trained artifact of several classes, ready to be pushed.
public struct TrainedClassArtifact: Sendable {
    public let id: ArtifactID
    public let bytes: [UInt8]
    public let manifest: Manifest
    /// Of its own rows, each judged by a part of the model, or a model, that had not seen it; nil
    /// where the training was stopped before there were such.
    public let unseen: ClassForecast?
    /// Of rows that played no part in the training; nil where none were left.
    public let holdout: ClassForecast?
    /// The share of what was learnt that each feature has, the greatest first; empty where that
    /// is not known.
    public let importances: [(feature: String, share: Double)]
    /// Whether it was stopped early, and is the best so far.
    public let wasStopped: Bool
}

extension Trainer {
    /// How many steps a training of several classes takes, as `progress` counts them.
    public static func stepCount(_ recipe: Recipe, classCount: Int) -> Int {
        ClassModel.stepCount(recipe, classCount: classCount)
    }

    /// Trains on all rows of a table of several classes, whose names are the recipe's; the last of
    /// them is the one that is explained and shown.
    public static func trainClasses(
        _ table: TrainingTable, _ recipe: Recipe, holdout: TrainingTable? = nil,
        progress: (_ stepsDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> TrainedClassArtifact {
        guard table.classCount > 2, recipe.classes.count == table.classCount else {
            throw .table("\(recipe.classes.count) names for \(table.classCount) classes")
        }
        let model = try await ClassModel(table, recipe, progress: progress)
        let ahead: ClassForecast? = if let holdout { try model.forecast(holdout) } else { nil }
        let machine = try model.fit.machine.calibrated(by: model.line)
        let manifest = try manifest(model, machine, recipe, ahead)
        let bytes = try machine.bytes(manifest)
        return TrainedClassArtifact(
            id: ONNXArtifact.identity(of: bytes), bytes: bytes, manifest: manifest,
            unseen: model.unseen, holdout: ahead,
            importances: model.fit.table.ranked(model.fit.machine.importances),
            wasStopped: model.wasStopped)
    }

    /// Scores each row with a model that was trained, and calibrated, without its fold; `settings`
    /// of the method are tried on the other rows first, and the best is taken.
    ///
    /// `progress` hears of steps, or of settings where such are tried; when it says no, the folds
    /// that are done are kept.
    public static func crossValidateClasses(
        _ table: TrainingTable, _ recipe: Recipe, folds: Folds, settings: Int = 0,
        progress: (_ done: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> ClassValidation {
        var probabilities = [[Double]?](repeating: nil, count: table.rowCount)
        let byFold = try await eachFold(
            table, recipe, folds, settings: settings,
            steps: stepCount(recipe, classCount: table.classCount), progress: progress
        ) { (training, test, rows, recipe, progress) async throws(TrainerError) in
            let forecast = try await ClassModel(training, recipe, progress: progress)
                .forecast(test)
            for (row, own) in zip(rows, forecast.calibrated.probabilities) {
                probabilities[row] = own
            }
            return forecast
        }
        func pooled(
            _ part: (ClassForecast) -> ScoredClasses
        ) throws(TrainingError) -> ScoredClasses {
            try ScoredClasses(
                probabilities: byFold.flatMap { part($0).probabilities },
                classes: byFold.flatMap { part($0).classes }, classCount: table.classCount)
        }
        do throws(TrainingError) {
            return ClassValidation(
                pooled: ClassForecast(
                    calibrated: try pooled(\.calibrated), uncalibrated: try pooled(\.uncalibrated)),
                byFold: byFold, probabilities: probabilities)
        } catch { throw .table(error.description) }
    }

    private static func manifest(
        _ model: ClassModel, _ machine: any CalibratedMachine, _ recipe: Recipe,
        _ holdout: ClassForecast?
    ) throws(TrainerError) -> Manifest {
        let table = model.fit.table
        let coverage = ManifestDraft.coverage
        let limits = LearntLimits(
            table,
            conformal: model.unseen.map {
                Conformal(
                    coverage: coverage, scoreMax: .each($0.calibrated.misfitMax(coverage: coverage))
                )
            }, seed: recipe.method.seed)
        let features = limits.features(
            ManifestDraft.features(table, model.fit.machine.missing),
            extractors: recipe.extractors)
        var card = recipe.card
        card.trainingRowCount = table.rowCount
        card.metrics =
            (model.unseen.map { metrics($0, recipe.wayOfUnseen) } ?? [])
            + (holdout.map { metrics($0, "holdout") } ?? [])
        let shown = recipe.classes.count - 1
        return Manifest(
            outcome: recipe.outcome, kind: recipe.method.kind, features: features,
            classes: recipe.classes, positiveClass: recipe.classes[shown],
            completenessMin: recipe.completenessMin, conformal: limits.conformal,
            extractors: recipe.extractors, golden: try ManifestDraft.golden(table, machine),
            outsideShareMax: limits.outsideShareMax,
            reference: model.unseen.map {
                TrainingReference.make(
                    table, scores: $0.calibrated.probabilities.map { $0[shown] },
                    features: features)
            }, card: card)
    }

    private static func metrics(_ forecast: ClassForecast, _ way: String) -> [ModelCard.Metric] {
        let rows = forecast.calibrated
        return ModelCard.Metric.list(
            [
                ("accuracy", rows.accuracy), ("auroc_mean", rows.meanAUROC),
                ("brier", rows.brierScore), ("log_loss", rows.logLoss),
                ("calibration_error", rows.expectedCalibrationError),
                ("calibration_error_before", forecast.uncalibrated.expectedCalibrationError),
            ], way)
    }
}

/// The forecasts of a cross-validation of several classes.
public struct ClassValidation: Sendable {
    /// All rows that were scored, each by the model of its fold.
    public let pooled: ClassForecast
    public let byFold: [ClassForecast]
    /// The calibrated probabilities of each row of the table; nil where its fold was not run.
    public let probabilities: [[Double]?]
}
