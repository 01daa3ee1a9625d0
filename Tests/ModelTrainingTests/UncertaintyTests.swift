import ModelCore
import ModelTraining
import Testing

@Suite struct `A probability is sure of itself as it should be` {
    @Test func `by the temperature that scipy finds`() throws {
        let rows = try TrainingFixture.scored()
        let scaling = try TemperatureScaling(rows)
        let expected = try TrainingFixture.lines("selection_reference.csv")
            .first { $0[0] == "temperature" }.flatMap { Double($0[1]) }
        #expect(abs(scaling.temperature - (try #require(expected))) < 1e-6)
        let cooled = try ScoredRows(
            scores: rows.scores.map(scaling.probability), labels: rows.labels)
        #expect(cooled.logLoss < rows.logLoss)
        #expect(cooled.auroc == rows.auroc)
        #expect(scaling.probability(0.5) == 0.5)
        #expect((0.0...1).contains(scaling.probability(0)))
        #expect((0.0...1).contains(scaling.probability(1)))
    }

    @Test func `a model too sure by a factor is cooled by it`() throws {
        var generator = SeededGenerator(seed: 3)
        var (scores, labels): ([Double], [Bool]) = ([], [])
        for _ in 0..<4_000 {
            let odds = 4 * generator.nextUnit() - 2
            labels.append(generator.nextUnit() < Elementary.logistic(odds))
            scores.append(Elementary.logistic(3 * odds))
        }
        let scaling = try TemperatureScaling(ScoredRows(scores: scores, labels: labels))
        #expect(abs(scaling.temperature - 3) < 0.35)
    }

    @Test func `what has no temperature is refused`() throws {
        let one = try ScoredRows(scores: [0.1, 0.2], labels: [true, true])
        #expect(throws: TrainingError.oneClass) { try TemperatureScaling(one) }
        #expect(throws: TrainingError.oneClass) { try ClassConditionalConformal(one) }
        let wide = try ScoredRows(scores: [0.1, 2], labels: [true, false])
        #expect(throws: TrainingError.self) { try TemperatureScaling(wide) }
        #expect(throws: TrainingError.self) { try ClassConditionalConformal(wide) }
        let even = try ScoredRows(scores: [0.1, 0.2], labels: [true, false])
        for coverage in [0, 1, .nan] {
            #expect(throws: TrainingError.self) {
                try ClassConditionalConformal(even, coverage: coverage)
            }
        }
    }

    @Test func `the bounds are the ranks by hand`() throws {
        // Nine of each class: the rank of 80 % is 10 x 0.8 = 8.
        let negatives = (1...9).map { Double($0) / 100 }
        let positives = (1...9).map { 1 - Double($0) / 20 }
        let rows = try ScoredRows(
            scores: negatives + positives,
            labels: negatives.map { _ in false } + positives.map { _ in true })
        let conformal = try ClassConditionalConformal(rows, coverage: 0.8)
        #expect(conformal.negativeMisfitMax == 0.08)
        #expect(abs(conformal.positiveMisfitMax - 0.4) < 1e-12)
        #expect(conformal.answer(0.05) == .negative)
        #expect(conformal.answer(0.7) == .positive)
        #expect(conformal.answer(0.3) == .neither)
        let few = try ClassConditionalConformal(rows, coverage: 0.95)
        #expect(few.negativeMisfitMax == 1 && few.positiveMisfitMax == 1)
        #expect(few.answer(0.01) == .indeterminate)
    }

    @Test func `each class keeps its coverage, however rare it is`() throws {
        var generator = SeededGenerator(seed: 9)
        print("seed 9")
        func rows(_ count: Int) throws -> ScoredRows {
            let labels = (0..<count).map { _ in generator.nextUnit() < 0.1 }
            let scores = labels.map { label in
                let odds = (label ? 0.5 : -2) + 3 * (generator.nextUnit() - 0.5)
                return Elementary.logistic(odds)
            }
            return try ScoredRows(scores: scores, labels: labels)
        }
        let conformal = try ClassConditionalConformal(rows(4_000), coverage: 0.9)
        let test = try rows(20_000)
        for label in [false, true] {
            let own = zip(test.scores, test.labels).filter { $0.1 == label }.map {
                conformal.answer($0.0)
            }
            let kept = own.count { $0 == .indeterminate || $0 == (label ? .positive : .negative) }
            let share = Double(kept) / Double(own.count)
            #expect(abs(share - 0.9) < 0.03, "\(label): \(share)")
        }
    }
}

@Suite struct `A patient unlike all others is told` {
    func table(seed: UInt64, rows: Int = 500, shift: Float = 0) throws -> TrainingTable {
        var generator = SeededGenerator(seed: seed)
        let values = (0..<rows * 10).map { _ in
            generator.nextUnit() < 0.1 ? Float.nan : Float(generator.nextUnit()) + shift
        }
        return try TrainingTable(
            columns: (0..<10).map { .init(name: "f\($0)") }, values: values,
            labels: (0..<rows).map { $0 % 2 == 0 })
    }

    @Test func `by the share of features that nobody had so`() throws {
        let table = try TrainingTable(
            columns: ["a", "b", "c", "never"].map { .init(name: $0) },
            values: [0, 10, 5, .nan, 1, 20, 5, .nan, 2, .nan, 5, .nan, 1, 30, 5, .nan],
            labels: [true, false, true, false])
        let range = try TrainingRange(
            table, folds: Folds(table, foldOfRow: [0, 1, 0, 1]), flagged: 0)
        #expect(range.ranges == [0...2, 10...30, 5...5, nil])
        // Of rows 0 to 3, by the ranges of the other fold: 1...1, 20...30, 5...5 and
        // 0...2, 10...10, 5...5.
        #expect(abs(range.outsideShareMax - 2.0 / 3) < 1e-12)
        #expect(range.outsideShare(of: [1, 15, 5, .nan]) == 0)
        #expect(range.outsideShare(of: [3, 15, .nan, .nan]) == 0.5)
        #expect(range.outsideShare(of: [.nan, .nan, .nan, .nan]) == 0)
        #expect(range.outsideShare(of: [.nan, .nan, .nan, 1]) == 1)
        #expect(range.isOutOfDistribution([3, 31, 6, .nan]))
        #expect(!range.isOutOfDistribution([3, 31, 5, .nan]))
        #expect(throws: TrainingError.self) {
            try TrainingRange(table, folds: Folds(table, count: 2, seed: 1), flagged: 1)
        }
    }

    @Test func `ranges leave out the tails`() throws {
        let table = try TrainingTable(
            columns: [.init(name: "a")], values: (0...1000).reversed().map { Float($0) },
            labels: (0...1000).map { $0 % 2 == 0 })
        let folds = try Folds(table, count: 5, seed: 1)
        #expect(try TrainingRange(table, folds: folds, tail: 0.005).ranges == [5...995])
        #expect(try TrainingRange(table, folds: folds, tail: 0.005).outsideShareMax == 0)
        #expect(try TrainingRange(table, folds: folds).ranges == [0...1000])
        let few = try table.selecting(rows: Array(0..<100))
        let range = try TrainingRange(few, folds: Folds(few, count: 2, seed: 1), tail: 0.005)
        #expect(range.ranges == [901...1000])
        #expect(throws: TrainingError.self) { try TrainingRange(table, folds: folds, tail: 0.5) }
    }

    @Test func `like ones are not, and unlike ones are`() throws {
        let table = try table(seed: 1)
        let range = try TrainingRange(table, folds: Folds(table, count: 5, seed: 1))
        func flagged(_ others: TrainingTable) -> Int {
            others.labels.indices.count { range.isOutOfDistribution(Array(others.row($0))) }
        }
        #expect(flagged(try self.table(seed: 2)) <= 15)
        #expect(flagged(try self.table(seed: 3, shift: 0.5)) >= 450)
    }
}
