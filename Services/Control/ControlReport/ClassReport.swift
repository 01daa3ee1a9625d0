public import ModelTraining

/// How good a model of several classes is, as one page that needs nothing else.
public struct ClassReport: Sendable {
    /// The rows of one group: `sex`, `female`.
    public struct Subgroup: Sendable {
        public var variable: String
        public var group: String
        public var rows: ScoredClasses

        public init(variable: String, group: String, rows: ScoredClasses) {
            self.variable = variable
            self.group = group
            self.rows = rows
        }
    }

    /// More pictures than this nobody looks at.
    private static let pictureCountMax = 12
    private static let groupCountMin = 10

    public var outcome: String
    public var classes: [String]
    /// What was done, in sentences: which model, which rows, which folds.
    public var method: String
    public var name: String
    public var rows: ScoredClasses
    public var subgroups: [Subgroup]
    public var importances: [FeatureImportance]
    /// How many bootstrap samples the intervals come from.
    public var sampleCount: Int
    public var seed: UInt64

    /// One name for each class of the rows.
    public init(
        outcome: String, classes: [String], method: String, name: String, rows: ScoredClasses,
        subgroups: [Subgroup] = [], importances: [FeatureImportance] = [],
        sampleCount: Int = 200, seed: UInt64
    ) {
        precondition(classes.count == rows.classCount)
        self.outcome = outcome
        self.classes = classes
        self.method = method
        self.name = name
        self.rows = rows
        self.subgroups = subgroups
        self.importances = importances
        self.sampleCount = sampleCount
        self.seed = seed
    }

    /// The page; nothing in it is fetched from anywhere.
    public func html() throws(TrainingError) -> String {
        let counts = classes.indices.map { index in
            "\(rows.classes.count { $0 == index }) \(classes[index])"
        }
        return Markup.page(
            "\(name): \(outcome)",
            [
                Markup.paragraph(
                    "\(method) \(rows.count) patients: \(counts.joined(separator: ", "))."),
                "<div class=\"tiles\">\(try tiles().joined())</div>",
                ReportPart.pictures(try pictures()), confusionSection, try classSection(),
                try subgroupSection(),
                ReportPart.importances(
                    importances,
                    meaning: "How much the mean AUROC falls on unseen patients when the feature is "
                        + "dealt out anew."),
                ReportPart.reading(
                    sampleCount, seed,
                    [
                        "Each class is judged against all others together; means over the classes "
                            + "count every class alike, however rare it is. The calibration error "
                            + "of all compares the probability of what is called with how often "
                            + "that is right, the one of a class its own probability."
                    ]),
            ])
    }

    private func tiles() throws(TrainingError) -> [String] {
        let measures: [(name: String, measure: (ScoredClasses) -> Double?)] = [
            ("mean AUROC", { $0.meanAUROC }), ("accuracy", { $0.accuracy }),
            ("Brier score", { $0.brierScore }), ("log loss", { $0.logLoss }),
            ("calibration error (ECE)", { $0.expectedCalibrationError }),
        ]
        let intervals = try rows.intervals(
            samples: sampleCount, seed: seed, of: measures.map(\.measure))
        return zip(measures, intervals).map { measure, interval in
            ReportPart.tile(measure.name, measure.measure(rows), interval)
        }
    }

    private func pictures() throws(TrainingError) -> [Chart] {
        let shown = classes.indices.prefix(Self.pictureCountMax)
        var alone: [(name: String, look: Chart.Look, rows: ScoredRows)] = []
        for index in shown {
            let own = try rows.alone(index)
            alone.append(
                (
                    "\(classes[index]), AUROC \(Figure.text(own.auroc))",
                    index == classes.count - 1 ? .main : .beside, own
                ))
        }
        return [Chart.receiver(alone)]
            + zip(shown, alone).map { index, one in
                Chart.calibration(
                    "Calibration of \(classes[index])", one.rows,
                    xName: "probability of \(classes[index]) foretold",
                    yName: "share that was \(classes[index])")
            }
    }

    private var confusionSection: String {
        Markup.section(
            "Who was taken for whom",
            Markup.paragraph(
                "Each patient is called what is most probable; a row a class, a column a call."),
            Markup.table(
                ["", "all"] + classes.map { "called \($0)" },
                zip(classes, rows.confusion).map { name, counts in
                    [name, "\(counts.reduce(0, +))"] + counts.map(String.init)
                }))
    }

    private func classSection() throws(TrainingError) -> String {
        let confusion = rows.confusion
        var lines: [[String]] = []
        for index in classes.indices {
            let own = try rows.alone(index)
            let isFew = min(own.positiveCount, own.negativeCount) < Self.groupCountMin
            let interval =
                isFew
                ? nil : try own.intervals(samples: sampleCount, seed: seed, of: [{ $0.auroc }])[0]
            let called = confusion.reduce(0) { $0 + $1[index] }
            func share(of whole: Int) -> String {
                Figure.percent(whole > 0 ? Double(confusion[index][index]) / Double(whole) : nil)
            }
            lines.append([
                classes[index], "\(own.positiveCount)",
                isFew ? "too few" : Figure.text(own.auroc, interval),
                share(of: own.positiveCount), share(of: called), Figure.text(own.brierScore),
                Figure.text(own.expectedCalibrationError()),
            ])
        }
        return Markup.section(
            "Each class against all others",
            Markup.table(
                [
                    "class", "patients", "AUROC", "of them called so (sensitivity)",
                    "right when called so (PPV)", "Brier", "calibration error",
                ], lines))
    }

    private func subgroupSection() throws(TrainingError) -> String {
        guard !subgroups.isEmpty else { return "" }
        var lines: [[String]] = []
        for subgroup in subgroups {
            let own = subgroup.rows
            let isFew = own.count < Self.groupCountMin
            let interval =
                isFew
                ? nil
                : try own.intervals(samples: sampleCount, seed: seed, of: [{ $0.meanAUROC }])[0]
            lines.append([
                subgroup.variable, subgroup.group, "\(own.count)",
                isFew ? "too few" : Figure.text(own.meanAUROC, interval),
                isFew ? "too few" : Figure.percent(own.accuracy),
                isFew ? "too few" : Figure.text(own.brierScore),
                isFew ? "too few" : Figure.text(own.expectedCalibrationError),
            ])
        }
        return Markup.section(
            "Groups of patients",
            Markup.paragraph("Whether the model serves all alike."),
            "<div class=\"wide\">"
                + Markup.table(
                    [
                        "by", "group", "patients", "mean AUROC", "accuracy", "Brier",
                        "calibration error",
                    ], lines) + "</div>")
    }
}
