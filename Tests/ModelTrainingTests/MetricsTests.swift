import Foundation
import ModelCore
import ModelTraining
import Testing

@Suite struct `Scores are measured` {
    @Test func `as scikit-learn measures them`() throws {
        let rows = try TrainingFixture.scored()
        let reference = try TrainingFixture.reference()
        let threshold = ThresholdMetrics(rows, threshold: 0.4)
        let found: [String: Double?] = [
            "auroc": rows.auroc, "averagePrecision": rows.averagePrecision,
            "brier": rows.brierScore, "logLoss": rows.logLoss,
            "ece": rows.expectedCalibrationError(), "sensitivity": threshold.sensitivity,
            "specificity": threshold.specificity, "precision": threshold.positivePredictiveValue,
        ]
        for (name, value) in found {
            let value = try #require(value)
            let expected = try #require(reference[name])
            #expect(abs(value - expected) < 1e-12, "\(name)")
        }
    }

    @Test func `lines are fitted as scikit-learn fits them`() throws {
        let rows = try TrainingFixture.scored()
        let reference = try TrainingFixture.reference()
        let line = try rows.calibrationLine()
        let platt = try LogisticLine(scaling: rows)
        for (name, value) in [
            ("slope", line.slope), ("intercept", line.intercept), ("plattSlope", platt.slope),
            ("plattIntercept", platt.intercept),
        ] {
            let expected = try #require(reference[name])
            #expect(abs(value - expected) < 1e-4 * max(1, abs(expected)), "\(name) \(value)")
        }
    }

    @Test func `isotonic probabilities are those of scikit-learn`() throws {
        let isotonic = try IsotonicCalibration(TrainingFixture.scored())
        let points = try TrainingFixture.reference().filter { $0.key.hasPrefix("isotonic ") }
        #expect(points.count == 25)
        for (name, expected) in points {
            let score = try #require(Double(name.dropFirst("isotonic ".count)))
            #expect(abs(isotonic.probability(score) - expected) < 1e-9, "\(score)")
        }
        #expect(
            zip(isotonic.points, isotonic.points.dropFirst()).allSatisfy {
                $0.score < $1.score && $0.probability <= $1.probability
            })
    }

    @Test func `the interval is the bootstrap's`() throws {
        let rows = try TrainingFixture.scored()
        let reference = try TrainingFixture.reference()
        let interval = try rows.aurocInterval(samples: 1000, seed: 8)
        #expect(abs(interval.lowerBound - (try #require(reference["lower"]))) < 0.006)
        #expect(abs(interval.upperBound - (try #require(reference["upper"]))) < 0.006)
        #expect(try rows.aurocInterval(samples: 1000, seed: 8) == interval)
        let narrow = try rows.aurocInterval(level: 0.5, samples: 300, seed: 8)
        #expect(interval.lowerBound < narrow.lowerBound && narrow.upperBound < interval.upperBound)
    }

    @Test func `ties count half`() throws {
        let labels = [true, false, true, false]
        #expect(try ScoredRows(scores: [1, 1, 1, 1], labels: labels).auroc == 0.5)
        #expect(try ScoredRows(scores: [2, 1, 2, 1], labels: labels).auroc == 1)
        #expect(try ScoredRows(scores: [1, 2, 1, 2], labels: labels).auroc == 0)
        #expect(try ScoredRows(scores: [2, 1, 1, 0], labels: labels).auroc == 0.875)
        #expect(try ScoredRows(scores: [2, 1], labels: [true, true]).auroc == nil)
        #expect(try ScoredRows(scores: [2], labels: [false]).averagePrecision == nil)
    }

    @Test func `every threshold is looked at`() throws {
        let rows = try TrainingFixture.scored()
        let thresholds = rows.thresholds
        #expect(thresholds.count == Set(rows.scores).count)
        for metrics in thresholds {
            #expect(metrics == ThresholdMetrics(rows, threshold: metrics.threshold))
        }
        let best = try #require(rows.bestEvent1)
        #expect(thresholds.allSatisfy { $0.event1 <= best.event1 })
        #expect(best.event1 == min(best.sensitivity ?? 0, best.positivePredictiveValue ?? 0))
        let sensitive = try #require(rows.threshold(forSensitivity: 0.9))
        #expect(try #require(sensitive.sensitivity) >= 0.9)
        let none = ThresholdMetrics(rows, threshold: 2)
        #expect(none.positivePredictiveValue == nil && none.event1 == 0)
    }

    @Test func `the reliability table holds every row`() throws {
        let rows = try ScoredRows(
            scores: [-0.5, 0, 0.05, 0.95, 1, 1.5], labels: [false, false, true, true, true, true])
        let table = rows.reliability()
        #expect(table.map(\.count) == [3, 0, 0, 0, 0, 0, 0, 0, 0, 3])
        #expect(table[0].positiveShare == 1.0 / 3)
        #expect(table[1].meanScore == nil)
    }

    @Test func `what cannot be measured is refused`() throws {
        #expect(throws: TrainingError.noRows) { try ScoredRows(scores: [], labels: []) }
        #expect(throws: TrainingError.notFinite(row: 1)) {
            try ScoredRows(scores: [1, .nan], labels: [true, false])
        }
        #expect(throws: TrainingError.counts("1 scores, 2 labels")) {
            try ScoredRows(scores: [1], labels: [true, false])
        }
        let same = try ScoredRows(scores: [0.5, 0.5], labels: [true, false])
        #expect(throws: TrainingError.noSolution("all scores are the same")) {
            try LogisticLine(scaling: same)
        }
        let apart = try ScoredRows(
            scores: [0.1, 0.2, 0.8, 0.9], labels: [false, false, true, true])
        #expect(throws: TrainingError.noSolution("the classes are separated")) {
            try apart.calibrationLine()
        }
        #expect(try LogisticLine(scaling: apart).slope > 0)
        let one = try ScoredRows(scores: [0.1, 0.2], labels: [true, true])
        #expect(throws: TrainingError.oneClass) { try LogisticLine(scaling: one) }
        #expect(throws: TrainingError.oneClass) { try IsotonicCalibration(one) }
        #expect(throws: TrainingError.oneClass) { try one.aurocInterval(seed: 1) }
        #expect(throws: TrainingError.badOption("level 1.0")) {
            try same.aurocInterval(level: 1, seed: 1)
        }
    }

    @Test func `exponential and logarithm are right to the last places`() {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<20_000 {
            let x = generator.nextUnit() * 1453 - 744
            let power = Elementary.exp(x)
            #expect(abs(power - exp(x)) <= 4 * exp(x).ulp)
            let y = exp((generator.nextUnit() - 0.5) * 1400)
            #expect(abs(Elementary.log(y) - log(y)) <= 4 * log(y).ulp)
        }
        #expect(Elementary.exp(0) == 1 && Elementary.log(1) == 0)
        #expect(Elementary.exp(800) == .infinity && Elementary.exp(-800) == 0)
        #expect(Elementary.log(0) == -.infinity && Elementary.log(-1).isNaN)
        #expect(Elementary.exp(.nan).isNaN && Elementary.log(.infinity) == .infinity)
        #expect(Elementary.logistic(-800) == 0 && Elementary.logistic(800) == 1)
        #expect(abs(Elementary.logistic(Elementary.logit(0.3)) - 0.3) < 1e-15)
        #expect(Elementary.softplus(1000) == 1000 && Elementary.softplus(-1000) == 0)
    }
}
