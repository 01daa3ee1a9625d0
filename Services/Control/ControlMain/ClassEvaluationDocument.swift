import ModelTrainer
import ModelTraining

/// How good probabilities of several classes are, for people and for programs.
struct ClassEvaluationDocument: Encodable {
    /// One class against all others.
    struct Alone: Encodable {
        let rows: Int
        let auroc: Double?
        let brierScore: Double
        let expectedCalibrationError: Double
    }

    let rows: Int
    let accuracy: Double
    /// Each class against all others, on average, with its 95 % interval by bootstrap.
    let meanAUROC: Double?
    let meanAUROCLow: Double?
    let meanAUROCHigh: Double?
    /// Summed over the classes.
    let brierScore: Double
    let logLoss: Double
    let expectedCalibrationError: Double
    let expectedCalibrationErrorBefore: Double
    /// In the order of the classes.
    let alone: [Alone]
    /// How many rows of each class (first) were called each class (second).
    let confusion: [[Int]]

    init(_ forecast: ClassForecast, seed: UInt64) throws {
        let own = forecast.calibrated
        rows = own.count
        accuracy = own.accuracy
        meanAUROC = own.meanAUROC
        let interval = try own.intervals(samples: 200, seed: seed, of: [{ $0.meanAUROC }])[0]
        (meanAUROCLow, meanAUROCHigh) = (interval?.lowerBound, interval?.upperBound)
        brierScore = own.brierScore
        logLoss = own.logLoss
        expectedCalibrationError = own.expectedCalibrationError
        expectedCalibrationErrorBefore = forecast.uncalibrated.expectedCalibrationError
        alone = try (0..<own.classCount).map { index in
            let rows = try own.alone(index)
            return Alone(
                rows: rows.positiveCount, auroc: rows.auroc, brierScore: rows.brierScore,
                expectedCalibrationError: rows.expectedCalibrationError())
        }
        confusion = own.confusion
    }

    var text: String {
        var parts = ["accuracy \(Output.short(accuracy, digits: 3))"]
        if let meanAUROC {
            let interval =
                if let meanAUROCLow, let meanAUROCHigh {
                    " (\(Output.short(meanAUROCLow)) to \(Output.short(meanAUROCHigh)))"
                } else { "" }
            parts.append("mean AUROC \(Output.short(meanAUROC))" + interval)
        }
        parts += [
            "Brier \(Output.short(brierScore))", "log loss \(Output.short(logLoss, digits: 3))",
            "calibration error \(Output.short(expectedCalibrationError, digits: 3)) "
                + "(\(Output.short(expectedCalibrationErrorBefore, digits: 3)) before calibration)",
        ]
        return parts.joined(separator: ", ") + "; \(rows) rows"
    }

    /// What rows of each class were called, and how well each is told from all others, as a table.
    func tellConfusion(_ names: [String]) {
        Output.table(
            [["class \\ called"] + names + ["AUROC", "ECE"]]
                + names.indices.map { index in
                    [names[index]] + confusion[index].map(String.init) + [
                        alone[index].auroc.map { Output.short($0, digits: 3) } ?? "-",
                        Output.short(alone[index].expectedCalibrationError, digits: 2),
                    ]
                })
    }
}
