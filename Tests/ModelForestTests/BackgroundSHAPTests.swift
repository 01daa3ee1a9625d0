import ModelCore
import Testing

@testable import ModelForest

@Suite struct `A score is explained against a background` {
    static let seed: UInt64 = 57

    /// Shapley values by their definition: absent features are those of one background row.
    func shapley(_ ensemble: TreeEnsemble, _ row: [Float], _ background: [[Float]]) -> [Double] {
        let count = ensemble.featureCount
        func factorial(_ n: Int) -> Double { (0..<n).reduce(1) { $0 * Double($1 + 1) } }
        let worths = (0..<1 << count).map { known in
            background.reduce(0.0) { sum, other in
                let mixed = row.indices.map { known >> $0 & 1 == 1 ? row[$0] : other[$0] }
                return sum + ensemble.plainScore(of: mixed[...])
            } / Double(background.count)
        }
        return (0..<count).map { feature in
            worths.indices.filter { $0 >> feature & 1 == 0 }.reduce(0.0) { sum, known in
                let size = known.nonzeroBitCount
                let weight = factorial(size) * factorial(count - size - 1) / factorial(count)
                return sum + weight * (worths[known | 1 << feature] - worths[known])
            }
        }
    }

    @Test(arguments: [(1, 1, 1), (2, 3, 2), (4, 4, 9), (7, 8, 128)])
    func `as all coalitions say`(features: Int, depth: Int, rows: Int) throws {
        var samples = ForestSamples(seed: Self.seed)
        for _ in 0..<4 {
            var ensemble = samples.ensemble(trees: 3, features: features, depth: depth)
            // Covers are of no use to it.
            for tree in ensemble.trees.indices {
                for node in ensemble.trees[tree].indices { ensemble.trees[tree][node].cover = 1 }
            }
            let background = (0..<rows).map { _ in (0..<features).map { _ in samples.awkward() } }
            let shap = try BackgroundSHAP(ensemble, background: background)
            for _ in 0..<4 {
                let row = (0..<features).map { _ in samples.awkward() }
                let found = try shap.attributions(row)
                for (own, right) in zip(
                    found.contributions, shapley(ensemble, row, background))
                {
                    #expect(abs(own - right) < 1e-9, "\(row)")
                }
                let sum = found.contributions.reduce(found.baseline, +)
                #expect(abs(sum - ensemble.plainScore(of: row[...])) < 1e-9)
            }
        }
    }

    @Test func `as shap says of a forest of scikit-learn`() throws {
        let background = try ForestFixture.lines("background.csv").map { line in
            try line.map { try #require(Float($0)) }
        }
        let shap = try BackgroundSHAP(ForestFixture.ensemble(), background: background)
        for line in try ForestFixture.lines("interventional.csv") {
            let numbers = try line.map { try #require(Double($0)) }
            let found = try shap.attributions(line[..<10].map { try #require(Float($0)) })
            #expect(abs(found.baseline - numbers[11]) < 1e-6)
            for (own, right) in zip(found.contributions, numbers[12...]) {
                #expect(abs(own - right) < 1e-6)
            }
        }
    }

    @Test func `what it can't do is refused`() throws {
        var samples = ForestSamples(seed: Self.seed)
        let ensemble = samples.ensemble(trees: 1, features: 2, depth: 2)
        #expect(throws: ForestError.self) { try BackgroundSHAP(ensemble, background: []) }
        #expect(throws: ForestError.self) {
            try BackgroundSHAP(ensemble, background: Array(repeating: [0, 0], count: 129))
        }
        #expect(throws: ForestError.rowLength(1, expected: 2)) {
            try BackgroundSHAP(ensemble, background: [[0, 0], [0]])
        }
        let shap = try BackgroundSHAP(ensemble, background: [[0, 0]])
        #expect(throws: ForestError.rowLength(3, expected: 2)) { try shap.attributions([0, 0, 0]) }
    }
}
