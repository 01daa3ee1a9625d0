import ModelCore
import ModelTrainer
import ModelTraining
import TwinCore

/// What came of a training, for people and for programs.
struct TrainingReport: TrainingAccount {
    /// One fold's rows, judged by a model without them.
    struct Fold: Encodable {
        let rows: Int
        let accuracy: Double?
        let auroc: Double?
        /// Nil where the scores were not calibrated.
        let brierScore: Double?
        let logLoss: Double?
        let expectedCalibrationError: Double?
        let expectedCalibrationErrorBefore: Double?
    }

    let kind: String
    let file: String
    var artifact = ""
    var rows = 0
    var features = 0
    var isStopped = false
    /// Whether `unseen` comes from trees that had not drawn the row.
    var isOutOfBag = false
    /// What a search chose.
    var setting: Setting?
    /// Of the rows that were learnt from, by models or parts that had not seen them.
    var unseen: EvaluationDocument?
    /// The rows that were put aside, counted from 0.
    var holdoutRows: [Int]?
    var holdout: EvaluationDocument?
    var folds: [Fold]?
    var importances: [String: Double] = [:]
    var epoch: UInt64?

    init(kind: String, file: String) {
        self.kind = kind
        self.file = file
    }

    mutating func add(_ trained: TrainedArtifact, seed: UInt64) throws {
        note(trained.id, trained.manifest, trained.importances, wasStopped: trained.wasStopped)
        isOutOfBag = trained.isOutOfBag
        unseen = try EvaluationDocument(forecast: trained.unseen, seed: seed)
        holdout = try trained.holdout.map { try EvaluationDocument(forecast: $0, seed: seed) }
    }

    mutating func add(_ validation: Validation) {
        folds = validation.byFold.map { forecast in
            let rows = forecast.calibrated
            return Fold(
                rows: rows.count, accuracy: ThresholdMetrics(rows, threshold: 0.5).accuracy,
                auroc: rows.auroc, brierScore: rows.brierScore, logLoss: rows.logLoss,
                expectedCalibrationError: rows.expectedCalibrationError(),
                expectedCalibrationErrorBefore: forecast.uncalibrated.expectedCalibrationError())
        }
    }

    /// The folds of a search, whose scores are not calibrated.
    mutating func add(_ validation: CrossValidation) throws {
        folds = try (0..<validation.foldsDone).map { fold in
            let rows = try validation.scored(fold: fold)
            return Fold(
                rows: rows.count, accuracy: ThresholdMetrics(rows, threshold: 0.5).accuracy,
                auroc: rows.auroc, brierScore: nil, logLoss: nil, expectedCalibrationError: nil,
                expectedCalibrationErrorBefore: rows.expectedCalibrationError())
        }
    }

    func tell() {
        if let setting { Output.line(setting.text) }
        if let folds { tell(folds) }
        if let unseen {
            Output.line((isOutOfBag ? "out of bag: " : "out of fold: ") + unseen.text)
        }
        if let holdout { Output.line("holdout: " + holdout.text) }
        tellArtifact()
    }

    private func tell(_ folds: [Fold]) {
        func cells(_ values: [Double?]) -> [String] {
            values.map { $0.map { Output.short($0, digits: 3) } ?? "-" }
        }
        func values(_ fold: Fold) -> [Double?] {
            [
                fold.accuracy, fold.auroc, fold.brierScore, fold.logLoss,
                fold.expectedCalibrationError, fold.expectedCalibrationErrorBefore,
            ]
        }
        let means = (0..<6).map { column -> Double? in
            let known = folds.compactMap { values($0)[column] }
            return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
        }
        Output.table(
            [["fold", "rows", "accuracy", "AUROC", "Brier", "log loss", "ECE", "ECE before"]]
                + folds.enumerated().map { index, fold in
                    ["\(index + 1)", "\(fold.rows)"] + cells(values(fold))
                } + [["mean", "\(folds.reduce(0) { $0 + $1.rows })"] + cells(means)])
    }
}
