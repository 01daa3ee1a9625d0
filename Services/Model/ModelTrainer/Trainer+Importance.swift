public import ModelTraining

extension Trainer {
    /// What each feature is worth to a model: how much the area under the ROC curve falls on the
    /// rows of the first fold, which it has not seen, when the feature is dealt out anew.
    ///
    /// Of any kind of model; features that do not matter have values around 0. Breiman, Random
    /// Forests, Machine Learning 2001;45:5.
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
        let model = try await TrainedModel(training, recipe) { _ in true }
        do {
            let importances = try await PermutationImportance.all(
                test, repeats: repeats, seed: seed, progress: progress
            ) { dealt async throws(TrainerError) -> [Double] in
                try model.forecast(dealt).calibrated.scores
            }
            return zip(table.columns, importances).map { ($0.name, $1) }
        } catch { throw plain(error) }
    }
}
