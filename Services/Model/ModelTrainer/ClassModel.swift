import ModelCore
import ModelTraining

/// The chosen columns, what was learnt of several classes, and what its scores mean.
struct ClassModel: Sendable {
    static let foldCount = TrainedModel.foldCount

    /// The chosen columns of the rows that were learnt from, with gaps.
    let table: TrainingTable
    let columns: [Int]
    let machine: any ClassMachine
    /// Nil where the unseen scores say nothing, or none are needed.
    let line: SoftmaxLine?
    /// What it says of its own rows by parts, or models, that have not seen them; nil where it was
    /// stopped before there were such.
    let unseen: ClassForecast?
    let wasStopped: Bool

    /// How many steps the training takes.
    static func stepCount(_ recipe: Recipe, classCount: Int) -> Int {
        let once = recipe.method.stepCount(classCount: classCount)
        return once * (recipe.method.hasOutOfBag ? 1 : foldCount + 1)
    }

    /// Learns from all rows, and then from parts of them to find what the scores of rows mean that
    /// were not learnt from.
    init(
        _ table: TrainingTable, _ recipe: Recipe, progress: (Int) -> Bool
    ) async throws(TrainerError) {
        let fit = try await ClassFit(table, recipe, progress: progress)
        var goesOn = !fit.machine.wasStopped
        var known = fit.machine.outOfBag ?? [[Double]?](repeating: nil, count: table.rowCount)
        if goesOn, fit.machine.outOfBag == nil {
            goesOn = try await ClassModel.outOfFold(table, recipe, &known, progress: progress)
        }
        self.table = fit.table
        columns = fit.columns
        machine = fit.machine
        wasStopped = !goesOn
        let rows = known.indices.filter { known[$0] != nil }
        guard !rows.isEmpty else {
            (line, unseen) = (nil, nil)
            return
        }
        let raw = rows.compactMap { known[$0] }
        do throws(TrainingError) {
            let judged = try table.selecting(rows: rows)
            line =
                fit.machine.hasLogits
                ? try? SoftmaxLine(
                    fitting: raw, to: judged.classes, classCount: table.classCount) : nil
            unseen = try ClassForecast(raw, judged, fit.machine, line)
        } catch { throw .table("the rows are too few to judge the model by: \(error)") }
    }

    /// What was learnt from some rows.
    private struct ClassFit {
        let table: TrainingTable
        let columns: [Int]
        let machine: any ClassMachine

        init(
            _ table: TrainingTable, _ recipe: Recipe, progress: (Int) -> Bool
        ) async throws(TrainerError) {
            (columns, self.table) = try recipe.chosen(from: table)
            machine = try await recipe.method.learnClasses(
                self.table, recipe.imputation, progress: progress)
        }
    }

    /// Adds the raw scores of each fold's rows by a model of the others; says whether all are done.
    private static func outOfFold(
        _ table: TrainingTable, _ recipe: Recipe, _ known: inout [[Double]?],
        progress: (Int) -> Bool
    ) async throws(TrainerError) -> Bool {
        let once = recipe.method.stepCount(classCount: table.classCount)
        let folds: Folds
        do throws(TrainingError) {
            folds = try Folds(table, count: foldCount, seed: recipe.method.seed)
        } catch { throw .table(error.description) }
        for fold in 0..<foldCount {
            let rows = folds.testRows(fold)
            let training: TrainingTable
            do throws(TrainingError) {
                training = try table.selecting(rows: folds.trainingRows(fold))
            } catch { throw .table(error.description) }
            let fit: ClassFit
            do throws(TrainerError) {
                fit = try await ClassFit(training, recipe) { progress((fold + 1) * once + $0) }
            } catch {
                guard error == .stopped else { throw error }
                return false
            }
            guard !fit.machine.wasStopped else { return false }
            let test: TrainingTable
            do throws(TrainingError) {
                test = try table.selecting(rows: rows).selecting(columns: fit.columns)
            } catch { throw .table(error.description) }
            for (row, raw) in zip(rows, try fit.machine.rawScores(test)) { known[row] = raw }
        }
        return true
    }

    /// What the model says of other rows.
    func forecast(_ table: TrainingTable) throws(TrainerError) -> ClassForecast {
        do {
            let raw = try machine.rawScores(try table.selecting(columns: columns))
            return try ClassForecast(raw, table, machine, line)
        } catch let error as TrainerError {
            throw error
        } catch { throw .table("\(error)") }
    }
}
