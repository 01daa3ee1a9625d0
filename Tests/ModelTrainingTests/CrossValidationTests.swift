import ModelForest
import ModelTraining
import Testing

@Suite struct `Folds are tested in turn` {
    static let seed: UInt64 = 2012

    func table(_ count: Int, groups: Int? = nil, positive: Double = 0.2) throws -> TrainingTable {
        var generator = SeededGenerator(seed: Self.seed)
        let labels = (0..<count).map { _ in generator.nextUnit() < positive }
        let values = labels.map { Float(generator.nextUnit()) + ($0 ? 0.4 : 0) }
        return try TrainingTable(
            columns: [.init(name: "x")], values: values, labels: labels,
            groups: groups.map { bound in labels.map { _ in generator.next(below: bound) } })
    }

    @Test func `each fold has its share of positives`() throws {
        let table = try table(503)
        let folds = try Folds(table, count: 5, seed: 1)
        for fold in 0..<5 {
            let rows = folds.testRows(fold)
            #expect((100...101).contains(rows.count))
            let positives = rows.count { table.labels[$0] }
            #expect(abs(positives - table.positiveCount / 5) <= 1)
            #expect((rows + folds.trainingRows(fold)).sorted() == Array(0..<503))
        }
        #expect(try Folds(table, count: 5, seed: 1) == folds)
        #expect(try Folds(table, count: 5, seed: 2) != folds)
    }

    @Test func `no group is parted`() throws {
        let table = try table(600, groups: 70)
        let folds = try Folds(table, count: 4, seed: 1)
        var foldOfGroup: [Int: Int] = [:]
        for (group, fold) in zip(table.groups, folds.foldOfRow) {
            #expect(foldOfGroup[group, default: fold] == fold)
            foldOfGroup[group] = fold
        }
        let share = Double(table.positiveCount) / 600
        for fold in 0..<4 {
            let rows = folds.testRows(fold)
            #expect((120...180).contains(rows.count))
            let positives = Double(rows.count { table.labels[$0] })
            #expect(abs(positives / Double(rows.count) - share) < 0.05)
        }
    }

    @Test func `no fold is empty`() throws {
        let column = [TrainingTable.Column(name: "x")]
        let table = try TrainingTable(
            columns: column, values: [1, 2, 3, 4, 5], labels: [true, false, false, false, false])
        for seed in UInt64(0)..<20 {
            #expect(try Set(Folds(table, count: 5, seed: seed).foldOfRow).count == 5)
        }
        #expect(throws: TrainingError.badOption("6 folds of 5 groups")) {
            try Folds(table, count: 6, seed: 1)
        }
        #expect(throws: TrainingError.badOption("1 folds")) { try Folds(table, count: 1, seed: 1) }
    }

    @Test func `folds made elsewhere are proven`() throws {
        let table = try TrainingTable(
            columns: [.init(name: "x")], values: [1, 2, 3, 4],
            labels: [true, false, true, false], groups: [7, 7, 8, 9])
        #expect(try Folds(table, foldOfRow: [1, 1, 0, 1]).testRows(1) == [0, 1, 3])
        for wrong in [[0, 0, 1], [0, 0, 0, 0], [0, 0, 2, 2], [-1, -1, 0, 1], [0, 1, 0, 1]] {
            #expect(throws: TrainingError.self) { try Folds(table, foldOfRow: wrong) }
        }
    }

    @Test func `no row is scored by a model that has seen it`() async throws {
        let table = try table(200)
        let folds = try Folds(table, count: 4, seed: 3)
        var heard: [Int] = []
        let result = try await CrossValidation.run(table, folds: folds) { done in
            heard.append(done)
            return true
        } predict: { training, test -> [Double] in
            #expect(training.rowCount + test.rowCount == 200)
            #expect(Set(training.groups).isDisjoint(with: test.groups))
            return test.groups.map(Double.init)
        }
        #expect(heard == [1, 2, 3, 4])
        // Each score has come back to its row.
        #expect(result.scores == (0..<200).map(Double.init))
    }

    @Test func `a stopped run keeps the folds so far`() async throws {
        let table = try table(200)
        let folds = try Folds(table, count: 4, seed: 3)
        let result = try await CrossValidation.run(table, folds: folds) {
            $0 < 2
        } predict: { _, test -> [Double] in
            test.values.map { Double($0) }
        }
        #expect(result.foldsDone == 2)
        #expect(result.scores.count { $0.isNaN } == 100)
        #expect(try result.pooled().count == 100)
        let auroc = try #require(try result.overFolds(\.auroc))
        #expect(auroc.mean > 0.7 && auroc.deviation < 0.2)
    }

    @Test func `what goes wrong is said`() async throws {
        let table = try table(50)
        let folds = try Folds(table, count: 2, seed: 3)
        await #expect(throws: CrossValidationError<ForestError>.training(.oneClass)) {
            try await CrossValidation.run(table, folds: folds) {
                _, _ async throws(ForestError) -> [Double] in throw .oneClass
            }
        }
        await #expect(throws: CrossValidationError<Never>.scores(.counts("1 scores, 25 rows"))) {
            try await CrossValidation.run(table, folds: folds) { _, _ -> [Double] in [1] }
        }
    }

    @Test func `a forest is validated and calibrated`() async throws {
        let table = try table(600, positive: 0.3)
        let folds = try Folds(table, count: 3, seed: 3)
        let result = try await CrossValidation.run(table, folds: folds) {
            training, test async throws(ForestError) -> [Double] in
            let rows = try ForestRows(
                featureCount: training.columnCount, values: training.values,
                labels: training.labels)
            let forest = try await ForestTraining.grow(rows, ForestOptions(treeCount: 10, seed: 1))
            return try ForestScorer(forest.ensemble).scores(test.values)
        }
        let raw = try result.pooled()
        #expect(try #require(raw.auroc) > 0.7)
        let line = try LogisticLine(scaling: raw)
        let calibrated = try ScoredRows(
            scores: raw.scores.map(line.probability), labels: raw.labels)
        #expect(calibrated.auroc == raw.auroc)
        #expect(calibrated.expectedCalibrationError() < 0.7 * raw.expectedCalibrationError())
        #expect(calibrated.brierScore < raw.brierScore)
    }
}
