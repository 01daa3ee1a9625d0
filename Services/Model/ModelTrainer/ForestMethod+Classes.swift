import ModelCore
import ModelForest
import ModelONNX
public import ModelTraining

extension ForestMethod {
    public func learnClasses(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any ClassMachine {
        let filling = try imputation.filling(table)
        let complete = filling?.filling(table) ?? table
        do throws(ForestError) {
            let grown = try await ForestTraining.grow(
                ClassRows(
                    featureCount: complete.columnCount, values: complete.values,
                    classes: complete.classes, classCount: complete.classCount), options,
                progress: progress)
            return ClassForestMachine(
                grown: grown,
                scorers: try (0..<grown.leaves.classCount).map { index throws(ForestError) in
                    try ForestScorer(grown.leaves.ensemble(of: index))
                }, filling: filling, missing: imputation.treatments(filling, of: table),
                outOfBag: hasOutOfBag ? grown.outOfBag : nil)
        } catch {
            throw error == .stopped ? .stopped : .training(error.description)
        }
    }
}

/// A forest of several classes; its raw scores are the means of its leaves, and probabilities.
private struct ClassForestMachine: ClassMachine, CalibratedMachine {
    let grown: GrownClassForest
    /// One a class.
    let scorers: [ForestScorer]
    /// Nil where nothing is put in.
    let filling: Imputation?
    let missing: [MissingTreatment]
    let outOfBag: [[Double]?]?

    var importances: [Double]? { grown.importances }
    var wasStopped: Bool { grown.wasStopped }
    var hasLogits: Bool { false }
    var calibration: Calibration { .none }

    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [[Double]] {
        let complete = (filling?.filling(table) ?? table).values
        do throws(ForestError) {
            let byClass = try scorers.map { scorer throws(ForestError) in
                try scorer.scores(complete)
            }
            return (0..<table.rowCount).map { row in byClass.map { $0[row] } }
        } catch { throw .training(error.description) }
    }

    func calibrated(by line: SoftmaxLine?) throws(TrainerError) -> any CalibratedMachine { self }

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] {
        let complete = filling?.filling(row) ?? row
        do throws(ForestError) {
            return try scorers.map { scorer throws(ForestError) in try scorer.score(complete) }
        } catch { throw .training(error.description) }
    }

    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8] {
        do throws(ArtifactWriteError) {
            return try ArtifactWriter.bytes(grown.leaves, manifest: manifest)
        } catch { throw .artifact("\(error)") }
    }
}

extension ImputationRule {
    /// What a forest puts in; nil for nothing.
    func filling(_ table: TrainingTable) throws(TrainerError) -> Imputation? {
        guard self != .indicator else {
            throw .training("a forest needs no indicators: it can do with gaps")
        }
        return statistic.map { Imputation($0, of: table) }
    }

    /// What the manifest says of it.
    func treatments(_ filling: Imputation?, of table: TrainingTable) -> [MissingTreatment] {
        table.columns.indices.map { column in
            filling.map { treatment($0.fill[column]) } ?? .none
        }
    }
}
