import ModelCore
import ModelTraining
import Testing

@testable import ModelNetwork

@Suite struct `A network that is stopped or refused` {
    func rows(_ count: Int = 40) throws -> NetworkRows {
        var samples = NetworkSamples(seed: 77)
        let (values, labels) = samples.rows(count, features: 2)
        return try NetworkRows(featureCount: 2, values: values, labels: labels)
    }

    let inputs = NetworkSamples.plainInputs(2)

    @Test func `keeps the best so far, and hears of every epoch`() async throws {
        var heard: [NetworkEpoch] = []
        let trained = try await NetworkTraining.train(
            rows(), validation: rows(30), inputs: inputs,
            NetworkOptions(hiddenWidths: [4], seed: 1)
        ) { epoch in
            heard.append(epoch)
            return epoch.number < 6
        }
        #expect(trained.wasStopped)
        #expect(heard.map(\.number) == Array(1...6))
        #expect(trained.epochs == heard)
        let losses = heard.compactMap(\.validationLoss)
        #expect(losses.count == 6 && losses.min() == losses[trained.bestEpoch - 1])
    }

    @Test func `throws when it is cancelled before its first epoch`() async throws {
        let rows = try rows()
        let inputs = inputs
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await NetworkTraining.train(
                rows, inputs: inputs, NetworkOptions(seed: 1))
        }
        task.cancel()
        await #expect(throws: NetworkError.stopped) { try await task.value }
    }

    @Test func `refuses rows that it cannot learn from`() async throws {
        #expect(throws: NetworkError.noRows) {
            try NetworkRows(featureCount: 1, values: [], labels: [Bool]())
        }
        #expect(throws: NetworkError.tooLarge("0 features")) {
            try NetworkRows(featureCount: 0, values: [], labels: [true])
        }
        #expect(throws: NetworkError.counts("3 values, 2 rows of 2")) {
            try NetworkRows(featureCount: 2, values: [1, 2, 3], labels: [true, false])
        }
        #expect(throws: NetworkError.infiniteValue(row: 1, feature: 0)) {
            try NetworkRows(featureCount: 1, values: [1, -.infinity], labels: [true, false])
        }
        for label in [-1, 2, .max] {
            #expect(throws: NetworkError.badLabel(row: 0)) {
                try NetworkRows(featureCount: 1, values: [1], labels: [label], classCount: 2)
            }
        }
        for weight in [-1, Float.nan, .infinity, 1e7] {
            #expect(throws: NetworkError.badWeight(row: 1)) {
                try NetworkRows(
                    featureCount: 1, values: [1, 2], labels: [true, false], weights: [1, weight])
            }
        }
        let same = try NetworkRows(featureCount: 2, values: [1, 2, 3, 4], labels: [true, true])
        await #expect(throws: NetworkError.oneClass) {
            try await NetworkTraining.train(same, inputs: inputs, NetworkOptions(seed: 1))
        }
        let wide = try NetworkRows(featureCount: 1, values: [1, 2], labels: [true, false])
        await #expect(throws: NetworkError.self) {
            try await NetworkTraining.train(wide, inputs: inputs, NetworkOptions(seed: 1))
        }
    }

    @Test(arguments: [
        NetworkOptions(hiddenWidths: [0], seed: 1), NetworkOptions(hiddenWidths: [.max], seed: 1),
        NetworkOptions(hiddenWidths: .init(repeating: 4, count: 32), seed: 1),
        NetworkOptions(dropout: 1, seed: 1), NetworkOptions(dropout: .nan, seed: 1),
        NetworkOptions(batchSize: 1, seed: 1), NetworkOptions(epochsMax: 0, seed: 1),
        NetworkOptions(learningRate: .nan, seed: 1), NetworkOptions(learningRate: 0, seed: 1),
        NetworkOptions(weightDecay: -1, seed: 1), NetworkOptions(patience: 0, seed: 1),
        NetworkOptions(classWeights: .given([1]), seed: 1),
        NetworkOptions(classWeights: .given([1, 0]), seed: 1),
    ])
    func `refuses options out of their bounds`(options: NetworkOptions) async throws {
        let rows = try rows()
        let error = await #expect(throws: NetworkError.self) {
            try await NetworkTraining.train(rows, inputs: inputs, options)
        }
        guard case .badOption = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `says so when it diverges`() async throws {
        let rows = try NetworkRows(
            featureCount: 1, values: [3e38, -3e38, 1, 2], labels: [true, false, true, false])
        var inputs = NetworkSamples.plainInputs(1)
        inputs.scales = [100]
        await #expect(throws: NetworkError.diverged(epoch: 1)) {
            try await NetworkTraining.train(rows, inputs: inputs, NetworkOptions(seed: 1))
        }
    }

    @Test func `is refused where it does not hold together`() {
        var samples = NetworkSamples(seed: 1)
        let sound = samples.network(inputs, widths: [3, 1], .relu)
        #expect(throws: Never.self) { try sound.check() }
        let breaks: [(inout DenseNetwork) -> Void] = [
            { $0.layers = [] }, { $0.layers[0].weights.removeLast() },
            { $0.layers[0].biases = [] }, { $0.layers[1].biases.append(1) },
            { $0.layers[1].weights[0] = .nan }, { $0.layers[1].biases[0] = .infinity },
            { $0.layers[1].activation = .relu }, { $0.inputs.fills = [] },
            { $0.inputs.offsets.append(1) }, { $0.inputs.scales[0] = .nan },
            { $0.inputs.indicators = [2] }, { $0.inputs.indicators = [-1] },
            { $0.inputs.indicators = [1, 1] },
        ]
        for (place, spoil) in breaks.enumerated() {
            var network = sound
            spoil(&network)
            #expect(throws: NetworkError.self, "\(place)") { try NetworkScorer(network) }
        }
    }
}
