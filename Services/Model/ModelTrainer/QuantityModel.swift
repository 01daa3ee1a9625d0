public import ModelCore
public import ModelTraining

/// What was learnt of a quantity from rows; it takes rows with gaps, and is written as it is.
public protocol QuantityMachine: CalibratedMachine {
    /// What is put in for each column that is missing.
    var missing: [MissingTreatment] { get }
    /// Each training row's answer by the parts that have not seen it, NaN where all have; nil where
    /// there are no such parts.
    var outOfBag: [Double]? { get }
    /// Each column's share of what was learnt; nil where that is not known.
    var importances: [Double]? { get }
    /// Whether it was stopped, and is the best so far.
    var wasStopped: Bool { get }

    /// The quantity of each row.
    func answers(_ table: TrainingTable) throws(TrainerError) -> [Double]
}

extension QuantityMachine {
    public var calibration: Calibration { .none }
}

/// The chosen columns, and what was learnt of a quantity.
struct QuantityModel: Sendable {
    let fit: QuantityFit
    /// What it says of its own rows by parts, or models, that have not seen them; nil where it was
    /// stopped before there were such.
    let unseen: ScoredQuantities?
    let wasStopped: Bool

    /// How many steps the training takes.
    static func stepCount(_ recipe: Recipe) -> Int { TrainedModel.stepCount(recipe) }

    /// Learns from all rows, and then from parts of them to find how far from the truth answers are
    /// for rows that were not learnt from.
    init(
        _ table: TrainingTable, _ recipe: Recipe, progress: (Int) -> Bool
    ) async throws(TrainerError) {
        let fit = try await QuantityFit(table, recipe, progress: progress)
        self.fit = fit
        let nothing = [Double?](repeating: nil, count: table.rowCount)
        let bag = fit.machine.outOfBag?.map { $0.isNaN ? nil : Optional($0) }
        let others = try await UnseenScores<Double>(
            table,
            knowing: recipe.hasOutOfBag ? bag : fit.machine.wasStopped ? nothing : nil,
            seed: recipe.method.seed, once: recipe.method.stepCount, progress: progress
        ) { (training, progress) async throws(TrainerError) in
            let part = try await QuantityFit(training, recipe, progress: progress)
            return .init(wasStopped: part.machine.wasStopped) { rows throws(TrainerError) in
                try part.answers(rows)
            }
        }
        wasStopped = fit.machine.wasStopped || !others.isWhole
        unseen = try? ScoredQuantities(
            known: others.known.map { $0 ?? .nan }, truths: table.quantities)
    }

    /// What the model says of other rows.
    func forecast(_ table: TrainingTable) throws(TrainerError) -> ScoredQuantities {
        let answers = try fit.answers(table)
        do throws(TrainingError) {
            return try ScoredQuantities(answers: answers, truths: table.quantities)
        } catch { throw .training(error.description) }
    }
}

/// What was learnt of a quantity from some rows.
struct QuantityFit: Sendable {
    /// The chosen columns of the rows that were learnt from, with gaps.
    let table: TrainingTable
    let columns: [Int]
    let machine: any QuantityMachine

    init(
        _ table: TrainingTable, _ recipe: Recipe, progress: (Int) -> Bool
    ) async throws(TrainerError) {
        guard !table.quantities.isEmpty else { throw .table("the rows have no quantity") }
        (columns, self.table) = try recipe.chosen(from: table)
        machine = try await recipe.method.learnQuantity(
            self.table, recipe.imputation, progress: progress)
    }

    /// The answers for rows of the table that the columns were chosen of.
    func answers(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        try machine.answers(table.only(columns))
    }
}

/// How a quantity is brought to mean 0 and deviation 1, as learners like it, and back.
struct QuantityScale: Sendable {
    let mean: Double
    let deviation: Double

    init(_ table: TrainingTable) throws(TrainerError) {
        guard table.quantities.contains(where: { $0 != table.quantities[0] }) else {
            throw .table("the quantity is the same in all rows")
        }
        let count = Double(table.rowCount)
        let mean = table.quantities.reduce(0) { $0 + $1 / count }
        let variance = table.quantities.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / count }
        guard variance > 0, variance.isFinite else {
            throw .table("the quantity's values are too near to each other, or too large")
        }
        (self.mean, deviation) = (mean, variance.squareRoot())
    }

    func normal(_ quantity: Double) -> Double { (quantity - mean) / deviation }
}
