import ModelCore
import Testing

@testable import ModelNetwork

@Suite struct `Scores and explanations of a network` {
    /// Three features, of which the second has an indicator.
    static let inputs = NetworkInputs(
        fills: [1, 2, 3], indicators: [1], offsets: [0.5, 2, -1], scales: [2, 0.5, 1])
    static let names = ["a", "b", "c"]
    static let typical: [Float] = [1, 2, 3]

    @Test func `the score is the sum by hand`() throws {
        let network = DenseNetwork(
            inputs: Self.inputs,
            layers: [
                .init(
                    weights: [1, -1, 0.5, 2, 0, 1, 3, -2], biases: [0.1, 0.2], activation: .relu),
                .init(weights: [0.5, -0.25], biases: [0.3], activation: .identity),
            ])
        // Inputs 1, 0, 4 and the indicator; hidden 1.1 and 3.2, or 4.1 and 1.2.
        let samples: [(row: [Float], logit: Double)] = [([1, 2, 3], 0.05), ([1, .nan, 3], 2.05)]
        for (row, logit) in samples {
            let score = try NetworkScorer(network).score(row, count: 1)
            #expect(abs(Double(score[1]) - Elementary.logistic(logit)) < 1e-6)
            #expect(abs(score[0] + score[1] - 1) < 1e-6)
        }
    }

    @Test func `many rows give the bits of each`() throws {
        var samples = NetworkSamples(seed: 6)
        let network = samples.network(Self.inputs, widths: [19, 8, 3], .tanh)
        let scorer = try NetworkScorer(network)
        let rows = samples.rows(600, features: 3, missing: 0.2).values
        let all = try scorer.score(rows, count: 600)
        for row in 0..<600 {
            let own = try scorer.score(Array(rows[3 * row..<3 * row + 3]), count: 1)
            #expect(own == Array(all[3 * row..<3 * row + 3]))
        }
        #expect(throws: ModelError.self) { try scorer.score([1, 2], count: 1) }
        #expect(throws: ModelError.self) { try scorer.score([], count: 0) }
    }

    @Test func `a linear network is explained exactly`() throws {
        let network = DenseNetwork(
            inputs: Self.inputs,
            layers: [.init(weights: [3, 4, -2, 5], biases: [0.5], activation: .identity)])
        let explainer = try IntegratedGradients(
            network, positiveIndex: 1, background: Self.typical, names: Self.names)
        let explanation = try explainer.explain([2, .nan, 1])
        for (found, expected) in zip(explanation.contributions, [6.0, 5, 4]) {
            #expect(abs(found - expected) < 1e-5)
        }
        #expect(abs(explanation.baseline - (3 - 8 + 0.5)) < 1e-5)
        #expect(explanation.link == .logistic)
        #expect(explanation.standardErrors.allSatisfy { $0 < 1e-5 })
        let first = try IntegratedGradients(
            network, positiveIndex: 0, background: Self.typical, names: Self.names)
        #expect(try first.explain([2, .nan, 1]).contributions[0] < 0)
    }

    @Test(arguments: [
        ([9, 1], DenseNetwork.Activation.relu), ([40, 20, 3], .relu), ([12, 2], .tanh),
    ])
    func `contributions add up to the score`(
        widths: [Int], activation: DenseNetwork.Activation
    ) throws {
        var samples = NetworkSamples(seed: 15)
        for _ in 0..<8 {
            let network = samples.network(Self.inputs, widths: widths, activation)
            let scorer = try NetworkScorer(network)
            for positive in 0..<scorer.classCount {
                let explainer = try IntegratedGradients(
                    network, positiveIndex: positive, background: Self.typical, names: Self.names)
                for row in [samples.rows(1, features: 3).values, [.nan, .nan, 9], Self.typical] {
                    let explanation = try explainer.explain(row)
                    let score = Double(try scorer.score(row, count: 1)[positive])
                    #expect(Proof.addsUp(explanation, to: score))
                    let odds = Elementary.log(score / (1 - score))
                    if odds.isFinite, odds.magnitude < 8 {
                        #expect(
                            abs(explanation.rawScore - odds) < 1.2e-3 + 1e-6 / (score * (1 - score))
                        )
                    }
                    #expect(explanation.standardErrors.count == 3)
                    #expect(try explainer.explain(row) == explanation)
                }
            }
        }
    }

    @Test func `what does not move the score has no part, and what is symmetric has equal parts`()
        throws
    {
        let network = DenseNetwork(
            inputs: NetworkSamples.plainInputs(3),
            layers: [
                .init(
                    weights: [1, 2, 1, 2, 0, 0], biases: [-1, 0.5], activation: .tanh),
                .init(weights: [2, -1], biases: [0], activation: .identity),
            ])
        let explainer = try IntegratedGradients(
            network, positiveIndex: 1, background: [0, 0, 0], names: Self.names)
        let explanation = try explainer.explain([1.5, 1.5, 40])
        #expect(explanation.contributions[0] == explanation.contributions[1])
        #expect(explanation.contributions[2] == 0)
    }

    @Test func `a sum that does not come right is refused, with how far it is off`() throws {
        // A step of 10 between two points that no mean looks at.
        let network = DenseNetwork(
            inputs: NetworkSamples.plainInputs(1),
            layers: [
                .init(
                    weights: [1e6, 1e6], biases: [-500_010, -500_020], activation: .relu),
                .init(weights: [1, -1], biases: [0], activation: .identity),
            ])
        let explainer = try IntegratedGradients(
            network, positiveIndex: 1, background: [0], names: ["a"])
        let error = #expect(throws: ModelError.self) { try explainer.explain([1]) }
        guard case .notExplainable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.hasPrefix("the contributions miss the score by -"))
    }

    @Test func `what has no start or no end is refused`() throws {
        var samples = NetworkSamples(seed: 2)
        let network = samples.network(Self.inputs, widths: [4, 1], .relu)
        #expect(throws: ModelError.backgroundMissing("b")) {
            try IntegratedGradients(
                network, positiveIndex: 1, background: [1, .nan, 3], names: Self.names)
        }
        #expect(throws: ModelError.width(expected: 3, got: 1)) {
            try IntegratedGradients(
                network, positiveIndex: 1, background: [1], names: ["a"])
        }
        #expect(throws: ModelError.self) {
            try IntegratedGradients(
                network, positiveIndex: 2, background: Self.typical, names: Self.names)
        }
        let explainer = try IntegratedGradients(
            network, positiveIndex: 1, background: Self.typical, names: Self.names)
        #expect(throws: ModelError.width(expected: 3, got: 2)) { try explainer.explain([1, 2]) }
        #expect(throws: ModelError.self) { try explainer.explain([.infinity, 2, 3]) }
        #expect(throws: ModelError.self) {
            try explainer.explain([.greatestFiniteMagnitude, 2, 3])
        }
    }
}
