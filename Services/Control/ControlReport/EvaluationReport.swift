public import ModelTraining

/// How good a model is, as one page that needs nothing else: pictures, tables, intervals.
public struct EvaluationReport: Sendable {
    /// Scores of the same rows from one model or clinical score.
    public struct Series: Sendable {
        public var name: String
        public var rows: ScoredRows
        /// Whether the scores are probabilities; else only their order is judged.
        public var isProbability: Bool

        public init(name: String, rows: ScoredRows, isProbability: Bool) {
            self.name = name
            self.rows = rows
            self.isProbability = isProbability
        }
    }

    /// The rows of one group: `sex`, `female`.
    public struct Subgroup: Sendable {
        public var variable: String
        public var group: String
        public var rows: ScoredRows

        public init(variable: String, group: String, rows: ScoredRows) {
            self.variable = variable
            self.group = group
            self.rows = rows
        }
    }

    public var outcome: String
    /// What was done, in sentences: which model, which rows, which folds.
    public var method: String
    /// The model that is judged; its scores are probabilities.
    public var model: Series
    /// Others, on the rows where they were made.
    public var beside: [Series]
    public var subgroups: [Subgroup]
    public var importances: [FeatureImportance]
    /// What the importances are.
    public var importanceMeaning: String
    /// From this probability on the outcome is called out.
    public var threshold: Double
    /// How the threshold was chosen.
    public var thresholdReason: String
    /// How long one row's patient was watched; nil where it is not known.
    public var bedDaysPerRow: Double?
    /// How many bootstrap samples the intervals come from.
    public var sampleCount: Int
    public var seed: UInt64

    public init(
        outcome: String, method: String, model: Series, beside: [Series] = [],
        subgroups: [Subgroup] = [], importances: [FeatureImportance] = [],
        importanceMeaning: String = "",
        threshold: Double, thresholdReason: String, bedDaysPerRow: Double? = nil,
        sampleCount: Int = 500, seed: UInt64
    ) {
        self.outcome = outcome
        self.method = method
        self.model = model
        self.beside = beside
        self.subgroups = subgroups
        self.importances = importances
        self.importanceMeaning = importanceMeaning
        self.threshold = threshold
        self.thresholdReason = thresholdReason
        self.bedDaysPerRow = bedDaysPerRow
        self.sampleCount = sampleCount
        self.seed = seed
    }

    /// The page; nothing in it is fetched from anywhere.
    public func html() throws(TrainingError) -> String {
        let rows = model.rows
        let counts =
            "\(rows.count) patients, \(rows.positiveCount) with the outcome "
            + "(\(Figure.percent(Double(rows.positiveCount) / Double(rows.count))))."
        let body = [
            Markup.paragraph(method + " " + counts),
            "<div class=\"tiles\">\(try tiles().joined())</div>",
            ReportPart.pictures(figures),
            confusionSection, try comparisonSection(), try subgroupSection(),
            ReportPart.importances(importances, meaning: importanceMeaning),
            readingSection,
        ]
        return Markup.page("\(model.name): \(outcome)", body)
    }

    private func tiles() throws(TrainingError) -> [String] {
        let threshold = threshold
        let measures: [(name: String, measure: (ScoredRows) -> Double?)] = [
            ("AUROC", { $0.auroc }), ("AUPRC", { $0.averagePrecision }),
            ("Brier score", { $0.brierScore }),
            ("calibration error (ECE)", { $0.expectedCalibrationError() }),
            ("sensitivity", { ThresholdMetrics($0, threshold: threshold).sensitivity }),
            ("PPV", { ThresholdMetrics($0, threshold: threshold).positivePredictiveValue }),
        ]
        let intervals = try model.rows.intervals(
            samples: sampleCount, seed: seed, of: measures.map(\.measure))
        var tiles = zip(measures, intervals).map { measure, interval in
            ReportPart.tile(measure.name, measure.measure(model.rows), interval)
        }
        tiles.append(alerts)
        return tiles
    }

    private var alerts: String {
        let metrics = ThresholdMetrics(model.rows, threshold: threshold)
        let called = Double(metrics.truePositives + metrics.falsePositives)
        let count = Double(model.rows.count)
        guard let bedDaysPerRow, bedDaysPerRow > 0 else {
            return ReportPart.tile(
                "alerts per 100 patients", Figure.text(100 * called / count, decimals: 1),
                "their days in bed are not known")
        }
        return ReportPart.tile(
            "alerts per bed-day", Figure.text(called / (count * bedDaysPerRow)),
            "\(Figure.text(bedDaysPerRow, decimals: 1)) bed-days a patient")
    }
}
