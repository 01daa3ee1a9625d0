import ModelCore
public import ModelTraining

extension Trainer {
    /// What each feature is worth to a model: how much worse its answers are, on the rows of the
    /// first fold, which it has not seen, when the feature is dealt out anew.
    ///
    /// By how much the area under the ROC curve falls, its mean over several classes, or by how
    /// much the root of the mean squared error of a quantity rises. Of any kind of model; features
    /// that do not matter have values around 0. Breiman, Random Forests, Machine Learning
    /// 2001;45:5.
    public static func permutationImportances(
        _ table: TrainingTable, _ recipe: Recipe, folds: Folds, repeats: Int = 2, seed: UInt64,
        progress: (_ columnsDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> [(feature: String, importance: PermutationImportance)] {
        let training: TrainingTable
        let test: TrainingTable
        do throws(TrainingError) {
            training = try table.selecting(rows: folds.trainingRows(0))
            test = try table.selecting(rows: folds.testRows(0))
        } catch { throw .table(error.description) }
        let value = try await measure(of: recipe, learntFrom: training)
        do throws(CrossValidationError<TrainerError>) {
            let importances = try await PermutationImportance.all(
                test, repeats: repeats, seed: seed, progress: progress
            ) { (dealt) async throws(CrossValidationError<TrainerError>) -> Double in
                let found: Double?
                do throws(TrainerError) { found = try value(dealt) } catch {
                    throw .training(error)
                }
                guard let found else { throw .scores(.oneClass) }
                return found
            }
            return zip(table.columns, importances).map { ($0.name, $1) }
        } catch { throw plain(error) }
    }

    /// How good a model of some rows is on others, the greater the better; nil where that can't be
    /// said.
    private static func measure(
        of recipe: Recipe, learntFrom table: TrainingTable
    ) async throws(TrainerError) -> (TrainingTable) throws(TrainerError) -> Double? {
        if !table.quantities.isEmpty {
            let model = try await QuantityFit(table, recipe) { _ in true }
            return { rows throws(TrainerError) in try model.goodness(rows) }
        }
        if table.classCount > 0 {
            let model = try await ClassFit(table, recipe) { _ in true }
            return { rows throws(TrainerError) in try model.goodness(rows) }
        }
        let model = try await Fit(table, recipe) { _ in true }
        return { rows throws(TrainerError) in try model.goodness(rows) }
    }

    /// How good a setting is on other rows, as ``permutationImportances`` measures it.
    static func measure(
        _ recipe: Recipe, _ setting: Setting, _ training: TrainingTable, _ test: TrainingTable
    ) async throws(TrainerError) -> Double? {
        var own = recipe
        own.method = recipe.method.choosing(setting)
        return try await measure(of: own, learntFrom: training)(test)
    }
}

extension Fit {
    fileprivate func goodness(_ table: TrainingTable) throws(TrainerError) -> Double? {
        let scores = try rawScores(table).map(machine.link.score(ofRaw:))
        return try? ScoredRows(scores: scores, labels: table.labels).auroc
    }
}

extension ClassFit {
    fileprivate func goodness(_ table: TrainingTable) throws(TrainerError) -> Double? {
        let raw = try rawScores(table)
        return try? ClassForecast(raw, table, machine, nil).uncalibrated.meanAUROC
    }
}

extension QuantityFit {
    fileprivate func goodness(_ table: TrainingTable) throws(TrainerError) -> Double? {
        let answers = try answers(table)
        return (try? ScoredQuantities(answers: answers, truths: table.quantities))
            .map { -$0.rootMeanSquare }
    }
}
