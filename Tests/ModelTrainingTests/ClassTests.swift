import ModelTraining
import Testing

struct ClassTests {
    @Test func `folds and holdouts keep the share of each class`() throws {
        let classes = (0..<200).map { $0 < 120 ? 0 : $0 < 170 ? 1 : 2 }
        let table = try TrainingTable(
            columns: [.init(name: "x")], values: classes.map { Float($0) }, classes: classes,
            classCount: 3)
        let folds = try Folds(table, count: 5, seed: 3)
        for fold in 0..<5 {
            let own = try table.selecting(rows: folds.testRows(fold)).classes
            #expect([24, 10, 6] == (0..<3).map { kind in own.count { $0 == kind } })
        }
        let holdout = try Holdout(table, share: 0.1, seed: 3)
        let aside = try table.selecting(rows: holdout.testRows).classes
        #expect([12, 5, 3] == (0..<3).map { kind in aside.count { $0 == kind } })
        #expect(table.labels.allSatisfy { !$0 } && table.classCount == 3)
    }

    @Test func `figures of several classes are those worked out by hand`() throws {
        let rows = try ScoredClasses(
            probabilities: [[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.5, 0.3, 0.2], [0, 0, 1]],
            classes: [0, 1, 2, 2], classCount: 3)
        #expect(rows.accuracy == 0.75)
        #expect(rows.confusion == [[1, 0, 0], [0, 1, 0], [1, 0, 1]])
        let brier = 0.415
        #expect(abs(rows.brierScore - brier) < 1e-12)
        #expect(abs(rows.logLoss - 0.72063) < 1e-4)
        // The first two classes stand above all others; of the last one pair of four is wrong.
        let area = try #require(rows.meanAUROC)
        #expect(abs(area - 2.75 / 3) < 1e-12)
        #expect(rows.misfitMax(coverage: 0.9) == [1, 1, 1])
        #expect(rows.misfitMax(coverage: 0.5)[2] == 0.8)
    }

    @Test func `a softmax line finds the temperature and shifts that made the rows`() throws {
        let truth = SoftmaxLine(slope: 0.5, shifts: [0, 0.7, -0.4])
        var random = SeededGenerator(seed: 5)
        var (raw, classes): ([[Double]], [Int]) = ([], [])
        for _ in 0..<8_000 {
            let row = (0..<3).map { _ in random.nextUnit() * 8 - 4 }
            var left = random.nextUnit()
            let own = truth.probabilities(row).firstIndex {
                left -= $0; return left < 0
            }
            raw.append(row)
            classes.append(own ?? 2)
        }
        let line = try SoftmaxLine(fitting: raw, to: classes, classCount: 3)
        #expect(abs(line.slope - 0.5) < 0.03)
        #expect(zip(line.shifts, truth.shifts).allSatisfy { abs($0 - $1) < 0.1 })
        // Classes that are told apart without doubt have a line too.
        let apart = try SoftmaxLine(
            fitting: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], to: [0, 1, 2], classCount: 3)
        #expect(apart.slope > 0 && apart.slope.isFinite)
        #expect(throws: TrainingError.self) {
            try SoftmaxLine(
                fitting: [[-4, 0, 0], [0, -4, 0], [0, 0, -4]], to: [0, 1, 2],
                classCount: 3)
        }
    }

    @Test func `chance alone explains the error of probabilities that are right`() throws {
        var random = SeededGenerator(seed: 11)
        let scores = (0..<500).map { _ in random.nextUnit() }
        let right = try ScoredRows(
            scores: scores, labels: scores.map { random.nextUnit() < $0 })
        let chance = right.chanceCalibrationError(seed: 1)
        #expect(chance > 0.02 && chance < 0.06)
        #expect(right.expectedCalibrationError() < 2 * chance)
        let wrong = try ScoredRows(
            scores: scores.map { $0 * $0 }, labels: scores.map { random.nextUnit() < $0 })
        #expect(wrong.expectedCalibrationError() > 3 * chance)
    }

    @Test func `a star in a name stands for anything`() {
        let cases: [(String, String, Bool)] = [
            ("*_1h", "lactate.max_1h", true), ("*_1h", "lactate.max_1h_", false),
            ("lactate*", "lactate.max_1h", true), ("lactate", "lactate.max", false),
            ("*.sd_*", "a.sd_6h", true), ("*.sd_*", "a.sum_6h", false), ("*", "", true),
            ("a*a", "a", false), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxcyyb", false),
        ]
        for (pattern, name, fits) in cases {
            #expect(NamePattern(pattern).matches(name) == fits, "\(pattern) \(name)")
        }
    }

    @Test func `bounds leave the tails out, and values beyond are drawn in`() throws {
        let table = try TrainingTable(
            columns: [.init(name: "x")], values: (0..<101).map { Float($0) } + [.nan],
            labels: (0..<102).map { $0 % 2 == 0 })
        let bounds = table.bounds(tail: 0.05)
        #expect(bounds == [5...95])
        let within = table.within([5...95]).values
        #expect(within[0] == 5 && within[100] == 95 && within[50] == 50 && within[101].isNaN)
    }
}
