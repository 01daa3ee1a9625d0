import ModelCore
import ModelTraining

/// The chosen columns and what was learnt from them.
struct Fit: Sendable {
    /// The chosen columns of the rows that were learnt from, with gaps.
    let table: TrainingTable
    let columns: [Int]
    let machine: any Machine

    init(
        _ table: TrainingTable, _ recipe: Recipe, progress: (Int) -> Bool
    ) async throws(TrainerError) {
        (columns, self.table) = try recipe.chosen(from: table)
        machine = try await recipe.method.learn(
            self.table, recipe.imputation, progress: progress)
    }

    /// The raw scores of rows of the table that the columns were chosen of.
    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        try machine.rawScores(table.only(columns))
    }
}

/// A fit, and what its raw scores mean.
struct TrainedModel: Sendable {
    static let foldCount = 5

    let fit: Fit
    /// From raw score to probability; nil where the unseen scores say nothing.
    let line: LogisticLine?
    /// What it says of its own rows by parts that have not seen them.
    let unseen: Forecast
    let wasStopped: Bool

    /// How many steps the training takes.
    static func stepCount(_ recipe: Recipe) -> Int {
        recipe.method.stepCount * (recipe.hasOutOfBag ? 1 : foldCount + 1)
    }

    /// Learns, and finds what the scores of rows mean that were not learnt from.
    ///
    /// When `progress` says no, the best so far is kept.
    init(
        _ table: TrainingTable, _ recipe: Recipe, progress: (Int) -> Bool
    ) async throws(TrainerError) {
        let raw: [Double]
        if recipe.hasOutOfBag {
            fit = try await Fit(table, recipe, progress: progress)
            raw = fit.machine.outOfBag ?? []
            wasStopped = fit.machine.wasStopped
        } else {
            (fit, raw, wasStopped) = try await TrainedModel.outOfFold(
                table, recipe, progress: progress)
        }
        do throws(TrainingError) {
            let scored = try ScoredRows(known: raw, labels: table.labels)
            line = TrainedModel.line(scored)
            unseen = try TrainedModel.forecast(
                scored.scores, scored.labels, line, fit.machine.link)
        } catch { throw .table("the rows are too few to judge the model by: \(error)") }
    }

    /// A model of all rows, and the raw score of each row by a model without its fold.
    ///
    /// Of several models a whole one is kept before one that was stopped.
    private static func outOfFold(
        _ table: TrainingTable, _ recipe: Recipe, progress: (Int) -> Bool
    ) async throws(TrainerError) -> (Fit, raw: [Double], wasStopped: Bool) {
        let parts: [Part]
        do throws(TrainingError) {
            let folds = try Folds(table, count: foldCount, seed: recipe.method.seed)
            parts = try (0..<foldCount).map { fold throws(TrainingError) in
                Part(
                    training: try table.selecting(rows: folds.trainingRows(fold)),
                    rows: folds.testRows(fold),
                    test: try table.selecting(rows: folds.testRows(fold)))
            }
        } catch { throw .table(error.description) }
        return try await outOfFold(table, parts, recipe, progress: progress)
    }

    /// One fold, and everything but it.
    private struct Part {
        let training: TrainingTable
        /// The fold's rows in the whole table.
        let rows: [Int]
        let test: TrainingTable
    }

    private static func outOfFold(
        _ table: TrainingTable, _ parts: [Part], _ recipe: Recipe,
        progress: (Int) -> Bool
    ) async throws(TrainerError) -> (Fit, raw: [Double], wasStopped: Bool) {
        var raw = [Double](repeating: .nan, count: table.rowCount)
        var kept: Fit?
        for (fold, part) in parts.enumerated() {
            let done = fold * recipe.method.stepCount
            let own: Fit
            do throws(TrainerError) {
                own = try await Fit(part.training, recipe) { progress(done + $0) }
            } catch {
                guard error == .stopped, let kept else { throw error }
                return (kept, raw, true)
            }
            if own.machine.wasStopped, let kept { return (kept, raw, true) }
            for (row, score) in zip(part.rows, try own.rawScores(part.test)) { raw[row] = score }
            if own.machine.wasStopped { return (own, raw, true) }
            kept = own
        }
        let done = parts.count * recipe.method.stepCount
        let whole: Fit
        do throws(TrainerError) {
            whole = try await Fit(table, recipe) { progress(done + $0) }
        } catch {
            guard error == .stopped, let kept else { throw error }
            return (kept, raw, true)
        }
        if whole.machine.wasStopped, let kept { return (kept, raw, true) }
        return (whole, raw, false)
    }

    /// Platt's line; none where the higher scores do not speak for the outcome.
    private static func line(_ scored: ScoredRows) -> LogisticLine? {
        guard let line = try? LogisticLine(scaling: scored), line.slope > 0 else { return nil }
        return line
    }

    private static func forecast(
        _ raw: [Double], _ labels: [Bool], _ line: LogisticLine?, _ link: ScoreLink
    ) throws(TrainingError) -> Forecast {
        let plain = raw.map(link.score(ofRaw:))
        return Forecast(
            calibrated: try ScoredRows(
                scores: line.map { raw.map($0.probability) } ?? plain, labels: labels),
            uncalibrated: try ScoredRows(scores: plain, labels: labels))
    }

    /// What the model says of other rows.
    func forecast(_ table: TrainingTable) throws(TrainerError) -> Forecast {
        let raw = try fit.rawScores(table)
        do throws(TrainingError) {
            return try TrainedModel.forecast(raw, table.labels, line, fit.machine.link)
        } catch { throw .table(error.description) }
    }
}
