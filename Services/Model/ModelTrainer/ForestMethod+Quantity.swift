import ModelCore
import ModelForest
import ModelONNX
public import ModelTraining

extension ForestMethod {
    public func learnQuantity(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any QuantityMachine {
        let filling = try imputation.filling(table)
        let complete = filling?.filling(table) ?? table
        do throws(ForestError) {
            let grown = try await ForestTraining.grow(
                QuantityRows(
                    featureCount: complete.columnCount, values: complete.values,
                    quantities: complete.quantities), options, progress: progress)
            return QuantityForest(
                grown: grown, scorer: try ForestScorer(grown.ensemble), filling: filling,
                missing: imputation.treatments(filling, of: table),
                outOfBag: hasOutOfBag ? grown.outOfBag : nil)
        } catch {
            throw error == .stopped ? .stopped : .training(error.description)
        }
    }
}

/// A grown forest whose raw score is a quantity.
private struct QuantityForest: QuantityMachine {
    let grown: GrownForest
    let scorer: ForestScorer
    /// Nil where nothing is put in.
    let filling: Imputation?
    let missing: [MissingTreatment]
    let outOfBag: [Double]?

    var importances: [Double]? { grown.importances }
    var wasStopped: Bool { grown.wasStopped }

    func answers(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        do throws(ForestError) {
            return try scorer.scores((filling?.filling(table) ?? table).values)
        } catch { throw .training(error.description) }
    }

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] {
        do throws(ForestError) {
            return [try scorer.score(filling?.filling(row) ?? row)]
        } catch { throw .training(error.description) }
    }

    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8] {
        do throws(ArtifactWriteError) {
            return try ArtifactWriter.bytes(grown.ensemble, link: .identity, manifest: manifest)
        } catch { throw .artifact("\(error)") }
    }
}
