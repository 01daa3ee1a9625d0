public import ModelCore
import ModelForest
import ModelONNX
public import ModelTraining
public import TwinCore

/// A trained artifact, ready to be pushed.
public struct TrainedArtifact: Sendable {
    public let id: ArtifactID
    public let bytes: [UInt8]
    public let manifest: Manifest
    /// Of the rows that each tree had not seen.
    public let outOfBag: Evaluation
    /// The share of the impurity that each feature removed, the greatest first.
    public let importances: [(feature: String, share: Double)]
    /// Whether it was stopped early and has fewer trees.
    public let wasStopped: Bool
}

/// From a table to an artifact: choose columns, fill gaps, grow, calibrate, write, prove.
public enum ForestTrainer {
    /// Trains on all rows; thresholds, calibration and conformal bounds come from out-of-bag scores.
    public static func train(
        _ table: TrainingTable, _ recipe: ForestRecipe,
        progress: (_ treesDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> TrainedArtifact {
        let fitted = try await fit(table, recipe, progress: progress)
        let scored = try rows(fitted.grown.outOfBag, table.labels)
        let calibrated = try rows(
            scored.scores.map(fitted.calibration.probability), scored.labels)
        let outOfBag = try Evaluation(calibrated, seed: recipe.options.seed)
        let manifest = try manifest(fitted, recipe, calibrated, outOfBag)
        let bytes: [UInt8]
        let id: ArtifactID
        do {
            bytes = try ArtifactWriter.bytes(
                fitted.grown.ensemble, link: .identity, manifest: manifest)
            id = try ONNXArtifact.identity(of: bytes)
        } catch {
            throw .artifact("\(error)")
        }
        let importances = zip(fitted.table.columns.map(\.name), fitted.grown.importances)
            .map { (feature: $0, share: $1) }.sorted { $0.share > $1.share }
        return TrainedArtifact(
            id: id, bytes: bytes, manifest: manifest, outOfBag: outOfBag, importances: importances,
            wasStopped: fitted.grown.wasStopped)
    }

    /// Scores each row with a forest that was trained, and calibrated, without its fold.
    public static func crossValidate(
        _ table: TrainingTable, _ recipe: ForestRecipe, folds: Folds,
        progress: (_ treesDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> ScoredRows {
        var foldsDone = 0
        do {
            let validation = try await CrossValidation.run(table, folds: folds) {
                (training, test) async throws(TrainerError) -> [Double] in
                let done = foldsDone * recipe.options.treeCount
                let fitted = try await fit(training, recipe) { progress(done + $0) }
                foldsDone += 1
                return try fitted.probabilities(of: test)
            }
            return try validation.pooled()
        } catch {
            throw .table("\(error)")
        }
    }

    /// A forest with everything that has to be done to a row before and after it.
    private struct Fitted {
        /// The chosen columns, with gaps.
        let table: TrainingTable
        let chosen: [Int]
        let imputation: Imputation?
        let medians: Imputation
        let grown: GrownForest
        let calibration: Calibration

        /// The row as the forest takes it.
        func complete(_ row: [Float]) -> [Float] { imputation?.filling(row) ?? row }

        func probabilities(of test: TrainingTable) throws(TrainerError) -> [Double] {
            do {
                let scorer = try ForestScorer(grown.ensemble)
                let test = try test.selecting(columns: chosen)
                let rows = test.labels.indices.flatMap { complete(Array(test.row($0))) }
                return try scorer.scores(rows).map(calibration.probability)
            } catch {
                throw .table("\(error)")
            }
        }
    }

    private static func fit(
        _ table: TrainingTable, _ recipe: ForestRecipe, progress: (Int) -> Bool
    ) async throws(TrainerError) -> Fitted {
        let chosen = FeatureSelection.informative(table)
        let selected: TrainingTable
        do throws(TrainingError) { selected = try table.selecting(columns: chosen) } catch {
            throw .table("no feature differs between the rows: \(error)")
        }
        let medians = Imputation(.median, of: selected)
        let imputation: Imputation? =
            switch recipe.imputation {
            case .mean: Imputation(.mean, of: selected)
            case .median: medians
            case .none: nil
            }
        let complete = imputation?.filling(selected) ?? selected
        let grown: GrownForest
        do throws(ForestError) {
            grown = try await ForestTraining.grow(
                try ForestRows(
                    featureCount: complete.columnCount, values: complete.values,
                    labels: complete.labels), recipe.options, progress: progress)
        } catch { throw .forest(error) }
        return Fitted(
            table: selected, chosen: chosen, imputation: imputation, medians: medians,
            grown: grown, calibration: try calibration(grown.outOfBag, table.labels))
    }

    /// Platt's line through the out-of-bag scores; none where they say nothing.
    private static func calibration(
        _ outOfBag: [Double], _ labels: [Bool]
    ) throws(TrainerError) -> Calibration {
        guard let line = try? LogisticLine(scaling: try rows(outOfBag, labels)), line.slope > 0
        else { return .none }
        return .platt(a: -line.slope, b: -line.intercept)
    }

    private static func rows(
        _ scores: [Double], _ labels: [Bool]
    ) throws(TrainerError) -> ScoredRows {
        do throws(TrainingError) { return try ScoredRows(known: scores, labels: labels) } catch {
            throw .table("\(error): grow more trees")
        }
    }
}

extension ForestTrainer {
    private static let goldenCount = 8
    private static let coverage = 0.9

    private static func manifest(
        _ fitted: Fitted, _ recipe: ForestRecipe, _ calibrated: ScoredRows,
        _ outOfBag: Evaluation
    ) throws(TrainerError) -> Manifest {
        var card = recipe.card
        card.trainingRowCount = fitted.table.rowCount
        card.metrics = [
            .init(name: "auroc_out_of_bag", value: outOfBag.auroc),
            .init(name: "average_precision_out_of_bag", value: outOfBag.averagePrecision),
            .init(name: "brier_out_of_bag", value: outOfBag.brierScore),
            .init(name: "calibration_error_out_of_bag", value: outOfBag.expectedCalibrationError),
            .init(
                name: "prevalence",
                value: Double(outOfBag.positiveCount) / Double(outOfBag.rowCount)),
        ]
        return Manifest(
            outcome: recipe.outcome, kind: "forest", features: features(fitted, recipe),
            classes: recipe.classes, positiveClass: recipe.classes[1],
            completenessMin: recipe.completenessMin, calibration: fitted.calibration,
            conformal: Conformal(coverage: coverage, scoreMax: conformalScore(calibrated)),
            bands: bands(calibrated), extractors: recipe.extractors,
            golden: try golden(fitted), card: card)
    }

    private static func features(_ fitted: Fitted, _ recipe: ForestRecipe) -> [ManifestFeature] {
        fitted.table.columns.indices.map { index in
            let missing: MissingTreatment =
                switch (recipe.imputation, fitted.imputation) {
                case (.mean, let imputation?): .mean(Double(imputation.fill[index]))
                case (.median, let imputation?): .median(Double(imputation.fill[index]))
                default: .none
                }
            return ManifestFeature(
                name: fitted.table.columns[index].name, unit: fitted.table.columns[index].unit,
                missing: missing, typical: Double(fitted.medians.fill[index]))
        }
    }

    /// Split conformal prediction: the score that `coverage` of the unseen rows stay within.
    private static func conformalScore(_ rows: ScoredRows) -> Double {
        let misfits = zip(rows.scores, rows.labels).map { $1 ? 1 - $0 : $0 }.sorted()
        let rank = Int((Double(misfits.count + 1) * coverage).rounded(.up))
        return misfits[min(rank, misfits.count) - 1]
    }

    /// High from where calling out is right about as often as it finds; raised from where three
    /// quarters of the outcomes are found.
    private static func bands(_ rows: ScoredRows) -> [Band] {
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

    /// Rows across the table, with what the trained forest says of them.
    private static func golden(_ fitted: Fitted) throws(TrainerError) -> [GoldenRow] {
        let table = fitted.table
        let count = min(goldenCount, table.rowCount)
        do throws(ForestError) {
            let scorer = try ForestScorer(fitted.grown.ensemble)
            return try (0..<count).map { (place) throws(ForestError) in
                let row = Array(table.row(place * table.rowCount / count))
                let score = try scorer.score(fitted.complete(row))
                return GoldenRow(
                    input: row.map { $0.isNaN ? nil : Double($0) }, output: [1 - score, score])
            }
        } catch { throw .forest(error) }
    }
}
