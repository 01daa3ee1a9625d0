import Foundation
import ModelTrainer
import ModelTraining

/// How good scores are, for people and for programs.
struct EvaluationDocument: Encodable {
    let rows: Int
    let positives: Int
    /// Nil for scores that are no probabilities.
    let accuracy: Double?
    let auroc: Double
    let aurocLow: Double
    let aurocHigh: Double
    let averagePrecision: Double
    let event1: Double?
    /// Nil for scores that are no probabilities.
    let brierScore: Double?
    let logLoss: Double?
    let expectedCalibrationError: Double?
    /// Before the probabilities were calibrated.
    let expectedCalibrationErrorBefore: Double?
    /// By chance alone, if every probability were right.
    let expectedCalibrationErrorByChance: Double?
    let calibrationSlope: Double?
    let calibrationIntercept: Double?

    init(_ evaluation: Evaluation, isProbability: Bool = true, before: Double? = nil) {
        rows = evaluation.rowCount
        positives = evaluation.positiveCount
        accuracy = isProbability ? evaluation.accuracy : nil
        auroc = evaluation.auroc
        aurocLow = evaluation.aurocInterval.lowerBound
        aurocHigh = evaluation.aurocInterval.upperBound
        averagePrecision = evaluation.averagePrecision
        event1 = evaluation.event1?.event1
        brierScore = isProbability ? evaluation.brierScore : nil
        logLoss = isProbability ? evaluation.logLoss : nil
        expectedCalibrationErrorBefore = before
        expectedCalibrationError = isProbability ? evaluation.expectedCalibrationError : nil
        expectedCalibrationErrorByChance = isProbability ? evaluation.chanceCalibrationError : nil
        calibrationSlope = isProbability ? evaluation.calibrationLine?.slope : nil
        calibrationIntercept = isProbability ? evaluation.calibrationLine?.intercept : nil
    }

    init(forecast: Forecast, seed: UInt64) throws {
        self.init(
            try Evaluation(forecast.calibrated, seed: seed),
            before: forecast.uncalibrated.expectedCalibrationError())
    }

    var text: String {
        var parts = accuracy.map { ["accuracy \(Output.short($0, digits: 3))"] } ?? []
        parts += [
            "AUROC \(Output.short(auroc)) (\(Output.short(aurocLow)) to \(Output.short(aurocHigh)))",
            "AUPRC \(Output.short(averagePrecision))",
        ]
        if let event1 { parts.append("min(Se, PPV) \(Output.short(event1, digits: 3))") }
        if let brierScore, let expectedCalibrationError {
            parts.append("Brier \(Output.short(brierScore))")
            if let logLoss { parts.append("log loss \(Output.short(logLoss, digits: 3))") }
            let known = [
                (expectedCalibrationErrorBefore, "before calibration"),
                (expectedCalibrationErrorByChance, "by chance alone"),
            ]
            let others = known.compactMap { error, name in
                error.map { "\(Output.short($0, digits: 3)) \(name)" }
            }
            parts.append(
                "calibration error \(Output.short(expectedCalibrationError, digits: 3))"
                    + (others.isEmpty ? "" : " (\(others.joined(separator: ", ")))"))
        }
        if let calibrationSlope, let calibrationIntercept {
            parts.append(
                "calibration slope \(Output.short(calibrationSlope, digits: 3)), intercept "
                    + Output.short(calibrationIntercept, digits: 2))
        }
        return parts.joined(separator: ", ") + "; \(positives) of \(rows) with the outcome"
    }
}

/// Foretold against happened, as a picture.
struct ReliabilityPicture {
    let bins: [ReliabilityBin]

    func draw() {
        Output.line("foretold   happened")
        for bin in bins {
            guard let foretold = bin.meanScore, let happened = bin.positiveShare else { continue }
            let full = Int((happened * 40).rounded())
            let mark = min(39, Int((foretold * 40).rounded()))
            var cells = (0..<40).map { $0 < full ? "█" : "·" }
            cells[mark] = "|"
            let percents = [foretold, happened].map { Output.short($0 * 100, digits: 3) + " %" }
            Output.line(
                percents[0].padding(toLength: 9, withPad: " ", startingAt: 0) + "  "
                    + percents[1].padding(toLength: 9, withPad: " ", startingAt: 0) + cells.joined()
                    + "  \(bin.count)")
        }
    }
}
