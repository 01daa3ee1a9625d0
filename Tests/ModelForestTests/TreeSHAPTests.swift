import ModelCore
import ModelTraining
import Testing

@testable import ModelForest

@Suite struct `A score is explained` {
    static let seed: UInt64 = 31

    /// The score expected of a row of which only some features are known: the definition itself.
    func expectation(
        _ tree: [TreeEnsemble.Node], _ row: [Float], known: Int, at index: Int = 0
    ) -> Double {
        let node = tree[index]
        guard node.feature >= 0 else { return Double(node.value) }
        let (toTrue, toFalse) = (Int(node.trueBranch), Int(node.falseBranch))
        if known & (1 << Int(node.feature)) != 0 {
            let value = row[Int(node.feature)]
            let goesTrue = value.isNaN ? node.missingGoesTrue : value <= node.threshold
            return expectation(tree, row, known: known, at: goesTrue ? toTrue : toFalse)
        }
        let share = Double(tree[toTrue].cover) / Double(tree[toTrue].cover + tree[toFalse].cover)
        return share * expectation(tree, row, known: known, at: toTrue)
            + (1 - share) * expectation(tree, row, known: known, at: toFalse)
    }

    /// Shapley values by their definition, over all coalitions.
    func shapley(_ ensemble: TreeEnsemble, _ row: [Float]) -> [Double] {
        let count = ensemble.featureCount
        func factorial(_ n: Int) -> Double { (0..<n).reduce(1) { $0 * Double($1 + 1) } }
        let worths = (0..<1 << count).map { known in
            ensemble.trees.reduce(0.0) { $0 + expectation($1, row, known: known) }
        }
        return (0..<count).map { feature in
            worths.indices.filter { $0 & (1 << feature) == 0 }.reduce(0.0) { sum, coalition in
                let size = coalition.nonzeroBitCount
                let weight =
                    factorial(size) * factorial(count - size - 1) / factorial(count)
                return sum + weight * (worths[coalition | 1 << feature] - worths[coalition])
            }
        }
    }

    @Test(arguments: [(1, 1), (2, 3), (4, 4), (6, 7)])
    func `as all coalitions say`(features: Int, depth: Int) throws {
        var samples = ForestSamples(seed: Self.seed)
        for _ in 0..<6 {
            let ensemble = samples.ensemble(trees: 3, features: features, depth: depth)
            let shap = try TreeSHAP(ensemble)
            let none = ensemble.trees.reduce(Double(ensemble.baseValue)) {
                $0 + expectation($1, [], known: 0)
            }
            #expect(abs(shap.baseline - none) < 1e-6)
            for _ in 0..<4 {
                let row = (0..<features).map { _ in samples.awkward() }
                let expected = shapley(ensemble, row)
                let attribution = try shap.attributions(row)
                for (found, right) in zip(attribution.contributions, expected) {
                    #expect(abs(found - right) < 2e-6, "\(row)")
                }
            }
        }
    }

    @Test func `as shap says of a forest of scikit-learn`() throws {
        let shap = try TreeSHAP(ForestFixture.ensemble())
        for line in try ForestFixture.lines("rows.csv") {
            let numbers = try line.map { try #require(Double($0)) }
            let attribution = try shap.attributions(line[..<10].map { try #require(Float($0)) })
            #expect(abs(attribution.baseline - numbers[11]) < 1e-6)
            for (found, right) in zip(attribution.contributions, numbers[12...]) {
                #expect(abs(found - right) < 1e-6)
            }
        }
    }

    @Test func `the contributions add up to the score`() async throws {
        var samples = ForestSamples(seed: Self.seed)
        let (values, labels) = samples.rows(400, features: 40, missing: 0.1)
        let forest = try await ForestTraining.grow(
            ForestRows(featureCount: 40, values: values, labels: labels),
            ForestOptions(treeCount: 10, depthMax: 64, seed: Self.seed))
        let shap = try TreeSHAP(forest.ensemble)
        let scorer = try ForestScorer(forest.ensemble)
        for _ in 0..<20 {
            let row = (0..<40).map { _ in samples.awkward() }
            let attribution = try shap.attributions(row)
            let sum = attribution.contributions.reduce(attribution.baseline, +)
            #expect(abs(sum - (try scorer.score(row))) < 1e-6)
        }
    }

    @Test func `wide vectors change no bit`() throws {
        var samples = ForestSamples(seed: Self.seed)
        let shap = try TreeSHAP(samples.ensemble(trees: 9, features: 30, depth: 9))
        for _ in 0..<20 {
            let row = (0..<30).map { _ in samples.awkward() }
            let wide = try shap.attributions(row, wide: true).contributions
            let narrow = try shap.attributions(row, wide: false).contributions
            #expect(wide.map(\.bitPattern) == narrow.map(\.bitPattern))
        }
    }

    /// A tree that asks for one feature after the other, all the way down.
    func chain(_ length: Int, features: Int) -> TreeEnsemble {
        var nodes: [TreeEnsemble.Node] = []
        for step in 0..<length {
            let last = step == length - 1
            nodes.append(
                .init(
                    feature: Int32(step % features), threshold: Float(length - step),
                    trueBranch: Int32(2 * step + 2), falseBranch: Int32(2 * step + 1),
                    missingGoesTrue: true, value: 0, cover: Float(length - step + 1)))
            nodes.append(leaf(value: 0, cover: 1))
            if last { nodes.append(leaf(value: 1, cover: 1)) }
        }
        return TreeEnsemble(featureCount: features, trees: [nodes], baseValue: 0)
    }

    func leaf(value: Float, cover: Float) -> TreeEnsemble.Node {
        .init(
            feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0, missingGoesTrue: false,
            value: value, cover: cover)
    }

    @Test func `paths are deep enough, and no deeper`() throws {
        let deep = chain(64, features: 64)
        let attribution = try TreeSHAP(deep).attributions([Float](repeating: 0, count: 64))
        #expect(abs(attribution.contributions.reduce(attribution.baseline, +) - 1) < 1e-6)
        // The last node stands for one of 64 + 1 rows.
        #expect(abs(attribution.baseline - 1.0 / 65) < 1e-6)
        #expect(throws: ForestError.tooDeep(tree: 0)) { try TreeSHAP(chain(65, features: 65)) }
        let repeated = chain(500, features: 3)
        let few = try TreeSHAP(repeated).attributions([.nan, .nan, .nan])
        #expect(abs(few.contributions.reduce(few.baseline, +) - 1) < 1e-6)
    }

    @Test func `a forest of leaves says nothing of any feature`() throws {
        let ensemble = TreeEnsemble(
            featureCount: 2, trees: [[leaf(value: 0.25, cover: 0)]], baseValue: 1)
        let attribution = try TreeSHAP(ensemble).attributions([1, .nan])
        #expect(attribution == ForestAttribution(baseline: 1.25, contributions: [0, 0]))
    }

    @Test(arguments: [Float.nan, -1, .infinity])
    func `covers that are none are refused`(cover: Float) throws {
        var ensemble = chain(3, features: 3)
        ensemble.trees[0][1].cover = cover
        #expect(throws: ForestError.noCover(tree: 0, node: 0)) { try TreeSHAP(ensemble) }
        #expect(throws: Never.self) { try ForestScorer(ensemble) }
    }

    @Test func `a branch that no row took has no share`() throws {
        var ensemble = chain(1, features: 1)
        ensemble.trees[0][1].cover = 0
        let shap = try TreeSHAP(ensemble)
        #expect(shap.baseline == 1)
        #expect(try shap.attributions([0]).contributions == [0])
        #expect(try shap.attributions([9]).contributions == [-1])
        ensemble.trees[0][2].cover = 0
        #expect(throws: ForestError.noCover(tree: 0, node: 0)) { try TreeSHAP(ensemble) }
    }

    @Test(arguments: 1...32) func `the rule is exact`(points: Int) {
        let rule = Quadrature.shared
        let places = (points - 1) * 32..<(points - 1) * 32 + points
        for degree in 0..<2 * points {
            let integral = places.reduce(0.0) { sum, place in
                sum
                    + (0..<degree).reduce(rule.weights[place]) { power, _ in
                        power * rule.nodes[place]
                    }
            }
            #expect(abs(integral - 1 / Double(degree + 1)) < 1e-14)
        }
    }
}
