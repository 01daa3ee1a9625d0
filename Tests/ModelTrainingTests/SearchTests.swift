import ModelTraining
import Testing

@Suite struct `Hyper-parameters are searched` {
    func table(_ count: Int = 120, groups: Int = 30) throws -> TrainingTable {
        var generator = SeededGenerator(seed: 5)
        let labels = (0..<count).map { _ in generator.next(below: 2) == 0 }
        return try TrainingTable(
            columns: [.init(name: "x")],
            values: labels.map { Float(generator.nextUnit()) + ($0 ? 0.5 : 0) }, labels: labels,
            groups: labels.map { _ in generator.next(below: groups) })
    }

    /// Best where `knob` is 3: further away the scores drown in noise.
    func predict(_ setting: Setting, _ test: TrainingTable) -> [Double] {
        var generator = SeededGenerator(seed: 6)
        let noise = abs((setting["knob"] ?? 0) - 3)
        return test.values.map { Double($0) + noise * generator.nextUnit() }
    }

    @Test func `on a grid and at random`() throws {
        let space = try SearchSpace([
            "rate": .logarithmic(1e-4...1e-2), "width": .choices([16, 64]), "drop": .range(0...0.5),
        ])
        let grid = try space.grid(steps: 3)
        #expect(grid.count == 18)
        #expect(Set(grid).count == 18)
        #expect(Set(grid.compactMap { $0["drop"] }) == [0, 0.25, 0.5])
        let rates = Set(grid.compactMap { $0["rate"] }).sorted()
        for (rate, expected) in zip(rates, [1e-4, 1e-3, 1e-2]) {
            #expect(abs(rate / expected - 1) < 1e-12)
        }
        let random = try space.drawn(count: 200, seed: 1)
        #expect(try space.drawn(count: 200, seed: 1) == random)
        #expect(try space.drawn(count: 200, seed: 2) != random)
        for setting in random {
            #expect((1e-4...1e-2).contains(try #require(setting["rate"])))
            #expect([16, 64].contains(try #require(setting["width"])))
            #expect((0...0.5).contains(try #require(setting["drop"])))
        }
        // Even by the logarithm: half of the rates are below the middle one.
        let low = random.count { ($0["rate"] ?? 0) < 1e-3 }
        #expect((70...130).contains(low))
    }

    @Test(arguments: [
        [:], ["a": SearchSpace.Values.choices([])], ["a": .choices([.nan])],
        ["a": .logarithmic(0...1)], ["a": .range(0...(.infinity))],
    ])
    func `no nonsense`(axes: [String: SearchSpace.Values]) {
        #expect(throws: TrainingError.self) { try SearchSpace(axes) }
    }

    @Test func `without end is refused`() throws {
        let axes = Dictionary(
            uniqueKeysWithValues: (0..<30).map { ("\($0)", SearchSpace.Values.range(0...1)) })
        let space = try SearchSpace(axes)
        #expect(throws: TrainingError.self) { try space.grid(steps: 5) }
        #expect(throws: TrainingError.self) { try space.grid(steps: 1) }
        #expect(throws: TrainingError.self) { try space.drawn(count: 0, seed: 1) }
    }

    @Test func `for the best by cross-validation`() async throws {
        let table = try table()
        let folds = try Folds(table, count: 4, seed: 1)
        let settings = try SearchSpace(["knob": .choices([0, 1, 2, 3, 4, 5])]).grid()
        var heard: [Int] = []
        let search = try await HyperparameterSearch.run(
            table, folds: folds, settings: settings,
            progress: { so in
                heard.append(so.trials.count)
                return true
            }
        ) { (setting, _, test) async throws(TrainingError) in predict(setting, test) }
        #expect(search.best?.setting == ["knob": 3])
        #expect(heard == [1, 2, 3, 4, 5, 6])
        #expect(!search.wasStopped)
        let validation = try await CrossValidation.run(table, folds: folds) {
            (_, test) async throws(TrainingError) in predict(["knob": 3], test)
        }
        #expect(search.best?.mean == (try validation.overFolds { $0.auroc }?.mean))
    }

    @Test func `until it is stopped, and the best so far is kept`() async throws {
        let table = try table()
        let settings = try SearchSpace(["knob": .choices([9, 2, 3])]).grid()
        let search = try await HyperparameterSearch.run(
            table, folds: Folds(table, count: 3, seed: 1), settings: settings,
            progress: { $0.trials.count < 2 }
        ) { (setting, _, test) async throws(TrainingError) in predict(setting, test) }
        #expect(search.trials.count == 2 && search.wasStopped)
        #expect(search.best?.setting == ["knob": 2])
    }

    @Test func `within the training rows alone, and no group is parted`() async throws {
        let table = try table()
        let folds = try Folds(table, count: 3, seed: 1)
        var outer: [Set<Int>] = []
        let nested = try await NestedValidation.run(
            table, folds: folds, innerCount: 3,
            settings: SearchSpace(["knob": .choices([0, 3])]).grid(), seed: 2
        ) { (setting, training, test) async throws(TrainingError) in
            #expect(Set(training.groups).isDisjoint(with: test.groups))
            // The last call of a fold learns from all rows outside of it.
            if training.rowCount + test.rowCount == table.rowCount {
                outer.append(Set(test.groups))
            } else {
                let fold = outer.count
                let tested = Set(folds.testRows(fold).map { table.groups[$0] })
                #expect(tested.isDisjoint(with: training.groups))
                #expect(tested.isDisjoint(with: test.groups))
            }
            return predict(setting, test)
        }
        #expect(outer.count == 3 && nested.searches.count == 3)
        #expect(nested.searches.allSatisfy { $0.best?.setting == ["knob": 3] })
        #expect(nested.validation.foldsDone == 3)
        #expect(try nested.validation.pooled().count == table.rowCount)
    }

    @Test func `of which a stopped fold is the last`() async throws {
        let table = try table()
        let nested = try await NestedValidation.run(
            table, folds: Folds(table, count: 3, seed: 1), innerCount: 2,
            settings: SearchSpace(["knob": .choices([0, 3, 4])]).grid(), seed: 2,
            progress: { fold, search in fold == 0 || search.trials.count < 2 }
        ) { (setting, _, test) async throws(TrainingError) in predict(setting, test) }
        #expect(nested.validation.foldsDone == 2)
        #expect(nested.searches.map(\.trials.count) == [3, 2])
    }
}
