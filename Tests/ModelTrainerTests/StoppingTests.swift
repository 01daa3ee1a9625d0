import ModelForest
import ModelTrainer
import ModelTraining
import Testing

@Suite struct `Whoever stops a training keeps the best so far` {
    /// The artifact of a training that is stopped once so many steps are done.
    private func stopped(_ recipe: Recipe, after steps: Int) async throws -> TrainedArtifact {
        try await Trainer.train(try Heart.read().table, recipe) { $0 < steps }
    }

    @Test func `a forest of fewer trees`() async throws {
        let trained = try await stopped(Heart.recipe(Heart.method("forest")), after: 40)
        #expect(trained.wasStopped)
        #expect(try #require(trained.unseen.calibrated.auroc) > 0.85)
    }

    @Test(arguments: ["svm", "network"], [1, 3, 6])
    func `a model without the folds that were not done`(kind: String, fold: Int) async throws {
        let recipe = Heart.recipe(Heart.method(kind))
        // One step into the fold after those that are done.
        let trained = try await stopped(
            recipe, after: (fold - 1) * recipe.method.stepCount + 1)
        #expect(trained.wasStopped)
        // The rows of the folds that were done, or of the first, at the least.
        #expect(trained.unseen.calibrated.count >= 303 / 5 * max(1, fold - 1))
        #expect(try #require(trained.unseen.calibrated.auroc) > (fold == 1 ? 0.5 : 0.8))
    }

    @Test func `the best setting that was tried`() async throws {
        let table = try Heart.read().table
        let recipe = Heart.recipe(SVMMethod(seed: 5))
        let (_, whole) = try await Trainer.search(table, recipe, settings: 6)
        #expect(whole.trials.count == 6 && !whole.wasStopped)
        let (chosen, part) = try await Trainer.search(table, recipe, settings: 6) { $0 < 3 }
        #expect(part.trials == Array(whole.trials.prefix(3)) && part.wasStopped)
        let best = try #require(part.best).setting
        #expect((chosen.method as? SVMMethod)?.cost == best["cost"])
        #expect(whole.best.map { $0.mean >= (part.best?.mean ?? 1) } == true)
    }

    @Test(arguments: ["forest", "svm"])
    func `a search is judged by rows that played no part in it`(kind: String) async throws {
        let table = try Heart.read().table
        var method = Heart.method(kind)
        if let forest = method as? ForestMethod {
            var options = forest.options
            options.treeCount = 40
            method = ForestMethod(options)
        }
        let nested = try await Trainer.nested(
            table, Heart.recipe(method), folds: try Folds(table, count: 3, seed: 1), settings: 2)
        #expect(nested.searches.count == 3 && nested.searches.allSatisfy { $0.trials.count == 2 })
        #expect(try #require(nested.validation.overFolds { $0.auroc }).mean > 0.84)
    }
}
