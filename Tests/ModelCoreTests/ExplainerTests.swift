import ModelCore
import Testing
import TwinCore
import TwinTestKit

@Suite struct ExplainerTests {
    /// x0 · x1 + x2 / 4, in 0...1 for inputs in 0...1 and -1...0.
    private struct Product: Scorer {
        var featureCount: Int { 3 }
        var classCount: Int { 2 }
        var operationsPerRow: Int { 3 }

        func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
            (0..<count).flatMap { row in
                let score = rows[3 * row] * rows[3 * row + 1] + rows[3 * row + 2] / 4
                return [1 - score, score]
            }
        }
    }

    @Test func `sampled values add up, share fairly and say how sure they are`() throws {
        let explainer = try SampledExplainer(
            Product(), positiveIndex: 1, background: [0, 0, 0], names: ["a", "b", "c"])
        let explanation = try explainer.explain([1, 1, 0.5])
        #expect(explanation.baseline == 0)
        #expect((explanation.rawScore - 1.125).magnitude < 1e-6)
        // Pairs of reversed permutations share the product equally, exactly.
        #expect((explanation.contributions[0] - 0.5).magnitude < 1e-6)
        #expect((explanation.contributions[1] - 0.5).magnitude < 1e-6)
        #expect((explanation.contributions[2] - 0.125).magnitude < 1e-6)
        #expect(explanation.standardErrors.allSatisfy { $0 < 1e-6 })
        #expect(try explainer.explain([1, 1, 0.5]) == explanation)
    }

    /// The sum of what is over 1 in pairs of columns, so that orders matter.
    private struct Crowd: Scorer {
        var featureCount: Int { 12 }
        var classCount: Int { 2 }
        var operationsPerRow: Int

        func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
            (0..<count).flatMap { row -> [Float] in
                let own = rows[12 * row..<12 * row + 12]
                let sum = own.enumerated().reduce(Float(0)) {
                    $0 + $1.element * Float($1.offset + 1)
                }
                let score = max(0, sum - 30) / 100
                return [1 - score, score]
            }
        }
    }

    /// Exact values, over all coalitions.
    private func shapley(_ scorer: Crowd) throws -> [Double] {
        func worth(_ known: Int) throws -> Double {
            let row = (0..<12).map { Float(known >> $0 & 1) }
            return Double(try scorer.score(row, count: 1)[1])
        }
        let worths = try (0..<1 << 12).map(worth)
        func factorial(_ n: Int) -> Double { (0..<n).reduce(1) { $0 * Double($1 + 1) } }
        return (0..<12).map { feature in
            worths.indices.filter { $0 >> feature & 1 == 0 }.reduce(0.0) { sum, known in
                let size = known.nonzeroBitCount
                return sum + factorial(size) * factorial(11 - size) / factorial(12)
                    * (worths[known | 1 << feature] - worths[known])
            }
        }
    }

    @Test(arguments: [1, 1 << 27])
    func `sampled values are as far off as they say`(operations: Int) throws {
        let scorer = Crowd(operationsPerRow: operations)
        let explainer = try SampledExplainer(
            scorer, positiveIndex: 1, background: Array(repeating: 0, count: 12),
            names: (0..<12).map { "\($0)" })
        let explanation = try explainer.explain(Array(repeating: 1, count: 12))
        #expect(explanation.method == .sampled)
        let exact = try shapley(scorer)
        var squares = 0.0
        for feature in exact.indices {
            let error = explanation.standardErrors[feature]
            let miss = explanation.contributions[feature] - exact[feature]
            // A single pair may be exact by chance; all of them are not.
            squares += error > 0 ? miss * miss / (error * error) : 0
        }
        #expect(explanation.standardErrors.contains { $0 > 1e-4 })
        // About one each where the errors are honest; a pair alone knows its own only roughly.
        #expect(squares / 12 < (operations == 1 ? 4 : 40))
        #expect(squares / 12 > 0.02)
    }

    @Test func `a feature at its typical value moves nothing`() throws {
        let explainer = try SampledExplainer(
            Product(), positiveIndex: 1, background: [0.5, 0.5, 0], names: ["a", "b", "c"])
        let explanation = try explainer.explain([0.5, 1, 0])
        #expect(explanation.contributions == [0, 0.25, 0])
        #expect(try explainer.explain([0.5, 0.5, 0]).contributions == [0, 0, 0])
    }

    @Test func `no explanation starts from nowhere`() {
        #expect(throws: ModelError.backgroundMissing("b")) {
            try SampledExplainer(
                Product(), positiveIndex: 1, background: [0, .nan, 0], names: ["a", "b", "c"])
        }
        #expect(throws: ModelError.backgroundMissing("b")) {
            try LinearExplainer(
                weights: [1, 1], intercept: 0, preparations: [], link: .identity,
                background: [0, .nan], names: ["a", "b"])
        }
    }

    @Test func `linear accounts hold through imputation and scaling`() throws {
        let explainer = try LinearExplainer(
            weights: [2, -1], intercept: 0.5,
            preparations: [
                .impute(replaced: .nan, values: [3, 4]), .scale(offsets: [1], scales: [0.5, 2]),
            ], link: .identity, background: [.nan, 5], names: ["a", "b"])
        let explanation = try explainer.explain([4, .nan])
        // The background becomes [1, 8], the row [1.5, 6].
        #expect(explanation.baseline == 0.5 + 2 - 8)
        #expect(explanation.contributions == [1, 2])
    }

    @Test func `trees are explained on the prepared row`() throws {
        let ensemble = TreeEnsemble(
            featureCount: 2,
            trees: [
                [
                    .init(
                        feature: 0, threshold: 0.5, trueBranch: 1, falseBranch: 2,
                        missingGoesTrue: false, value: 0, cover: 4),
                    .init(
                        feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0,
                        missingGoesTrue: false, value: 0.25, cover: 1),
                    .init(
                        feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0,
                        missingGoesTrue: false, value: 0.75, cover: 3),
                ]
            ], baseValue: 0.1)
        let explainer = try TreeExplainer(
            ensemble, preparations: [.impute(replaced: .nan, values: [0, 0])], link: .identity,
            attribution: CountedShapley.attribution)
        let explanation = try explainer.explain([.nan, 1])
        #expect((explanation.baseline - 0.725).magnitude < 1e-7)
        #expect((explanation.contributions[0] + 0.375).magnitude < 1e-7)
        #expect(explanation.contributions[1] == 0)
    }
}
