import ModelCore
import ModelRoster
import ModelSVM
import ModelTrainer
import ModelTraining
import Testing
import TwinCore
import TwinTestKit

@Suite struct `Every kind learns who has heart disease` {
    @Test func `the table has 303 patients, as published`() throws {
        let read = try Heart.read()
        #expect(read.table.rowCount == 303 && read.table.positiveCount == 139)
        #expect(read.table.columnCount == 22)
        #expect(read.table.columns[7] == .init(name: "cholesterol", unit: "mg/dL"))
        #expect(read.table.values.count { $0.isNaN } == 10)
    }

    @Test(arguments: Heart.kinds)
    func `in unseen folds, with probabilities that mean what they say`(kind: String) async throws {
        let table = try Heart.read().table
        let validation = try await Trainer.crossValidate(
            table, Heart.recipe(Heart.method(kind)),
            folds: try Folds(table, count: 5, seed: 42))
        let evaluation = try Evaluation(validation.pooled.calibrated, seed: 1)
        // Published models of these rows lie between 0.78 and 0.84.
        #expect(evaluation.accuracy > 0.79)
        #expect(evaluation.auroc > 0.87)
        #expect(evaluation.brierScore < 0.145)
        #expect(evaluation.logLoss < 0.46)
        #expect(evaluation.expectedCalibrationError < 0.08)
        #expect(validation.byFold.count == 5)
        #expect(validation.byFold.reduce(0) { $0 + $1.calibrated.count } == 303)
    }

    @Test(arguments: Heart.kinds, [ImputationRule.median, .mean])
    func `the artifact is what was trained`(
        kind: String, imputation: ImputationRule
    ) async throws {
        try await check(Heart.recipe(Heart.method(kind), imputation))
    }

    @Test(arguments: ["svm", "network"])
    func `the artifact of indicators is what was trained`(kind: String) async throws {
        try await check(Heart.recipe(Heart.method(kind), .indicator))
    }

    @Test func `a forest does with gaps, the others say what they need`() async throws {
        try await check(Heart.recipe(Heart.method("forest"), .none))
        let table = try Heart.read().table
        for kind in ["svm", "network"] {
            await #expect(throws: TrainerError.self) {
                try await Trainer.train(table, Heart.recipe(Heart.method(kind), .none))
            }
        }
    }

    @Test(arguments: [
        SVMMethod.Kernel.linear, .polynomial(degree: 2), .polynomial(degree: 3), .sigmoid,
    ])
    func `every kernel is written and served`(kernel: SVMMethod.Kernel) async throws {
        try await check(
            Heart.recipe(SVMMethod(kernel: kernel, classWeights: .balanced, seed: 42)))
    }

    /// The artifact loads, keeps the contract, explains itself, and says of unseen rows what the
    /// trainer says.
    private func check(_ recipe: Recipe) async throws {
        let table = try Heart.read().table
        let split = try Holdout(table, share: 0.2, seed: 42)
        let holdout = try table.selecting(rows: split.testRows)
        let trained = try await Trainer.train(
            try table.selecting(rows: split.trainingRows), recipe, holdout: holdout)
        let loader = ModelRoster.loader()
        #expect(ModelContract.broken(bytes: trained.bytes, id: trained.id, loader: loader) == [])
        let model = try loader(trained.id, trained.bytes).get()
        #expect(model.manifest == trained.manifest)
        #expect(model.manifest.kind == recipe.method.kind)
        #expect(model.manifest.card.trainingRowCount == split.trainingRows.count)
        let names = Set(model.manifest.card.metrics.map(\.name))
        #expect(names.isSuperset(of: ["accuracy_holdout", "auroc_holdout", "prevalence"]))
        let reference = try #require(model.manifest.reference)
        #expect(
            reference.isSound
                && reference.features.map(\.name) == model.manifest.features.map(\.name))
        let count = UInt64(split.trainingRows.count)
        for bins in reference.features.map(\.bins) + [try #require(reference.scores)] {
            #expect(bins.counts.reduce(bins.missingCount, +) == count)
        }
        let columns = model.manifest.features.compactMap { feature in
            holdout.columns.firstIndex { $0.name == feature.name }
        }
        let rows = try holdout.selecting(columns: columns)
        let expected = try #require(trained.holdout).calibrated.scores
        for row in rows.labels.indices {
            let values = model.imputed(Array(rows.row(row)))
            let score = Double(try model.scorer.score(values, count: 1)[1])
            let probability = model.manifest.calibration.probability(ofScore: score)
            #expect(abs(probability - expected[row]) < 1e-5)
            guard row < 6 else { continue }
            #expect(Proof.addsUp(try model.explainer.explain(values), to: score))
        }
    }

    @Test(arguments: Heart.kinds)
    func `the same seed gives the same artifact, another seed another`(
        kind: String
    ) async throws {
        let table = try Heart.read().table
        func id(_ seed: UInt64) async throws -> String {
            try await Trainer.train(table, Heart.recipe(Heart.method(kind, seed: seed))).id.hex
        }
        let first = try await id(42)
        #expect(try await id(42) == first)
        #expect(try await id(43) != first)
    }

    @Test func `calibration brings a machine's and a forest's error down`() async throws {
        let table = try Heart.read().table
        for kind in ["svm", "forest"] {
            let validation = try await Trainer.crossValidate(
                table, Heart.recipe(Heart.method(kind)),
                folds: try Folds(table, count: 5, seed: 42))
            let before = validation.pooled.uncalibrated.expectedCalibrationError()
            #expect(validation.pooled.calibrated.expectedCalibrationError() < before, "\(kind)")
        }
    }
}
