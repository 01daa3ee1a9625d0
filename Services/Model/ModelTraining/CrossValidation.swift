/// Why a cross-validation did not come to its end.
public enum CrossValidationError<Failure: Error>: Error {
    /// A model returned more or fewer scores than there were rows.
    case scores(TrainingError)
    /// What the model's training threw.
    case training(Failure)
}

extension CrossValidationError: Equatable where Failure: Equatable {}

/// The scores that each row got from a model that had not seen it.
public struct CrossValidation: Hashable, Sendable {
    /// NaN for rows of folds that were not run.
    public let scores: [Double]
    public let labels: [Bool]
    public let folds: Folds
    /// How many folds were run, from the first.
    public let foldsDone: Int

    /// Learns from all folds but one and scores that one, for each fold in turn.
    ///
    /// `predict` gets the rows to learn from and those to score, and returns one score for each of
    /// the latter. After each fold `progress` hears how many are done, and says whether to go on.
    public static func run<Failure: Error>(
        _ table: TrainingTable, folds: Folds, progress: (_ foldsDone: Int) -> Bool = { _ in true },
        predict: (_ training: TrainingTable, _ test: TrainingTable) async throws(Failure)
            -> [Double]
    ) async throws(CrossValidationError<Failure>) -> CrossValidation {
        var scores = [Double](repeating: .nan, count: table.rowCount)
        var foldsDone = 0
        for fold in 0..<folds.foldCount {
            let testRows = folds.testRows(fold)
            let training = table.taking(folds.trainingRows(fold))
            let test = table.taking(testRows)
            let predicted: [Double]
            do throws(Failure) {
                predicted = try await predict(training, test)
            } catch {
                throw .training(error)
            }
            guard predicted.count == testRows.count else {
                throw .scores(.counts("\(predicted.count) scores, \(testRows.count) rows"))
            }
            for (row, score) in zip(testRows, predicted) { scores[row] = score }
            foldsDone += 1
            guard progress(foldsDone), !Task.isCancelled else { break }
        }
        return CrossValidation(
            scores: scores, labels: table.labels, folds: folds, foldsDone: foldsDone)
    }

    /// All rows that were scored, together.
    public func pooled() throws(TrainingError) -> ScoredRows {
        try ScoredRows(known: scores, labels: labels)
    }

    /// The rows of one fold.
    public func scored(fold: Int) throws(TrainingError) -> ScoredRows {
        let rows = folds.testRows(fold)
        return try ScoredRows(known: rows.map { scores[$0] }, labels: rows.map { labels[$0] })
    }

    /// The mean of a measure over the folds that have it, and its standard deviation.
    public func overFolds(
        _ measure: (ScoredRows) -> Double?
    ) throws(TrainingError) -> (mean: Double, deviation: Double)? {
        var values: [Double] = []
        for fold in 0..<foldsDone {
            if let value = measure(try scored(fold: fold)) { values.append(value) }
        }
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return (mean, variance.squareRoot())
    }
}
