/// What a model loses when the values of a column are dealt out anew among the rows.
public struct PermutationImportance: Hashable, Sendable {
    /// The mean loss of the measure, and its standard deviation over the repeats.
    public let mean: Double
    public let deviation: Double

    /// The importance of each column by any measure of a model, the greater the better.
    ///
    /// Ask it on rows that the model has not learnt from; `value` measures the model on a table.
    /// After each column `progress` hears how many are done, and says whether to go on; columns
    /// that were not come to are left out.
    public static func all<Failure: Error>(
        _ table: TrainingTable, repeats: Int = 5, seed: UInt64,
        progress: (_ columnsDone: Int) -> Bool = { _ in true },
        value: (TrainingTable) async throws(CrossValidationError<Failure>) -> Double
    ) async throws(CrossValidationError<Failure>) -> [PermutationImportance] {
        guard (1...1000).contains(repeats) else { throw .scores(.badOption("\(repeats) repeats")) }
        let whole = try await value(table)
        var generator = SeededGenerator(seed: seed)
        var importances: [PermutationImportance] = []
        for column in table.columns.indices {
            var losses: [Double] = []
            for _ in 0..<repeats {
                let order = generator.permutation(of: table.rowCount)
                losses.append(whole - (try await value(table.dealing(column, by: order))))
            }
            let mean = losses.reduce(0, +) / Double(repeats)
            let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            importances.append(
                PermutationImportance(
                    mean: mean, deviation: (squares / Double(repeats)).squareRoot()))
            guard progress(importances.count), !Task.isCancelled else { break }
        }
        return importances
    }

    /// The same for scores of an event: `predict` scores rows, `measure` says how good scores are.
    public static func all<Failure: Error>(
        _ table: TrainingTable, repeats: Int = 5, seed: UInt64,
        measure: (ScoredRows) -> Double? = { $0.auroc },
        progress: (_ columnsDone: Int) -> Bool = { _ in true },
        predict: (TrainingTable) async throws(Failure) -> [Double]
    ) async throws(CrossValidationError<Failure>) -> [PermutationImportance] {
        try await all(table, repeats: repeats, seed: seed, progress: progress) {
            (table) async throws(CrossValidationError<Failure>) -> Double in
            let scores: [Double]
            do throws(Failure) { scores = try await predict(table) } catch {
                throw .training(error)
            }
            do throws(TrainingError) {
                let rows = try ScoredRows(scores: scores, labels: table.labels)
                guard let value = measure(rows) else { throw .oneClass }
                return value
            } catch { throw .scores(error) }
        }
    }
}
