import ModelTrainer
import ModelTraining

/// One training: what is learnt from, how, and where it goes.
struct TrainingTask {
    let options: TrainingOptions
    let source: TrainingSource
    /// With the best of the settings that were tried.
    let recipe: Recipe
    let learnt: TrainingTable
    let aside: TrainingTable?
    /// By how many folds the way of training is judged; 0 for none.
    let folds: Int
    /// How many settings the way of training tries.
    let search: Int
    let file: String
    let interrupt: Interrupt

    /// Judges the way of training by folds: the settings are chosen anew for each.
    ///
    /// `judge` gets the recipe before any was chosen, the folds, and what to tell of progress.
    func judged<Answer>(
        steps: Int,
        _ judge: (Recipe, Folds, (Int) -> Bool) async throws -> Answer
    ) async throws -> Answer {
        let dealt = try Folds(learnt, count: folds, seed: options.seed)
        var progress = Progress(
            "judging by \(folds) folds", total: folds * (search > 0 ? search : steps))
        return try await judge(try options.recipe(source), dealt) { done in
            progress.update(done)
            return !interrupt.isAsked
        }
    }
}

extension Setting {
    /// What a search chose, for people.
    var text: String {
        let choices = sorted { $0.key < $1.key }
            .map { "\($0.key) \(Output.short($0.value, digits: 3))" }
        return "best setting: " + choices.joined(separator: ", ")
    }
}
