import ModelTrainer
import ModelTraining

/// How good probabilities of several classes are, for people and for programs.
struct ClassEvaluationDocument: Encodable {
    let rows: Int
    let accuracy: Double
    /// Each class against all others, on average.
    let meanAUROC: Double?
    /// Summed over the classes.
    let brierScore: Double
    let logLoss: Double
    let expectedCalibrationError: Double
    let expectedCalibrationErrorBefore: Double
    /// How many rows of each class (first) were called each class (second).
    let confusion: [[Int]]

    init(_ forecast: ClassForecast) {
        let own = forecast.calibrated
        rows = own.count
        accuracy = own.accuracy
        meanAUROC = own.meanAUROC
        brierScore = own.brierScore
        logLoss = own.logLoss
        expectedCalibrationError = own.expectedCalibrationError
        expectedCalibrationErrorBefore = forecast.uncalibrated.expectedCalibrationError
        confusion = own.confusion
    }

    var text: String {
        var parts = ["accuracy \(Output.short(accuracy, digits: 3))"]
        if let meanAUROC { parts.append("mean AUROC \(Output.short(meanAUROC))") }
        parts += [
            "Brier \(Output.short(brierScore))", "log loss \(Output.short(logLoss, digits: 3))",
            "calibration error \(Output.short(expectedCalibrationError, digits: 3)) "
                + "(\(Output.short(expectedCalibrationErrorBefore, digits: 3)) before calibration)",
        ]
        return parts.joined(separator: ", ") + "; \(rows) rows"
    }

    /// What rows of each class were called, as a table.
    func tellConfusion(_ names: [String]) {
        Output.table(
            [["class \\ called"] + names]
                + zip(names, confusion).map { name, counts in [name] + counts.map(String.init) })
    }
}
