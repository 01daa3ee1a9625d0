import ModelTraining

/// What models of the other folds say of the rows of each fold.
struct UnseenScores<Raw: Sendable>: Sendable {
    /// One a row; nil where no model that had not seen it says anything.
    private(set) var known: [Raw?]
    /// Whether all folds were done.
    private(set) var isWhole = true

    /// A model of some rows.
    struct Part {
        let wasStopped: Bool
        let scores: (TrainingTable) throws(TrainerError) -> [Raw]
    }

    /// What is known already, or what the parts that `learn` makes of the folds' rows say.
    ///
    /// `progress` hears `once` steps more for each fold; when it says no, what there is is kept.
    init(
        _ table: TrainingTable, knowing known: [Raw?]?, seed: UInt64, once: Int,
        progress: (Int) -> Bool,
        learn: @escaping (TrainingTable, (Int) -> Bool) async throws(TrainerError) -> Part
    ) async throws(TrainerError) {
        self.known = known ?? [Raw?](repeating: nil, count: table.rowCount)
        guard known == nil else { return }
        let folds: Folds
        do throws(TrainingError) {
            folds = try Folds(table, count: TrainedModel.foldCount, seed: seed)
        } catch { throw .table(error.description) }
        for fold in 0..<folds.foldCount {
            let (training, test): (TrainingTable, TrainingTable)
            do throws(TrainingError) {
                training = try table.selecting(rows: folds.trainingRows(fold))
                test = try table.selecting(rows: folds.testRows(fold))
            } catch { throw .table(error.description) }
            let part: Part
            do throws(TrainerError) {
                part = try await learn(training) { progress((fold + 1) * once + $0) }
            } catch {
                guard error == .stopped else { throw error }
                isWhole = false
                return
            }
            guard !part.wasStopped else {
                isWhole = false
                return
            }
            for (row, raw) in zip(folds.testRows(fold), try part.scores(test)) {
                self.known[row] = raw
            }
        }
    }
}
