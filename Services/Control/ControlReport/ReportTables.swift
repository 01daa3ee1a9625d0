import ModelTraining

extension EvaluationReport {
    /// Groups with fewer rows of either kind tell nothing.
    private static let groupCountMin = 10

    var confusionSection: String {
        let metrics = ThresholdMetrics(model.rows, threshold: threshold)
        let table = Markup.table(
            ["", "had the outcome", "did not"],
            [
                [
                    "called out", "\(metrics.truePositives) found",
                    "\(metrics.falsePositives) needless alerts",
                ],
                [
                    "left alone", "\(metrics.falseNegatives) missed",
                    "\(metrics.trueNegatives) rightly",
                ],
            ])
        let shares =
            "Sensitivity \(Figure.percent(metrics.sensitivity)), specificity "
            + "\(Figure.percent(metrics.specificity)), PPV "
            + "\(Figure.percent(metrics.positivePredictiveValue)), NPV "
            + "\(Figure.percent(metrics.negativePredictiveValue)), accuracy "
            + "\(Figure.percent(metrics.accuracy))."
        return Markup.section(
            "At the threshold of \(Figure.percent(threshold))", Markup.paragraph(thresholdReason),
            table, Markup.paragraph(shares))
    }

    func comparisonSection() throws(TrainingError) -> String {
        guard !beside.isEmpty else { return "" }
        var rows: [[String]] = []
        for series in [model] + beside {
            let intervals = try series.rows.intervals(
                samples: sampleCount, seed: seed, of: [{ $0.auroc }, { $0.averagePrecision }])
            rows.append([
                series.name, "\(series.rows.count)",
                Figure.text(series.rows.auroc, intervals[0]),
                Figure.text(series.rows.averagePrecision, intervals[1]),
                series.isProbability ? Figure.text(series.rows.brierScore) : "no probability",
            ])
        }
        return Markup.section(
            "Beside other scores",
            Markup.paragraph("Each on the patients for whom it was made."),
            Markup.table(["score", "patients", "AUROC", "AUPRC", "Brier"], rows))
    }

    func subgroupSection() throws(TrainingError) -> String {
        guard !subgroups.isEmpty else { return "" }
        var rows: [[String]] = []
        for subgroup in subgroups {
            let group = subgroup.rows
            let few = min(group.positiveCount, group.negativeCount) < Self.groupCountMin
            let metrics = ThresholdMetrics(group, threshold: threshold)
            let interval =
                few
                ? nil
                : try group.intervals(samples: sampleCount, seed: seed, of: [{ $0.auroc }])[0]
            let foretold = group.scores.reduce(0, +) / Double(group.count)
            rows.append([
                subgroup.variable, subgroup.group, "\(group.count)", "\(group.positiveCount)",
                few ? "too few" : Figure.text(group.auroc, interval),
                few ? "too few" : Figure.text(group.brierScore),
                Figure.percent(foretold),
                Figure.percent(Double(group.positiveCount) / Double(group.count)),
                few ? "too few" : Figure.percent(metrics.sensitivity),
                few ? "too few" : Figure.percent(metrics.positivePredictiveValue),
            ])
        }
        return Markup.section(
            "Groups of patients",
            Markup.paragraph(
                "Whether the model serves all alike: foretold and happened should agree in each "
                    + "group."),
            "<div class=\"wide\">"
                + Markup.table(
                    [
                        "by", "group", "patients", "with the outcome", "AUROC", "Brier",
                        "foretold", "happened", "sensitivity", "PPV",
                    ], rows) + "</div>")
    }

    var readingSection: String {
        let line = try? model.rows.calibrationLine()
        let calibration =
            "Calibration slope \(Figure.text(line?.slope, decimals: 2)) and intercept "
            + "\(Figure.text(line?.intercept, decimals: 2)); 1 and 0 are perfect."
        return Markup.section(
            "How to read this",
            Markup.paragraph(
                "Every probability was given by a model that had not seen the patient. Intervals "
                    + "are 95 % percentile intervals over \(sampleCount) bootstrap samples of the "
                    + "patients (seed \(seed)); they do not tell of other hospitals."),
            Markup.paragraph(calibration),
            Markup.paragraph(
                "The calibration error is the mean distance between foretold and happened over ten "
                    + "bins; chance within small bins adds to it, in bootstrap samples more than "
                    + "once, so that its interval may lie above it. Net benefit counts found patients, less needless alerts weighed by "
                    + "the odds of the threshold."))
    }
}
