import ModelTraining

// Curves that more than one page draws.
extension Chart {
    /// How sensitivity and specificity go together.
    static func receiver(_ series: [(name: String, look: Look, rows: ScoredRows)]) -> Chart {
        let lines = series.map { name, look, rows in
            let points = rows.thresholds.map {
                Point(x: 1 - ($0.specificity ?? 1), y: $0.sensitivity ?? 0)
            }
            return Line(name: name, look: look, points: [Point(x: 0, y: 0)] + thinned(points))
        }
        let chance = Line(
            name: "chance", look: .reference, points: [Point(x: 0, y: 0), Point(x: 1, y: 1)])
        return Chart(
            title: "Receiver operating characteristic", xName: "1 − specificity",
            yName: "sensitivity", lines: [chance] + lines)
    }

    /// How often what was foretold came about.
    static func calibration(
        _ title: String, _ rows: ScoredRows, xName: String, yName: String
    ) -> Chart {
        let bins = rows.reliability().filter { $0.count > 0 }
        let points = bins.map { Point(x: $0.meanScore ?? 0, y: $0.positiveShare ?? 0) }
        let dots = bins.map { 2 + 8 * (Double($0.count) / Double(rows.count)).squareRoot() }
        let perfect = Line(
            name: "as foretold", look: .reference, points: [Point(x: 0, y: 0), Point(x: 1, y: 1)])
        return Chart(
            title: title, xName: xName, yName: yName,
            lines: [
                perfect,
                Line(
                    name: "tenths; larger dots, more patients", look: .main, points: points,
                    dots: dots),
            ])
    }

    /// As many points as can be seen.
    static func thinned(_ points: [Point]) -> [Point] {
        let most = 400
        guard points.count > most else { return points }
        let kept = stride(from: 0, to: points.count, by: points.count / most + 1)
        return kept.map { points[$0] } + points.suffix(1)
    }
}
