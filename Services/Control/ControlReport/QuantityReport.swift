public import ModelTraining

/// How good a model of a quantity is, as one page that needs nothing else.
public struct QuantityReport: Sendable {
    /// The rows of one group: `sex`, `female`.
    public struct Subgroup: Sendable {
        public var variable: String
        public var group: String
        public var rows: ScoredQuantities

        public init(variable: String, group: String, rows: ScoredQuantities) {
            self.variable = variable
            self.group = group
            self.rows = rows
        }
    }

    public var quantity: String
    /// UCUM.
    public var unit: String
    /// What was done, in sentences: which model, which rows, which folds.
    public var method: String
    public var name: String
    public var rows: ScoredQuantities
    public var subgroups: [Subgroup]
    public var importances: [FeatureImportance]
    /// The share of patients whose truth the interval around an answer is to hold.
    public var coverage: Double
    /// How many bootstrap samples the intervals come from.
    public var sampleCount: Int
    public var seed: UInt64

    public init(
        quantity: String, unit: String, method: String, name: String, rows: ScoredQuantities,
        subgroups: [Subgroup] = [], importances: [FeatureImportance] = [], coverage: Double = 0.9,
        sampleCount: Int = 500, seed: UInt64
    ) {
        self.quantity = quantity
        self.unit = unit
        self.method = method
        self.name = name
        self.rows = rows
        self.subgroups = subgroups
        self.importances = importances
        self.coverage = coverage
        self.sampleCount = sampleCount
        self.seed = seed
    }

    /// The page; nothing in it is fetched from anywhere.
    public func html() throws(TrainingError) -> String {
        Markup.page(
            "\(name): \(quantity)",
            [
                Markup.paragraph("\(method) \(rows.count) patients, in \(unit)."),
                "<div class=\"tiles\">\(try tiles().joined())</div>",
                ReportPart.pictures([observed, residuals, agreement, sizes]),
                try subgroupSection(),
                ReportPart.importances(
                    importances,
                    meaning: "How much the RMSE rises on unseen patients, in \(unit), when the "
                        + "feature is dealt out anew."),
                ReportPart.reading(
                    sampleCount, seed,
                    [
                        "R² is the share of the quantity's variance that the answers account for: "
                            + "0 is no better than always the mean. Bias is the mean of answer less "
                            + "truth; 95 % of the differences lie within the limits of agreement if "
                            + "they are normal (Bland and Altman).",
                        "The interval is the conformal one: by the sizes of the residuals of these "
                            + "unseen patients, and equally wide for all.",
                    ]),
            ])
    }

    private func tiles() throws(TrainingError) -> [String] {
        let measures: [(name: String, measure: (ScoredQuantities) -> Double?)] = [
            ("RMSE, \(unit)", { $0.rootMeanSquare }), ("MAE, \(unit)", { $0.meanSize }),
            ("R²", { $0.determination }), ("bias, \(unit)", { $0.agreement?.bias }),
        ]
        let intervals = try rows.intervals(
            samples: sampleCount, seed: seed, of: measures.map(\.measure))
        var tiles = zip(measures, intervals).map { measure, interval in
            ReportPart.tile(measure.name, measure.measure(rows), interval)
        }
        let limits = rows.agreement?.limits
        tiles.append(
            ReportPart.tile(
                "limits of agreement, \(unit)",
                limits.map { "\(Figure.text($0.lowerBound)) to \(Figure.text($0.upperBound))" }
                    ?? "–", "answer less truth"))
        let reach = rows.residualMax(coverage: coverage)
        tiles.append(
            ReportPart.tile(
                "\(Figure.percent(coverage)) interval, \(unit)",
                reach.map { "± \(Figure.text($0))" } ?? "–",
                reach == nil ? "too few rows for the promise" : "around each answer"))
        return tiles
    }

    private var ends: ClosedRange<Double> {
        let all = rows.answers + rows.truths
        return QuantityReport.range(all)
    }

    /// A little wider than the values, and never empty.
    private static func range(_ values: [Double]) -> ClosedRange<Double> {
        let (least, most) = (values.min() ?? 0, values.max() ?? 0)
        let margin = most > least ? (most - least) / 25 : max(1e-6, least.magnitude / 10)
        return least - margin...most + margin
    }

    private func dots(_ points: [Chart.Point]) -> Chart.Line {
        let shown = Chart.thinned(points)
        return Chart.Line(
            name: "patients", look: .main, points: shown, dots: shown.map { _ in 2 },
            isJoined: false)
    }

    private func level(
        _ name: String, _ look: Chart.Look, at y: Double, over x: ClosedRange<Double>
    ) -> Chart.Line {
        Chart.Line(
            name: name, look: look,
            points: [.init(x: x.lowerBound, y: y), .init(x: x.upperBound, y: y)])
    }

    private var observed: Chart {
        let ends = ends
        let points = zip(rows.answers, rows.truths).map { Chart.Point(x: $0, y: $1) }
        return Chart(
            title: "Told and true", xName: "told, \(unit)", yName: "true, \(unit)", xRange: ends,
            yRange: ends,
            lines: [
                Chart.Line(
                    name: "as told", look: .reference,
                    points: [
                        .init(x: ends.lowerBound, y: ends.lowerBound),
                        .init(x: ends.upperBound, y: ends.upperBound),
                    ]), dots(points),
            ])
    }

    private var residuals: Chart {
        let x = QuantityReport.range(rows.answers)
        let points = zip(rows.answers, rows.residuals).map { Chart.Point(x: $0, y: $1) }
        return Chart(
            title: "Residuals", xName: "told, \(unit)", yName: "told less true, \(unit)",
            xRange: x, yRange: QuantityReport.range(rows.residuals + [0]),
            lines: [level("no error", .reference, at: 0, over: x), dots(points)])
    }

    /// Bland and Altman's picture.
    private var agreement: Chart {
        let means = zip(rows.answers, rows.truths).map { ($0 + $1) / 2 }
        let x = QuantityReport.range(means)
        var lines = [level("no error", .reference, at: 0, over: x)]
        var bounds = rows.residuals + [0]
        if let (bias, limits) = rows.agreement {
            lines += [
                level("bias \(Figure.text(bias))", .beside, at: bias, over: x),
                level(
                    "limits \(Figure.text(limits.lowerBound)) and "
                        + Figure.text(limits.upperBound), .beside, at: limits.lowerBound, over: x),
                level("", .beside, at: limits.upperBound, over: x),
            ]
            bounds += [limits.lowerBound, limits.upperBound]
        }
        lines.append(dots(zip(means, rows.residuals).map { Chart.Point(x: $0, y: $1) }))
        return Chart(
            title: "Bland and Altman", xName: "mean of told and true, \(unit)",
            yName: "told less true, \(unit)", xRange: x, yRange: QuantityReport.range(bounds),
            lines: lines)
    }

    /// Which share of the patients has an error of at most so much.
    private var sizes: Chart {
        let sizes = rows.residuals.map(\.magnitude).sorted()
        let points = sizes.enumerated().map {
            Chart.Point(x: $1, y: Double($0 + 1) / Double(sizes.count))
        }
        return Chart(
            title: "How large errors are", xName: "at most, \(unit)", yName: "share of patients",
            xRange: 0...max(1e-9, sizes.last ?? 1),
            lines: [Chart.Line(name: "patients", look: .main, points: Chart.thinned(points))])
    }

    private func subgroupSection() throws(TrainingError) -> String {
        guard !subgroups.isEmpty else { return "" }
        let reach = rows.residualMax(coverage: coverage)
        var lines: [[String]] = []
        for subgroup in subgroups {
            let own = subgroup.rows
            let isFew = own.count < 10
            let interval =
                isFew
                ? nil
                : try own.intervals(
                    samples: sampleCount, seed: seed, of: [{ $0.rootMeanSquare }])[0]
            lines.append([
                subgroup.variable, subgroup.group, "\(own.count)",
                isFew ? "too few" : Figure.text(own.rootMeanSquare, interval),
                isFew ? "too few" : Figure.text(own.meanSize),
                isFew ? "too few" : Figure.text(own.agreement?.bias),
                isFew ? "too few" : Figure.percent(reach.map(own.coverage(within:))),
            ])
        }
        return Markup.section(
            "Groups of patients",
            Markup.paragraph(
                "Whether the model serves all alike: errors should be as large, and intervals hold "
                    + "as often, in each group."),
            "<div class=\"wide\">"
                + Markup.table(
                    [
                        "by", "group", "patients", "RMSE", "MAE", "bias",
                        "within the interval",
                    ], lines) + "</div>")
    }
}
