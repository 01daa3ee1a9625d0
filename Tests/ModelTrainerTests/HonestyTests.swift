import ModelCore
import ModelForest
import ModelTrainer
import ModelTraining
import Testing

/// Nothing of the rows that a model is judged by may have reached it.
@Suite struct `A model is judged by what it has not seen` {
    /// Numbers without any bearing on the label.
    private func noise(
        rows: Int, columns: Int, each copies: Int = 1, grouped: Bool = false
    ) throws -> TrainingTable {
        var generator = SeededGenerator(seed: 7)
        var values: [Float] = []
        var labels: [Bool] = []
        var groups: [Int] = []
        for row in 0..<rows {
            let own = (0..<columns).map { _ in Float(generator.nextUnit()) }
            for _ in 0..<copies {
                values += own
                labels.append(row.isMultiple(of: 2))
                groups.append(row)
            }
        }
        return try TrainingTable(
            columns: (0..<columns).map { .init(name: "n\($0)") }, values: values, labels: labels,
            groups: grouped ? groups : nil)
    }

    private func auroc(
        _ table: TrainingTable, _ recipe: Recipe
    ) async throws -> Double {
        let folds = try Folds(table, count: 5, seed: 3)
        let validation = try await Trainer.crossValidate(table, recipe, folds: folds)
        return try #require(validation.pooled.calibrated.auroc)
    }

    @Test func `features are chosen by the other rows alone`() async throws {
        let table = try noise(rows: 60, columns: 500)
        let selection = Recipe.Selection(count: 5, score: .varianceRatio)
        let honest = try await auroc(
            table, Heart.recipe(SVMMethod(kernel: .linear, seed: 1), selection: selection))
        #expect(honest < 0.7)
        // What a choice by all rows would have pretended.
        let best = FeatureSelection.top(5, byImportance: FeatureSelection.varianceRatios(table))
        let pretended = try await auroc(
            try table.selecting(columns: best),
            Heart.recipe(SVMMethod(kernel: .linear, seed: 1)))
        #expect(pretended > 0.75)
    }

    @Test func `what was chosen does not make its own proof`() async throws {
        let table = try noise(rows: 60, columns: 3000)
        for method in [Heart.method("forest"), Heart.method("svm")] {
            let trained = try await Trainer.train(
                table,
                Heart.recipe(method, selection: .init(count: 8, score: .varianceRatio)))
            #expect(trained.manifest.features.count == 8)
            #expect(try #require(trained.unseen.uncalibrated.auroc) < 0.7)
        }
    }

    @Test(arguments: ["svm", "forest"])
    func `a patient is never on both sides`(kind: String) async throws {
        let recipe = Heart.recipe(Heart.method(kind))
        let parted = try await auroc(try noise(rows: 40, columns: 6, each: 4), recipe)
        #expect(parted > 0.9)
        let whole = try await auroc(
            try noise(rows: 40, columns: 6, each: 4, grouped: true), recipe)
        #expect(whole < 0.7)
    }

    @Test(arguments: Recipe.Selection.Score.allKnown)
    func `the chosen features are those that tell`(score: Recipe.Selection.Score) async throws {
        let table = try Heart.read().table
        let trained = try await Trainer.train(
            table, Heart.recipe(SVMMethod(seed: 1), selection: .init(count: 6, score: score)))
        let names = trained.manifest.features.map(\.name)
        #expect(names.count == 6)
        #expect(names.contains("thallium.normal") && names.contains("chest_pain.asymptomatic"))
        #expect(!names.contains("fasting_sugar_above_120"))
    }
}

extension Recipe.Selection.Score {
    static let allKnown: [Recipe.Selection.Score] = [.mutualInformation, .varianceRatio]
}
