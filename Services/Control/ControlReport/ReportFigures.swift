import ModelTraining

extension EvaluationReport {
    var figures: [Chart] {
        [receiverCurve, precisionCurve, calibration, scoreShares, decisions]
    }

    private var allSeries: [(series: Series, look: Chart.Look)] {
        [(model, .main)] + beside.map { ($0, .beside) }
    }

    private var receiverCurve: Chart {
        Chart.receiver(
            allSeries.map { series, look in
                ("\(series.name), AUROC \(Figure.text(series.rows.auroc))", look, series.rows)
            })
    }

    private var precisionCurve: Chart {
        let lines = allSeries.map { series, look in
            let points = series.rows.thresholds.map {
                Chart.Point(x: $0.sensitivity ?? 0, y: $0.positivePredictiveValue ?? 0)
            }
            return Chart.Line(
                name: "\(series.name), AUPRC \(Figure.text(series.rows.averagePrecision))",
                look: look, points: Chart.thinned(points))
        }
        let prevalence = Double(model.rows.positiveCount) / Double(model.rows.count)
        let chance = Chart.Line(
            name: "chance", look: .reference,
            points: [Chart.Point(x: 0, y: prevalence), Chart.Point(x: 1, y: prevalence)])
        return Chart(
            title: "Precision and recall", xName: "sensitivity (recall)",
            yName: "PPV (precision)", lines: [chance] + lines)
    }

    private var calibration: Chart {
        Chart.calibration(
            "Calibration", model.rows, xName: "probability foretold",
            yName: "share that had the outcome")
    }

    private var scoreShares: Chart {
        let rows = model.rows
        func shares(_ wanted: Bool) -> [Chart.Point] {
            var counts = [Int](repeating: 0, count: 20)
            for (score, label) in zip(rows.scores, rows.labels) where label == wanted {
                counts[min(19, max(0, Int(min(max(score, 0), 1) * 20)))] += 1
            }
            let total = Double(max(1, counts.reduce(0, +)))
            return counts.enumerated().map { index, count in
                Chart.Point(x: (Double(index) + 0.5) / 20, y: Double(count) / total)
            }
        }
        let (with, without) = (shares(true), shares(false))
        let most = (with + without).map(\.y).max() ?? 1
        return Chart(
            title: "Who is given which probability", xName: "probability foretold",
            yName: "share of the group", yRange: 0...max(0.05, most),
            lines: [
                Chart.Line(name: "with the outcome", look: .beside, points: with),
                Chart.Line(name: "without", look: .main, points: without),
            ])
    }

    private var decisions: Chart {
        let curve = model.rows.decisionCurve()
        let most = max(0.01, curve.map { max($0.model, $0.everybody) }.max() ?? 0)
        let line = { (name: String, look: Chart.Look, value: (NetBenefit) -> Double) in
            Chart.Line(
                name: name, look: look,
                points: curve.map { Chart.Point(x: $0.threshold, y: value($0)) })
        }
        return Chart(
            title: "Decision curve", xName: "probability from which one acts",
            yName: "net benefit", xRange: 0...0.6, yRange: (-0.2 * most)...most,
            lines: [
                line("acting for nobody", .reference) { _ in 0 },
                line("acting for everybody", .beside, \.everybody),
                line("acting by the model", .main, \.model),
            ])
    }
}
