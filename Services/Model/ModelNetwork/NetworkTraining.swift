public import ModelCore

/// How one pass over the training rows went.
public struct NetworkEpoch: Hashable, Sendable {
    /// From 1.
    public var number: Int
    /// The mean loss while it learnt, with dropout.
    public var trainingLoss: Double
    /// The mean loss on the validation rows afterwards; nil without such rows.
    public var validationLoss: Double?
}

/// A trained network, and how it came about.
public struct TrainedNetwork: Hashable, Sendable {
    public var network: DenseNetwork
    public var epochs: [NetworkEpoch]
    /// The epoch that the weights are of: with validation rows the best, else the last.
    public var bestEpoch: Int
    /// Whether it was stopped from outside.
    public var wasStopped: Bool
}

/// Trains networks.
public enum NetworkTraining {
    /// Trains a network: the same rows, options and seed give the same bits on every processor.
    ///
    /// With validation rows training ends when `patience` epochs brought no better loss on them,
    /// and the weights of the best epoch are kept; without, it ends after `epochsMax`. After each
    /// epoch `progress` hears of it, and says whether to go on; when it says no, or the task is
    /// cancelled, what was best so far is kept. One epoch runs without suspension.
    public static func train(
        _ rows: NetworkRows, validation: NetworkRows? = nil, inputs: NetworkInputs,
        _ options: NetworkOptions, progress: (NetworkEpoch) -> Bool = { _ in true }
    ) async throws(NetworkError) -> TrainedNetwork {
        try options.check(classCount: rows.classCount)
        try inputs.check()
        for own in [rows, validation ?? rows] {
            guard own.featureCount == inputs.featureCount, own.classCount == rows.classCount else {
                throw .counts("rows, validation rows and inputs are of unlike width")
            }
        }
        guard rows.quantities.isEmpty || options.classWeights == .equal else {
            throw .badOption("class weights for a quantity")
        }
        guard rows.differ else { throw .oneClass }
        var learner = try Learner(rows, inputs, options)
        let watch = try validation.map { rows throws(NetworkError) in
            try Watch(rows, weights: options.weights(of: rows, asIn: learner.rows))
        }
        var best: (network: DenseNetwork, epoch: Int, loss: Double)?
        var epochs: [NetworkEpoch] = []
        var goesOn = !Task.isCancelled
        while goesOn, epochs.count < options.epochsMax {
            var epoch = NetworkEpoch(
                number: epochs.count + 1, trainingLoss: learner.learn(epoch: epochs.count))
            guard epoch.trainingLoss.isFinite else { throw .diverged(epoch: epoch.number) }
            let network = learner.network
            epoch.validationLoss = watch?.loss(of: network)
            epochs.append(epoch)
            let loss = epoch.validationLoss ?? -Double(epoch.number)
            if best.map({ loss < $0.loss }) ?? true { best = (network, epoch.number, loss) }
            goesOn = progress(epoch) && !Task.isCancelled
            guard goesOn, epoch.number - (best?.epoch ?? 0) < options.patience else { break }
            await Task.yield()
        }
        guard let best else { throw .stopped }
        try best.network.check()
        return TrainedNetwork(
            network: best.network, epochs: epochs, bestEpoch: best.epoch, wasStopped: !goesOn)
    }
}

/// The rows that a network is watched by while it learns.
private struct Watch {
    private static let blockRowCount = 512

    private let rows: NetworkRows
    private let weights: [Float]
    private let weightSum: Double

    init(_ rows: NetworkRows, weights: [Float]) throws(NetworkError) {
        self.rows = rows
        self.weights = weights
        weightSum = weights.reduce(0) { $0 + Double($1) }
        guard weightSum > 0 else { throw .counts("the validation rows weigh nothing") }
    }

    func loss(of network: DenseNetwork) -> Double {
        let network = PackedNetwork(network)
        var sum = 0.0
        for start in stride(from: 0, to: rows.rowCount, by: Self.blockRowCount) {
            let end = min(start + Self.blockRowCount, rows.rowCount)
            let prepared = network.prepared(
                rows.values[start * rows.featureCount..<end * rows.featureCount],
                count: end - start)
            for (place, logits) in network.logitRows(prepared, count: end - start).enumerated() {
                let row = start + place
                sum += Double(weights[row]) * rows.loss(logits, row: row)
            }
        }
        return sum / weightSum
    }
}
