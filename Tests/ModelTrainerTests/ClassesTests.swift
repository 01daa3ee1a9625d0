import ModelCore
import ModelRoster
import ModelTrainer
import ModelTraining
import Testing
import TwinCore
import TwinTestKit

@Suite struct `Every kind learns several classes` {
    @Test(arguments: SampleClasses.kinds)
    func `in unseen folds, with probabilities that mean what they say`(
        kind: String
    ) async throws {
        let table = try SampleClasses.table()
        let judged = try await Trainer.crossValidateClasses(
            table, SampleClasses.recipe(kind), folds: try Folds(table, count: 5, seed: 42))
        let rows = judged.pooled.calibrated
        #expect(judged.byFold.count == 5 && rows.count == table.rowCount)
        #expect(rows.accuracy > 0.85)
        #expect(try #require(rows.meanAUROC) > 0.94)
        #expect(rows.expectedCalibrationError < 0.09)
        #expect(rows.confusion.joined().reduce(0, +) == table.rowCount)
        for row in rows.probabilities { #expect(abs(row.reduce(0, +) - 1) < 1e-6) }
    }

    @Test(arguments: SampleClasses.kinds)
    func `the artifact is what was trained, proves itself and explains`(
        kind: String
    ) async throws {
        let table = try SampleClasses.table()
        let split = try Holdout(table, share: 0.2, seed: 42)
        let holdout = try table.selecting(rows: split.testRows)
        let trained = try await Trainer.trainClasses(
            try table.selecting(rows: split.trainingRows), SampleClasses.recipe(kind),
            holdout: holdout)
        let loader = ModelRoster.loader()
        #expect(ModelContract.broken(bytes: trained.bytes, id: trained.id, loader: loader) == [])
        let model = try loader(trained.id, trained.bytes).get()
        #expect(model.manifest == trained.manifest && model.manifest.classes == SampleClasses.names)
        #expect(model.manifest.positiveClass == "severe" && model.positiveIndex == 2)
        let expected = try #require(trained.holdout).calibrated.probabilities
        for row in 0..<holdout.rowCount {
            let values = model.imputed(Array(holdout.row(row)))
            let scores = try model.scorer.score(values, count: 1)
            #expect(scores.count == 3)
            for (got, own) in zip(scores, expected[row]) { #expect(abs(Double(got) - own) < 1e-5) }
            guard row < 6 else { continue }
            let explanation = try model.explainer.explain(values)
            #expect(Proof.addsUp(explanation, to: Double(scores[2])))
            #expect(explanation.contributions.count == 5)
        }
    }

    @Test(
        .enabled(if: RuntimePeer.python() != nil, "no Python with ONNX Runtime"),
        arguments: SampleClasses.kinds)
    func `open in ONNX Runtime with the same answers`(kind: String) async throws {
        let table = try SampleClasses.table()
        let trained = try await Trainer.trainClasses(table, SampleClasses.recipe(kind))
        let model = try ModelRoster.loader()(trained.id, trained.bytes).get()
        let rows = (0..<60).map { Array(table.row($0)) }
        let answers = try #require(RuntimePeer.python()).answers(model: trained.bytes, rows: rows)
        #expect(answers.count == rows.count)
        for (row, answer) in zip(rows, answers) {
            let own = try model.scorer.score(model.imputed(row), count: 1)
            #expect(answer.scores.count == 3)
            for (got, own) in zip(answer.scores, own) { #expect(abs(got - own) < 1e-5) }
            let called = own.indices.reduce(0) { own[$1] > own[$0] ? $1 : $0 }
            #expect(answer.label == SampleClasses.names[called])
        }
    }

    @Test func `a forest and a network do with gaps in their own ways`() async throws {
        let table = try SampleClasses.table()
        for (kind, rule) in [
            ("forest", ImputationRule.none), ("network", .indicator), ("forest", .frequent),
            ("svm", .frequent),
        ] {
            let trained = try await Trainer.trainClasses(table, SampleClasses.recipe(kind, rule))
            let model = try ModelRoster.loader()(trained.id, trained.bytes).get()
            let row = [Float.nan, .nan, 41, .nan, .nan]
            #expect(try model.scorer.score(row, count: 1).allSatisfy(\.isFinite))
        }
        await #expect(throws: TrainerError.self) {
            try await Trainer.trainClasses(table, SampleClasses.recipe("forest", .indicator))
        }
    }

    @Test(arguments: SampleClasses.kinds)
    func `the same seed gives the same artifact`(kind: String) async throws {
        let table = try SampleClasses.table(rows: 120)
        let first = try await Trainer.trainClasses(table, SampleClasses.recipe(kind)).id
        #expect(try await Trainer.trainClasses(table, SampleClasses.recipe(kind)).id == first)
    }

    @Test func `a stop before anything is known leaves nothing, a later one the best so far`()
        async throws
    {
        let table = try SampleClasses.table(rows: 120)
        await #expect(throws: TrainerError.stopped) {
            try await Trainer.trainClasses(table, SampleClasses.recipe("svm")) { _ in false }
        }
        let forest = try await Trainer.trainClasses(table, SampleClasses.recipe("forest")) {
            $0 < 20
        }
        #expect(forest.wasStopped)
        let once = SampleClasses.method("network").stepCount
        let network = try await Trainer.trainClasses(table, SampleClasses.recipe("network")) {
            $0 <= once
        }
        #expect(network.wasStopped && network.unseen == nil)
        #expect(network.manifest.conformal == nil)
    }

    @Test func `a table of an event is none of classes`() async throws {
        let heart = try Heart.read().table
        await #expect(throws: TrainerError.self) {
            try await Trainer.trainClasses(heart, SampleClasses.recipe("forest"))
        }
    }
}

@Suite struct `Values beyond their bounds` {
    @Test(arguments: ["svm", "network"])
    func `are drawn in by the file as by the trainer`(kind: String) async throws {
        let table = try Heart.read().table
        var method = Heart.method(kind)
        if var own = method as? SVMMethod {
            own.tail = 0.05
            method = own
        } else if var own = method as? NetworkMethod {
            own.tail = 0.05
            method = own
        }
        let trained = try await Trainer.train(table, Heart.recipe(method), holdout: table)
        let model = try ModelRoster.loader()(trained.id, trained.bytes).get()
        let expected = try #require(trained.holdout).calibrated.scores
        var row = Array(table.row(0)).map { $0.isNaN ? 0 : $0 }
        for index in 0..<40 {
            let values = model.imputed(Array(table.row(index)))
            let score = try model.scorer.score(values, count: 1)[1]
            #expect(abs(Double(score) - expected[index]) < 1e-5)
        }
        // Twice as far beyond is the same.
        row[0] = 1e4
        let far = try model.scorer.score(row, count: 1)
        row[0] = 2e4
        #expect(try model.scorer.score(row, count: 1) == far)
        #expect(
            ModelContract.broken(
                bytes: trained.bytes, id: trained.id, loader: ModelRoster.loader()) == [])
    }
}
