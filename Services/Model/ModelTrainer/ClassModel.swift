import ModelCore
import ModelTraining

/// The chosen columns, what was learnt of several classes, and what its scores mean.
struct ClassModel: Sendable {
    let fit: ClassFit
    /// Nil where the unseen scores say nothing, or none are needed.
    let line: SoftmaxLine?
    /// What it says of its own rows by parts, or models, that have not seen them; nil where it was
    /// stopped before there were such.
    let unseen: ClassForecast?
    let wasStopped: Bool

    /// How many steps the training takes.
    static func stepCount(_ recipe: Recipe, classCount: Int) -> Int {
        let once = recipe.method.stepCount(classCount: classCount)
        return once * (recipe.hasOutOfBag ? 1 : TrainedModel.foldCount + 1)
    }

    /// Learns from all rows, and then from parts of them to find what the scores of rows mean that
    /// were not learnt from.
    init(
        _ table: TrainingTable, _ recipe: Recipe, progress: (Int) -> Bool
    ) async throws(TrainerError) {
        let fit = try await ClassFit(table, recipe, progress: progress)
        self.fit = fit
        let nothing = [[Double]?](repeating: nil, count: table.rowCount)
        let others = try await UnseenScores<[Double]>(
            table,
            knowing: fit.machine.wasStopped && !recipe.hasOutOfBag
                ? nothing : recipe.hasOutOfBag ? fit.machine.outOfBag : nil,
            seed: recipe.method.seed,
            once: recipe.method.stepCount(classCount: table.classCount), progress: progress
        ) { (training, progress) async throws(TrainerError) in
            let part = try await ClassFit(training, recipe, progress: progress)
            return .init(wasStopped: part.machine.wasStopped) { rows throws(TrainerError) in
                try part.rawScores(rows)
            }
        }
        wasStopped = fit.machine.wasStopped || !others.isWhole
        let rows = others.known.indices.filter { others.known[$0] != nil }
        guard !rows.isEmpty else {
            (line, unseen) = (nil, nil)
            return
        }
        let raw = rows.compactMap { others.known[$0] }
        do throws(TrainingError) {
            let judged = try table.selecting(rows: rows)
            line = ClassModel.line(fit.machine, raw, judged)
            unseen = try ClassForecast(raw, judged, fit.machine, line)
        } catch { throw .table("the rows are too few to judge the model by: \(error)") }
    }

    private static func line(
        _ machine: any ClassMachine, _ raw: [[Double]], _ table: TrainingTable
    ) -> SoftmaxLine? {
        guard machine.hasLogits else { return nil }
        return try? SoftmaxLine(fitting: raw, to: table.classes, classCount: table.classCount)
    }

    /// What the model says of other rows.
    func forecast(_ table: TrainingTable) throws(TrainerError) -> ClassForecast {
        let raw = try fit.rawScores(table)
        do throws(TrainingError) {
            return try ClassForecast(raw, table, fit.machine, line)
        } catch { throw .table(error.description) }
    }
}

/// What was learnt of several classes from some rows.
struct ClassFit: Sendable {
    /// The chosen columns of the rows that were learnt from, with gaps.
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

    /// The raw scores of rows of the table that the columns were chosen of.
    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [[Double]] {
        try machine.rawScores(table.only(columns))
    }
}

extension TrainingTable {
    /// The table of some columns.
    func only(_ columns: [Int]) throws(TrainerError) -> TrainingTable {
        do throws(TrainingError) { return try selecting(columns: columns) } catch {
            throw .table(error.description)
        }
    }
}
