import ModelCore
import ModelNetwork
import ModelONNX
public import ModelTraining

extension NetworkMethod {
    public func learnClasses(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any ClassMachine {
        let trained = try await trained(table, imputation, progress: progress)
        return try ClassNetworkMachine(
            trained.network, missing: trained.network.inputs.missing(imputation),
            wasStopped: trained.wasStopped)
    }
}

/// A network of several classes; its raw scores are its logits.
private struct ClassNetworkMachine: ClassMachine, CalibratedMachine {
    let network: DenseNetwork
    let scorer: NetworkScorer
    let missing: [MissingTreatment]
    let wasStopped: Bool

    init(
        _ network: DenseNetwork, missing: [MissingTreatment], wasStopped: Bool
    ) throws(TrainerError) {
        self.network = network
        self.missing = missing
        self.wasStopped = wasStopped
        do throws(NetworkError) { scorer = try NetworkScorer(network) } catch {
            throw .training(error.description)
        }
    }

    var outOfBag: [[Double]?]? { nil }
    var importances: [Double]? { nil }
    var hasLogits: Bool { true }
    var calibration: Calibration { .none }

    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [[Double]] {
        do throws(NetworkError) { return try scorer.logits(table.values) } catch {
            throw .training(error.description)
        }
    }

    /// The line goes into the last layer, so that the file's own answers are the probabilities.
    func calibrated(by line: SoftmaxLine?) throws(TrainerError) -> any CalibratedMachine {
        guard let line else { return self }
        return try ClassNetworkMachine(
            network.moved(slope: line.slope, shifts: line.shifts), missing: missing,
            wasStopped: wasStopped)
    }

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] {
        do throws(ModelError) { return try scorer.score(row, count: 1).map(Double.init) } catch {
            throw .training("\(error)")
        }
    }

    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8] {
        do throws(NetworkWriteError) {
            return try ArtifactWriter.bytes(network, manifest: manifest)
        } catch { throw .artifact("\(error)") }
    }
}
