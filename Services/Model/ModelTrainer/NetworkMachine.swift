import ModelCore
import ModelNetwork
import ModelONNX
import ModelTraining

/// A trained network, ready to score and to be written.
struct FittedNetwork: Sendable {
    let network: DenseNetwork
    let missing: [MissingTreatment]
    let wasStopped: Bool
    private let scorer: NetworkScorer

    init(_ trained: TrainedNetwork, _ imputation: ImputationRule) throws(TrainerError) {
        try self.init(
            trained.network, missing: trained.network.inputs.missing(imputation),
            wasStopped: trained.wasStopped)
    }

    private init(
        _ network: DenseNetwork, missing: [MissingTreatment], wasStopped: Bool
    ) throws(TrainerError) {
        self.network = network
        self.missing = missing
        self.wasStopped = wasStopped
        do throws(NetworkError) { scorer = try NetworkScorer(network) } catch {
            throw .training(error.description)
        }
    }

    /// With another network in place of its own, of the same inputs.
    func replacing(with other: DenseNetwork) throws(TrainerError) -> FittedNetwork {
        try FittedNetwork(other, missing: missing, wasStopped: wasStopped)
    }

    func rawScores<Score>(
        _ score: (NetworkScorer) throws(NetworkError) -> [Score]
    ) throws(TrainerError) -> [Score] {
        do throws(NetworkError) { return try score(scorer) } catch {
            throw .training(error.description)
        }
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

/// What a network is whatever it tells: calibrated by its last layer, so that nothing is left to do.
protocol NetworkMachine: CalibratedMachine {
    var fitted: FittedNetwork { get }
}

extension NetworkMachine {
    var missing: [MissingTreatment] { fitted.missing }
    var wasStopped: Bool { fitted.wasStopped }
    var importances: [Double]? { nil }
    var calibration: Calibration { .none }

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] { try fitted.scores(row) }

    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8] { try fitted.bytes(manifest) }
}

/// A network of one outcome; its raw score is the log odds.
struct OutcomeNetwork: Machine, NetworkMachine {
    let fitted: FittedNetwork

    var link: ScoreLink { .logistic }
    var outOfBag: [Double]? { nil }

    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        try fitted.rawScores { scorer throws(NetworkError) in try scorer.logOdds(table.values) }
    }

    func calibrated(by line: LogisticLine?) throws(TrainerError) -> any CalibratedMachine {
        guard let line else { return self }
        let moved = fitted.network.moved(slope: line.slope, shift: line.intercept)
        return OutcomeNetwork(fitted: try fitted.replacing(with: moved))
    }
}

/// A network of several classes; its raw scores are its logits.
struct ClassNetwork: ClassMachine, NetworkMachine {
    let fitted: FittedNetwork

    var outOfBag: [[Double]?]? { nil }
    var hasLogits: Bool { true }

    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [[Double]] {
        try fitted.rawScores { scorer throws(NetworkError) in try scorer.logits(table.values) }
    }

    func calibrated(by line: SoftmaxLine?) throws(TrainerError) -> any CalibratedMachine {
        guard let line else { return self }
        let moved = fitted.network.moved(slope: line.slope, shifts: line.shifts)
        return ClassNetwork(fitted: try fitted.replacing(with: moved))
    }
}

/// A network whose one output is a quantity.
struct QuantityNetwork: QuantityMachine, NetworkMachine {
    let fitted: FittedNetwork

    var outOfBag: [Double]? { nil }
    var calibration: Calibration { .none }

    func answers(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        try fitted.rawScores { scorer throws(NetworkError) in
            try scorer.quantities(table.values)
        }
    }

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] {
        try fitted.rawScores { scorer throws(NetworkError) in try scorer.quantities(row) }
    }
}
