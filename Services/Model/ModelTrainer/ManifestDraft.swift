import ModelCore
import ModelTraining

/// What is written of a trained model, whatever its kind.
struct ManifestDraft {
    private static let goldenCount = 8
    static let coverage = 0.9

    private let model: TrainedModel
    private let machine: any CalibratedMachine
    private let recipe: Recipe
    private let holdout: Forecast?

    init(
        _ model: TrainedModel, _ machine: any CalibratedMachine, _ recipe: Recipe,
        holdout: Forecast?
    ) {
        self.model = model
        self.machine = machine
        self.recipe = recipe
        self.holdout = holdout
    }

    func manifest() throws(TrainerError) -> Manifest {
        let unseen = model.unseen.calibrated
        let limits = LearntLimits(
            model.fit.table, calibrated: unseen, coverage: ManifestDraft.coverage,
            seed: recipe.method.seed)
        let features = limits.features(
            ManifestDraft.features(model.fit.table, model.fit.machine.missing),
            extractors: recipe.extractors)
        return Manifest(
            outcome: recipe.outcome, kind: recipe.method.kind, features: features,
            classes: recipe.classes, positiveClass: recipe.classes[1],
            completenessMin: recipe.completenessMin, calibration: machine.calibration,
            conformal: limits.conformal, bands: bands(unseen), extractors: recipe.extractors,
            golden: try ManifestDraft.golden(model.fit.table, machine),
            outsideShareMax: limits.outsideShareMax,
            reference: TrainingReference.make(
                model.fit.table, scores: unseen.scores, features: features),
            card: card())
    }

    private func card() -> ModelCard {
        var card = recipe.card
        card.trainingRowCount = model.fit.table.rowCount
        card.metrics = ManifestDraft.metrics(model.unseen, recipe.wayOfUnseen)
        if let holdout { card.metrics += ManifestDraft.metrics(holdout, "holdout") }
        let labels = model.unseen.calibrated
        card.metrics.append(
            .init(name: "prevalence", value: Double(labels.positiveCount) / Double(labels.count)))
        return card
    }

    private static func metrics(_ forecast: Forecast, _ way: String) -> [ModelCard.Metric] {
        let rows = forecast.calibrated
        return ModelCard.Metric.list(
            [
                ("accuracy", ThresholdMetrics(rows, threshold: 0.5).accuracy),
                ("auroc", rows.auroc),
                ("average_precision", rows.averagePrecision), ("brier", rows.brierScore),
                ("log_loss", rows.logLoss),
                ("calibration_error", rows.expectedCalibrationError()),
                (
                    "calibration_error_before",
                    forecast.uncalibrated.expectedCalibrationError()
                ),
            ], way)
    }

    static func features(
        _ table: TrainingTable, _ missing: [MissingTreatment]
    ) -> [ManifestFeature] {
        let medians = Imputation(.median, of: table)
        return zip(table.columns.indices, missing).map { index, missing in
            ManifestFeature(
                name: table.columns[index].name, unit: table.columns[index].unit,
                missing: missing, typical: Double(medians.fill[index]))
        }
    }

    /// High from where calling out is right about as often as it finds; raised from where three
    /// quarters of the outcomes are found.
    private func bands(_ rows: ScoredRows) -> [Band] {
        guard let high = rows.bestEvent1,
            let raised = rows.threshold(forSensitivity: 0.75)
        else { return [Band(from: 0, name: "low", advice: [])] }
        let found = Int(((high.sensitivity ?? 0) * 100).rounded())
        let right = Int(((high.positivePredictiveValue ?? 0) * 100).rounded())
        var bands = [Band(from: 0, name: "low", advice: ["go on with routine observation"])]
        if raised.threshold > 0, raised.threshold < high.threshold {
            bands.append(
                Band(
                    from: raised.threshold, name: "raised",
                    advice: ["observe more often, and look at what the reasons name"]))
        }
        if high.threshold > 0 {
            bands.append(
                Band(
                    from: high.threshold, name: "high",
                    advice: [
                        "see the patient now: of those called high in training \(right) % had the "
                            + "outcome, and \(found) % of all outcomes were called high"
                    ]))
        }
        return bands
    }

    /// Rows across the table, with what the trained model itself says of them.
    static func golden(
        _ table: TrainingTable, _ machine: any CalibratedMachine
    ) throws(TrainerError) -> [GoldenRow] {
        let count = min(ManifestDraft.goldenCount, table.rowCount)
        return try (0..<count).map { (place) throws(TrainerError) in
            let row = Array(table.row(place * table.rowCount / count))
            return GoldenRow(
                input: row.map { $0.isNaN ? nil : Double($0) }, output: try machine.scores(row))
        }
    }
}

extension ModelCard.Metric {
    /// Those that are known, each with how it was found in its name.
    static func list(_ metrics: [(String, Double?)], _ way: String) -> [ModelCard.Metric] {
        metrics.compactMap { name, value in
            value.map { .init(name: "\(name)_\(way)", value: $0) }
        }
    }
}

extension TrainingTable {
    /// Shares of the columns with their names, the greatest first; none where they are not known.
    func ranked(_ shares: [Double]?) -> [(feature: String, share: Double)] {
        zip(columns.map(\.name), shares ?? []).map { (feature: $0, share: $1) }
            .sorted { $0.share > $1.share }
    }
}
