import ModelCore
import ModelTraining

extension Trainer {
    /// What `judge` makes of each fold's rows, by a model that has not seen them.
    ///
    /// `judge` gets the rows to learn from, those to judge by, which rows of the table these are,
    /// and the recipe, with the best of so many `settings` where such are tried.
    static func eachFold<Answer>(
        _ table: TrainingTable, _ recipe: Recipe, _ folds: Folds, settings: Int, steps: Int,
        progress: (Int) -> Bool,
        judge:
            @escaping (TrainingTable, TrainingTable, [Int], Recipe, (Int) -> Bool)
            async throws(TrainerError) -> Answer
    ) async throws(TrainerError) -> [Answer] {
        let stepCount = settings > 0 ? settings : steps
        var byFold: [Answer] = []
        for fold in 0..<folds.foldCount {
            var goesOn = true
            let (training, test): (TrainingTable, TrainingTable)
            let rows = folds.testRows(fold)
            do throws(TrainingError) {
                training = try table.selecting(rows: folds.trainingRows(fold))
                test = try table.selecting(rows: rows)
            } catch { throw .table(error.description) }
            func hear(_ done: Int) -> Bool {
                goesOn = progress(fold * stepCount + done) && goesOn
                return goesOn
            }
            do throws(TrainerError) {
                if settings > 0 {
                    let best = try await search(
                        training, recipe, settings: settings, progress: hear
                    ).recipe
                    byFold.append(try await judge(training, test, rows, best) { _ in true })
                } else {
                    byFold.append(try await judge(training, test, rows, recipe, hear))
                }
            } catch {
                guard error == .stopped, !byFold.isEmpty else { throw error }
                break
            }
            guard progress((fold + 1) * stepCount), goesOn else { break }
        }
        return byFold
    }
}
