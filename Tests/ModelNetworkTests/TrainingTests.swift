import ModelCore
import ModelTraining
import Testing

@testable import ModelNetwork

@Suite struct `A network is trained` {
    func rows(_ seed: UInt64, _ count: Int = 400, missing: Double = 0) throws -> NetworkRows {
        var samples = NetworkSamples(seed: seed)
        let (values, labels) = samples.rows(count, features: 3, missing: missing)
        return try NetworkRows(featureCount: 3, values: values, labels: labels)
    }

    func auroc(_ network: DenseNetwork, _ rows: NetworkRows) throws -> Double {
        let scores = try NetworkScorer(network).score(rows.values, count: rows.rowCount)
        let second = (0..<rows.rowCount).map { Double(scores[2 * $0 + 1]) }
        return try ScoredRows(scores: second, labels: rows.labels.map { $0 == 1 }).auroc ?? .nan
    }

    func options(
        _ widths: [Int] = [16], activation: DenseNetwork.Activation = .relu, dropout: Double = 0,
        batchNorm: Bool = false, epochsMax: Int = 40, patience: Int = 10, seed: UInt64 = 1
    ) -> NetworkOptions {
        NetworkOptions(
            hiddenWidths: widths, activation: activation, dropout: dropout, batchNorm: batchNorm,
            batchSize: 32, epochsMax: epochsMax, learningRate: 0.01, patience: patience, seed: seed)
    }

    @Test(arguments: [DenseNetwork.Activation.relu, .tanh], [false, true])
    func `to tell what no line tells`(
        activation: DenseNetwork.Activation, batchNorm: Bool
    ) async throws {
        let trained = try await NetworkTraining.train(
            rows(1), inputs: NetworkSamples.plainInputs(3),
            options([16, 8], activation: activation, dropout: 0.1, batchNorm: batchNorm))
        #expect(try auroc(trained.network, rows(2)) > 0.93)
        #expect(trained.epochs.count == 40 && trained.bestEpoch == 40 && !trained.wasStopped)
        #expect(trained.epochs[39].trainingLoss < trained.epochs[0].trainingLoss)
    }

    @Test func `without hidden layers to the logistic line`() async throws {
        var samples = NetworkSamples(seed: 8)
        let values = (0..<600).map { _ in samples.normal() }
        let labels = values.map { Double($0) + 2 * samples.generator.nextUnit() > 1.5 }
        let rows = try NetworkRows(featureCount: 1, values: values, labels: labels)
        var options = options([], epochsMax: 150)
        options.batchSize = 600
        options.learningRate = 0.1
        options.weightDecay = 0
        let layer = try await NetworkTraining.train(
            rows, inputs: NetworkSamples.plainInputs(1), options
        ).network.layers[0]
        let line = try ScoredRows(
            scores: values.map { Elementary.logistic(Double($0)) }, labels: labels
        ).calibrationLine()
        #expect(abs(Double(layer.weights[0]) - line.slope) < 0.02 * line.slope)
        #expect(abs(Double(layer.biases[0]) - line.intercept) < 0.02 * abs(line.intercept))
    }

    @Test(arguments: paths)
    func `to the same bits on every path through the loops`(path: Int32) throws {
        let options = options([20, 5], activation: .tanh, dropout: 0.3, batchNorm: true)
        let inputs = NetworkSamples.plainInputs(3)
        var learner = try Learner(rows(3, 100), inputs, options, path: path)
        var best = try Learner(rows(3, 100), inputs, options)
        for epoch in 0..<2 { #expect(learner.learn(epoch: epoch) == best.learn(epoch: epoch)) }
        #expect(learner.network == best.network)
    }

    @Test func `to the same network from the same seed`() async throws {
        let rows = try rows(3, 100)
        let inputs = NetworkSamples.plainInputs(3)
        let options = options(dropout: 0.3, epochsMax: 3)
        let one = try await NetworkTraining.train(rows, inputs: inputs, options)
        let two = try await NetworkTraining.train(rows, inputs: inputs, options)
        #expect(one == two)
        let other = try await NetworkTraining.train(
            rows, inputs: inputs, self.options(dropout: 0.3, epochsMax: 3, seed: 2))
        #expect(one.network != other.network)
    }

    @Test func `until the validation rows are no better foretold, and the best is kept`()
        async throws
    {
        let validation = try rows(6, 100)
        let trained = try await NetworkTraining.train(
            rows(5, 60), validation: validation, inputs: NetworkSamples.plainInputs(3),
            options([32, 16], epochsMax: 300, patience: 5))
        let losses = try trained.epochs.map { try #require($0.validationLoss) }
        let least = try #require(losses.min())
        #expect(trained.epochs.count == trained.bestEpoch + 5)
        #expect(losses[trained.bestEpoch - 1] == least)
        let scores = try NetworkScorer(trained.network).score(validation.values, count: 100)
        let rows = try ScoredRows(
            scores: (0..<100).map { Double(scores[2 * $0 + 1]) },
            labels: validation.labels.map { $0 == 1 })
        #expect(abs(rows.logLoss - least) < 1e-5)
    }

    @Test func `to see that a value is missing`() async throws {
        var samples = NetworkSamples(seed: 9)
        let labels = (0..<300).map { _ in samples.generator.next(below: 2) == 0 }
        let values = labels.map { $0 ? Float.nan : samples.normal() }
        let rows = try NetworkRows(featureCount: 1, values: values, labels: labels)
        var inputs = NetworkSamples.plainInputs(1)
        inputs.indicators = [0]
        let trained = try await NetworkTraining.train(rows, inputs: inputs, options())
        #expect(try auroc(trained.network, rows) > 0.999)
    }

    @Test func `to heed the weights of classes and rows`() async throws {
        var samples = NetworkSamples(seed: 10)
        let labels = (0..<400).map { $0 % 10 == 0 }
        let values = labels.map { _ in samples.normal() }
        let inputs = NetworkSamples.plainInputs(1)
        func mean(
            _ weights: NetworkOptions.ClassWeights, ofRows: [Float]? = nil
        ) async throws
            -> Float
        {
            var options = options([], epochsMax: 60)
            options.classWeights = weights
            let rows = try NetworkRows(
                featureCount: 1, values: values, labels: labels, weights: ofRows)
            let trained = try await NetworkTraining.train(rows, inputs: inputs, options)
            return try NetworkScorer(trained.network).score([0], count: 1)[1]
        }
        #expect(abs(try await mean(.equal) - 0.1) < 0.05)
        #expect(abs(try await mean(.balanced) - 0.5) < 0.05)
        #expect(abs(try await mean(.given([1, 27])) - 0.75) < 0.05)
        let byRow = labels.map { $0 ? Float(9) : 1 }
        #expect(abs(try await mean(.equal, ofRows: byRow) - 0.5) < 0.05)
    }

    @Test func `to tell more than two classes`() async throws {
        var samples = NetworkSamples(seed: 12)
        let values = (0..<600).map { _ in samples.normal() }
        let labels = (0..<300).map { row in
            values[2 * row] > 0 ? 0 : values[2 * row + 1] > 0 ? 1 : 2
        }
        let rows = try NetworkRows(
            featureCount: 2, values: values, labels: labels, classCount: 3)
        let trained = try await NetworkTraining.train(
            rows, inputs: NetworkSamples.plainInputs(2), options())
        let scorer = try NetworkScorer(trained.network)
        #expect(scorer.classCount == 3)
        let scores = try scorer.score(values, count: 300)
        let right = labels.indices.count { row in
            let own = scores[3 * row..<3 * row + 3]
            #expect(abs(own.reduce(0, +) - 1) < 1e-5)
            return own[3 * row + labels[row]] == own.max()
        }
        #expect(right > 280)
    }
}
