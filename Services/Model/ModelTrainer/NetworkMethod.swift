import ModelCore
public import ModelNetwork
import ModelONNX
public import ModelTraining

/// Networks of dense layers on standardised features.
///
/// A part of the rows, as like the others as can be, tells when to stop; then the network learns
/// from all rows for as many epochs as were best.
public struct NetworkMethod: Method {
    public var options: NetworkOptions
    /// The share of each feature's values at each end that are drawn in to the others.
    public var tail: Double

    public init(_ options: NetworkOptions, tail: Double = 0) {
        self.options = options
        self.tail = tail
    }

    /// One in so many rows is watched instead of learnt from.
    private static let watchedOneIn = 6
    /// With fewer rows than this all are learnt from, for all epochs.
    private static let watchedRowCountMin = 60

    public var kind: String { "network" }
    public var title: String { "network" }
    public var seed: UInt64 {
        get { options.seed }
        set { options.seed = newValue }
    }
    public var stepCount: Int { 2 * options.epochsMax }
    public var hasOutOfBag: Bool { false }

    public var space: [String: SearchSpace.Values] {
        [
            "dropout": .range(0...0.5), "rate": .logarithmic(3e-4...1e-2),
            "decay": .logarithmic(1e-5...0.1), "width": .choices([8, 16, 32, 64]),
            "layers": .choices([1, 2]),
        ]
    }

    public func choosing(_ setting: Setting) -> NetworkMethod {
        var chosen = self
        if let dropout = setting["dropout"] { chosen.options.dropout = dropout }
        if let rate = setting["rate"] { chosen.options.learningRate = rate }
        if let decay = setting["decay"] { chosen.options.weightDecay = decay }
        if let width = setting["width"] {
            chosen.options.hiddenWidths =
                setting["layers"] == 2 ? [Int(width), max(2, Int(width) / 2)] : [Int(width)]
        }
        return chosen
    }

    public func learn(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any Machine {
        OutcomeNetwork(
            fitted: try FittedNetwork(
                try await trained(table, imputation, progress: progress), imputation))
    }

    public func learnClasses(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any ClassMachine {
        ClassNetwork(
            fitted: try FittedNetwork(
                try await trained(table, imputation, progress: progress), imputation))
    }

    /// A network of the quantity, brought to mean 0 and deviation 1.
    public func learnQuantity(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any QuantityMachine {
        let scale = try QuantityScale(table)
        var trained = try await trained(table, imputation, scale, progress: progress)
        trained.network = trained.network.moved(slope: scale.deviation, shift: scale.mean)
        return QuantityNetwork(fitted: try FittedNetwork(trained, imputation))
    }

    /// The network, whatever it tells.
    private func trained(
        _ table: TrainingTable, _ imputation: ImputationRule, _ scale: QuantityScale? = nil,
        progress: (Int) -> Bool
    ) async throws(TrainerError) -> TrainedNetwork {
        var options = options
        var done = 0
        if table.rowCount >= Self.watchedRowCountMin {
            let watched = try await watch(table, imputation, scale, progress: progress)
            if watched.wasStopped { return watched }
            options.epochsMax = watched.bestEpoch
            done = self.options.epochsMax
        }
        let trained = try await train(
            table, nil, try NetworkInputs(imputation, tail: tail, of: table), options, scale
        ) { progress(done + $0) }
        _ = progress(stepCount)
        return trained
    }

    /// Learns from a part of the rows, watched by the others.
    private func watch(
        _ table: TrainingTable, _ imputation: ImputationRule, _ scale: QuantityScale?,
        progress: (Int) -> Bool
    ) async throws(TrainerError) -> TrainedNetwork {
        let (learnt, watched): (TrainingTable, TrainingTable)
        do throws(TrainingError) {
            let folds = try Folds(table, count: Self.watchedOneIn, seed: seed)
            learnt = try table.selecting(rows: folds.trainingRows(0))
            watched = try table.selecting(rows: folds.testRows(0))
        } catch { throw .table(error.description) }
        return try await train(
            learnt, watched, try NetworkInputs(imputation, tail: tail, of: learnt), options,
            scale, progress: progress)
    }

    private func train(
        _ table: TrainingTable, _ watched: TrainingTable?, _ inputs: NetworkInputs,
        _ options: NetworkOptions, _ scale: QuantityScale?, progress: (Int) -> Bool
    ) async throws(TrainerError) -> TrainedNetwork {
        func rows(_ table: TrainingTable) throws(NetworkError) -> NetworkRows {
            if let scale {
                return try NetworkRows(
                    featureCount: table.columnCount, values: table.values,
                    quantities: table.quantities.map { Float(scale.normal($0)) })
            }
            return try NetworkRows(
                featureCount: table.columnCount, values: table.values, labels: table.strata,
                classCount: max(2, table.classCount))
        }
        do throws(NetworkError) {
            let validation: NetworkRows? =
                if let watched { try rows(watched) } else { nil }
            return try await NetworkTraining.train(
                try rows(table), validation: validation, inputs: inputs, options
            ) { progress($0.number) }
        } catch {
            throw error == .stopped ? .stopped : .training(error.description)
        }
    }
}
