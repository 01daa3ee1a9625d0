import ModelCore
public import ModelTraining

extension Trainer {
    /// How many folds a setting is tried on.
    public static let searchFoldCount = 3

    /// Tries settings of the recipe's method, drawn at random, and returns the recipe with the
    /// best; when `progress` says no, with the best so far.
    public static func search(
        _ table: TrainingTable, _ recipe: Recipe, settings count: Int,
        progress: (_ settingsDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> (recipe: Recipe, search: HyperparameterSearch) {
        let seed = recipe.method.seed
        let settings = try settings(recipe, count)
        do throws(CrossValidationError<TrainerError>) {
            let folds: Folds
            do throws(TrainingError) {
                folds = try Folds(table, count: searchFoldCount, seed: seed)
            } catch { throw .scores(error) }
            let search = try await HyperparameterSearch.run(
                table, folds: folds, settings: settings,
                progress: { progress($0.trials.count) },
                judge: {
                    (
                        setting, training, test
                    ) async throws(CrossValidationError<TrainerError>)
                        -> Double? in
                    do throws(TrainerError) {
                        return try await measure(recipe, setting, training, test)
                    } catch { throw .training(error) }
                })
            guard let best = search.best else { throw .training(.stopped) }
            var chosen = recipe
            chosen.method = recipe.method.choosing(best.setting)
            return (chosen, search)
        } catch { throw plain(error) }
    }

    /// How good the way of searching is, on rows that played no part in the choice.
    ///
    /// `progress` hears how many settings are done over all folds.
    public static func nested(
        _ table: TrainingTable, _ recipe: Recipe, folds: Folds, settings count: Int,
        progress: (_ settingsDone: Int) -> Bool = { _ in true }
    ) async throws(TrainerError) -> NestedValidation {
        let settings = try settings(recipe, count)
        do throws(CrossValidationError<CrossValidationError<TrainerError>>) {
            return try await NestedValidation.run(
                table, folds: folds, innerCount: searchFoldCount, settings: settings,
                seed: recipe.method.seed,
                progress: { fold, search in progress(fold * count + search.trials.count) },
                predict: { (setting, training, test) async throws(TrainerError) -> [Double] in
                    try await scores(recipe, setting, training, test)
                })
        } catch {
            switch error {
            case .training(let error): throw plain(error)
            case .scores(let error): throw .table(error.description)
            }
        }
    }

    private static func settings(
        _ recipe: Recipe, _ count: Int
    ) throws(TrainerError) -> [Setting] {
        do throws(TrainingError) {
            return try SearchSpace(recipe.method.space).drawn(
                count: count, seed: recipe.method.seed)
        } catch { throw .training(error.description) }
    }

    /// Everything that is chosen or learnt is so from the rows to learn from.
    private static func scores(
        _ recipe: Recipe, _ setting: Setting, _ training: TrainingTable, _ test: TrainingTable
    ) async throws(TrainerError) -> [Double] {
        var own = recipe
        own.method = recipe.method.choosing(setting)
        let fit = try await Fit(training, own) { _ in true }
        return try fit.rawScores(test).map(fit.machine.link.score(ofRaw:))
    }

    static func plain(_ error: CrossValidationError<TrainerError>) -> TrainerError {
        switch error {
        case .training(let error): error
        case .scores(let error): .table(error.description)
        }
    }
}
