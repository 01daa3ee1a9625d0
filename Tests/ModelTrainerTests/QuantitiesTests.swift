import ModelCore
import ModelRoster
import ModelSVM
import ModelTrainer
import ModelTraining
import Testing
import TwinCore
import TwinTestKit

@Suite struct `Every kind learns a quantity` {
    @Test(arguments: SampleQuantities.kinds)
    func `in unseen folds, and its interval holds the truth as often as it says`(
        kind: String
    ) async throws {
        let table = try SampleQuantities.table()
        let judged = try await Trainer.crossValidateQuantity(
            table, SampleQuantities.recipe(kind), folds: try Folds(table, count: 5, seed: 42))
        #expect(judged.byFold.count == 5 && judged.pooled.count == table.rowCount)
        #expect(try #require(judged.pooled.determination) > (kind == "linear" ? 0.7 : 0.75))
        let bias = try #require(judged.pooled.agreement).bias
        #expect(abs(bias) < judged.pooled.rootMeanSquare / 3)
        let trained = try await Trainer.trainQuantity(
            table, SampleQuantities.recipe(kind),
            holdout: try SampleQuantities.table(rows: 1000, seed: 12))
        let residual = try #require(trained.manifest.quantity?.residual)
        #expect(residual.coverage == 0.9)
        let held = try #require(trained.holdout).coverage(within: residual.sizeMax)
        #expect((0.84...0.96).contains(held), "\(held)")
    }

    @Test(arguments: SampleQuantities.kinds)
    func `the artifact is what was trained, proves itself and explains in its unit`(
        kind: String
    ) async throws {
        let table = try SampleQuantities.table()
        let split = try Holdout(table, share: 0.2, seed: 42)
        let holdout = try table.selecting(rows: split.testRows)
        let trained = try await Trainer.trainQuantity(
            try table.selecting(rows: split.trainingRows), SampleQuantities.recipe(kind),
            holdout: holdout)
        let loader = ModelRoster.loader()
        #expect(ModelContract.broken(bytes: trained.bytes, id: trained.id, loader: loader) == [])
        let model = try loader(trained.id, trained.bytes).get()
        #expect(model.manifest == trained.manifest && model.scorer.classCount == 1)
        #expect(model.manifest.quantity?.unit == "mg/dL" && model.manifest.classes.isEmpty)
        let expected = try #require(trained.holdout).answers
        for row in 0..<holdout.rowCount {
            let values = model.imputed(Array(holdout.row(row)))
            let answer = Double(try model.scorer.score(values, count: 1)[0])
            #expect(abs(answer - expected[row]) < 1e-5 * max(1, abs(answer)))
            guard row < 6 else { continue }
            let explanation = try model.explainer.explain(values)
            #expect(abs(explanation.rawScore - answer) < 1e-3 * model.manifest.answerSize)
            #expect(explanation.link == .identity && explanation.contributions.count == 4)
            let method: AttributionMethod =
                switch kind {
                case "svm": .sampled
                case "linear": .linear
                case "network": .integratedGradients
                default: .treePaths
                }
            #expect(explanation.method == method)
        }
    }

    @Test(
        .enabled(if: RuntimePeer.python() != nil, "no Python with ONNX Runtime"),
        arguments: SampleQuantities.kinds)
    func `open in ONNX Runtime with the same answers`(kind: String) async throws {
        let table = try SampleQuantities.table()
        let trained = try await Trainer.trainQuantity(table, SampleQuantities.recipe(kind))
        let model = try ModelRoster.loader()(trained.id, trained.bytes).get()
        let rows = (0..<60).map { Array(table.row($0)) }
        let answers = try #require(RuntimePeer.python()).answers(model: trained.bytes, rows: rows)
        #expect(answers.count == rows.count)
        for (row, answer) in zip(rows, answers) {
            let own = try model.scorer.score(model.imputed(row), count: 1)[0]
            #expect(answer.label == "estimate" && answer.scores.count == 1)
            #expect(abs(answer.scores[0] - own) < 1e-5 * max(1, abs(own)))
        }
    }

    @Test func `an assessment carries the estimate, and abstains where there can be none`()
        async throws
    {
        let table = try SampleQuantities.table()
        let trained = try await Trainer.trainQuantity(table, SampleQuantities.recipe("linear"))
        let model = try ModelRoster.loader()(trained.id, trained.bytes).get()
        func assess(_ creatinine: Double) -> Assessment {
            let set = FeatureSet(
                modality: .vitals, version: "1", revision: 1, referenceTime: nil,
                features: [
                    Feature(name: "age", value: 60, unit: ""),
                    Feature(name: "creatinine", value: creatinine, unit: ""),
                    Feature(name: "nothing", value: 0, unit: ""),
                    Feature(name: "urine", value: 60, unit: ""),
                ])
            return Assessor().assess([set], revision: 1, with: model)
        }
        let usual = assess(1)
        let estimate = try #require(usual.estimate)
        let interval = try #require(estimate.interval)
        let residual = try #require(model.manifest.quantity?.residual)
        #expect(estimate.unit == "mg/dL" && interval.coverage == 0.9)
        #expect(abs(interval.high - estimate.value - residual.sizeMax) < 1e-9)
        #expect(usual.band == nil && usual.recommendations.isEmpty)
        let sum = usual.reasons.reduce(usual.baseline + usual.remainder) { $0 + $1.contribution }
        #expect(abs(sum - estimate.value) < 1e-3 * estimate.value)
        // Ten times as much was never seen, and would be answered with what no patient had.
        guard case .indeterminate = assess(40).verdict else {
            Issue.record("an answer beyond the quantity's range")
            return
        }
    }

    @Test func `gaps, and what is drawn in, are the file's own doing`() async throws {
        let table = try SampleQuantities.table()
        for (kind, rule) in [("forest", ImputationRule.none), ("network", .indicator)] {
            let trained = try await Trainer.trainQuantity(
                table, SampleQuantities.recipe(kind, rule))
            let model = try ModelRoster.loader()(trained.id, trained.bytes).get()
            let answer = try model.scorer.score([.nan, 60, .nan, .nan], count: 1)[0]
            #expect(answer.isFinite && (100...400).contains(answer))
        }
    }

    @Test(arguments: SampleQuantities.kinds)
    func `the same seed gives the same artifact`(kind: String) async throws {
        let table = try SampleQuantities.table(rows: 120)
        let first = try await Trainer.trainQuantity(table, SampleQuantities.recipe(kind)).id
        #expect(
            try await Trainer.trainQuantity(table, SampleQuantities.recipe(kind)).id == first)
    }

    @Test func `a stop keeps the best so far`() async throws {
        let table = try SampleQuantities.table(rows: 120)
        let forest = try await Trainer.trainQuantity(table, SampleQuantities.recipe("forest")) {
            $0 < 20
        }
        #expect(forest.wasStopped && forest.unseen != nil)
        let once = SampleQuantities.method("network").stepCount
        let network = try await Trainer.trainQuantity(
            table, SampleQuantities.recipe("network")
        ) { $0 <= once }
        #expect(network.wasStopped && network.unseen == nil)
        #expect(network.manifest.quantity?.residual == nil)
    }

    @Test func `what is no quantity is refused`() async throws {
        let table = try SampleQuantities.table(rows: 60)
        await #expect(throws: TrainerError.self) {
            try await Trainer.trainQuantity(table, SampleQuantities.recipe("forest", unit: nil))
        }
        let heart = try Heart.read().table
        await #expect(throws: TrainerError.self) {
            try await Trainer.trainQuantity(heart, SampleQuantities.recipe("forest"))
        }
        let same = try TrainingTable(
            columns: table.columns, values: table.values,
            quantities: table.quantities.map { _ in 3 })
        for kind in SampleQuantities.kinds {
            await #expect(throws: TrainerError.self) {
                try await Trainer.trainQuantity(same, SampleQuantities.recipe(kind))
            }
        }
        var weighted = SVMMethod(seed: 1)
        weighted.classWeights = .balanced
        var recipe = SampleQuantities.recipe("svm")
        recipe.method = weighted
        await #expect(throws: TrainerError.self) {
            try await Trainer.trainQuantity(table, recipe)
        }
    }
}

@Suite struct `Settings and features are chosen whatever is told` {
    @Test func `a search finds a better machine for a quantity`() async throws {
        let table = try SampleQuantities.table()
        var poor = SampleQuantities.recipe("svm")
        poor.method = SVMMethod(cost: 0.01, gamma: .scaled(0.01), seed: 42)
        let (chosen, search) = try await Trainer.search(table, poor, settings: 8)
        #expect(search.trials.count == 8 && search.best?.mean ?? -.infinity < 0)
        let folds = try Folds(table, count: 5, seed: 1)
        let before = try await Trainer.crossValidateQuantity(table, poor, folds: folds).pooled
        let after = try await Trainer.crossValidateQuantity(table, chosen, folds: folds).pooled
        #expect(after.rootMeanSquare < 0.8 * before.rootMeanSquare)
    }

    @Test func `a search is judged by folds that played no part in it`() async throws {
        let table = try SampleClasses.table(rows: 150)
        var told: [Int] = []
        let judged = try await Trainer.crossValidateClasses(
            table, SampleClasses.recipe("svm"), folds: try Folds(table, count: 3, seed: 1),
            settings: 4
        ) {
            told.append($0)
            return true
        }
        #expect(judged.pooled.calibrated.count == 150 && judged.byFold.count == 3)
        #expect(try #require(judged.pooled.calibrated.meanAUROC) > 0.9)
        #expect(told == told.sorted() && told.last == 12)
    }

    @Test(arguments: Recipe.Selection.Score.allCases)
    func `what says nothing is left out`(score: Recipe.Selection.Score) async throws {
        var quantity = SampleQuantities.recipe("forest")
        quantity.selection = .init(count: 3, score: score)
        let told = try await Trainer.trainQuantity(
            try SampleQuantities.table(rows: 200), quantity)
        #expect(told.manifest.features.map(\.name) == ["creatinine", "urine", "age"])
        #expect(told.manifest.card.metrics.contains { $0.name == "rmse_out_of_fold" })
        var classes = SampleClasses.recipe("forest")
        classes.selection = .init(count: 4, score: score)
        let trained = try await Trainer.trainClasses(
            try SampleClasses.table(rows: 200), classes)
        #expect(!trained.manifest.features.contains { $0.name == "nothing" })
    }

    @Test func `what a feature is worth is told in what the model tells`() async throws {
        let table = try SampleQuantities.table()
        let weights = try await Trainer.permutationImportances(
            table, SampleQuantities.recipe("forest"), folds: try Folds(table, count: 5, seed: 1),
            seed: 1)
        let byName = Dictionary(uniqueKeysWithValues: weights.map { ($0.feature, $0.importance) })
        #expect(try #require(byName["creatinine"]).mean > 10)
        #expect(abs(try #require(byName["nothing"]).mean) < 3)
        let classes = try SampleClasses.table()
        let others = try await Trainer.permutationImportances(
            classes, SampleClasses.recipe("forest"),
            folds: try Folds(classes, count: 5, seed: 1), seed: 1)
        #expect(
            others.first { $0.feature == "nothing" }.map { abs($0.importance.mean) < 0.02 } == true)
        #expect(others.contains { $0.importance.mean > 0.02 })
    }
}
