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
    private static let coverage = 0.9

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
        let machine = try model.machine.calibrated(by: model.line)
        let manifest = try manifest(model, machine, recipe, ahead)
        let bytes = try machine.bytes(manifest)
        return TrainedClassArtifact(
            id: ONNXArtifact.identity(of: bytes), bytes: bytes, manifest: manifest,
            unseen: model.unseen, holdout: ahead,
            importances: zip(model.table.columns.map(\.name), model.machine.importances ?? [])
                .map { (feature: $0, share: $1) }.sorted { $0.share > $1.share },
            wasStopped: model.wasStopped)
    }

    /// Scores each row with a model that was trained, and calibrated, without its fold.
    ///
    /// When `progress` says no, the folds that are done are kept.
    public static func crossValidateClasses(
        _ table: TrainingTable, _ recipe: Recipe, folds: Folds,
        progress: (_ stepsDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> (pooled: ClassForecast, byFold: [ClassForecast]) {
        let steps = stepCount(recipe, classCount: table.classCount)
        var byFold: [ClassForecast] = []
        for fold in 0..<folds.foldCount {
            var goesOn = true
            do {
                let model = try await ClassModel(
                    try table.selecting(rows: folds.trainingRows(fold)), recipe
                ) {
                    goesOn = progress(fold * steps + $0) && goesOn
                    return goesOn
                }
                byFold.append(
                    try model.forecast(try table.selecting(rows: folds.testRows(fold))))
            } catch let error as TrainerError {
                guard error == .stopped, !byFold.isEmpty else { throw error }
                break
            } catch { throw .table("\(error)") }
            guard progress((fold + 1) * steps), goesOn else { break }
        }
        func pooled(
            _ part: (ClassForecast) -> ScoredClasses
        ) throws(TrainingError) -> ScoredClasses {
            try ScoredClasses(
                probabilities: byFold.flatMap { part($0).probabilities },
                classes: byFold.flatMap { part($0).classes }, classCount: table.classCount)
        }
        do throws(TrainingError) {
            return (
                ClassForecast(
                    calibrated: try pooled(\.calibrated), uncalibrated: try pooled(\.uncalibrated)),
                byFold
            )
        } catch { throw .table(error.description) }
    }

    private static func manifest(
        _ model: ClassModel, _ machine: any CalibratedMachine, _ recipe: Recipe,
        _ holdout: ClassForecast?
    ) throws(TrainerError) -> Manifest {
        let limits = LearntLimits(
            model.table,
            conformal: model.unseen.map {
                Conformal(
                    coverage: coverage, scoreMax: .each($0.calibrated.misfitMax(coverage: coverage))
                )
            }, seed: recipe.method.seed)
        let way = recipe.method.hasOutOfBag ? "out_of_bag" : "out_of_fold"
        var card = recipe.card
        card.trainingRowCount = model.table.rowCount
        card.metrics =
            (model.unseen.map { metrics($0, way) } ?? [])
            + (holdout.map { metrics($0, "holdout") } ?? [])
        return Manifest(
            outcome: recipe.outcome, kind: recipe.method.kind,
            features: limits.features(
                ManifestDraft.features(model.table, model.machine.missing),
                extractors: recipe.extractors),
            classes: recipe.classes, positiveClass: recipe.classes[recipe.classes.count - 1],
            completenessMin: recipe.completenessMin, conformal: limits.conformal,
            extractors: recipe.extractors,
            golden: try ManifestDraft.golden(model.table, machine),
            outsideShareMax: limits.outsideShareMax, card: card)
    }

    private static func metrics(_ forecast: ClassForecast, _ way: String) -> [ModelCard.Metric] {
        let rows = forecast.calibrated
        let metrics: [(String, Double?)] = [
            ("accuracy", rows.accuracy), ("auroc_mean", rows.meanAUROC),
            ("brier", rows.brierScore), ("log_loss", rows.logLoss),
            ("calibration_error", rows.expectedCalibrationError),
            ("calibration_error_before", forecast.uncalibrated.expectedCalibrationError),
        ]
        return metrics.compactMap { name, value in
            value.map { .init(name: "\(name)_\(way)", value: $0) }
        }
    }
}
