import ModelCore
import ModelTraining
import Testing

@testable import ModelForest

@Suite struct `A forest is scored` {
    static let seed: UInt64 = 4711

    /// What the ensemble's words say, and nothing else.
    func naive(_ ensemble: TreeEnsemble, _ row: [Float]) -> Double {
        var sum = Double(ensemble.baseValue)
        for tree in ensemble.trees {
            var at = 0
            while tree[at].feature >= 0 {
                let value = row[Int(tree[at].feature)]
                let goesTrue = value.isNaN ? tree[at].missingGoesTrue : value <= tree[at].threshold
                at = Int(goesTrue ? tree[at].trueBranch : tree[at].falseBranch)
            }
            sum += Double(tree[at].value)
        }
        return sum
    }

    @Test(arguments: [
        (0, 3, 5), (1, 1, 5), (7, 6, 3), (8, 2, 40), (21, 12, 40), (40, 9, 400), (9, 5, 3000),
    ])
    func `one row and many give the bits of the plain walk`(
        trees: Int, depth: Int, features: Int
    ) throws {
        var samples = ForestSamples(seed: Self.seed)
        let ensemble = samples.ensemble(trees: trees, features: features, depth: depth)
        let scorer = try ForestScorer(ensemble)
        #expect(scorer.isCompact)
        let compact = try #require(CompactForest(ensemble))
        for count in [0, 1, 7, 8, 17, 130, 300] where count < 130 || features < 100 {
            let rows = (0..<count * features).map { _ in samples.awkward() }
            let scores = try scorer.scores(rows)
            #expect(scores.count == count)
            #expect(compact.scores(rows, isWide: false) == scores)
            for index in 0..<count {
                let row = Array(rows[index * features..<(index + 1) * features])
                let expected = naive(ensemble, row)
                #expect(try scorer.score(row).bitPattern == expected.bitPattern)
                #expect(scores[index].bitPattern == expected.bitPattern)
            }
        }
    }

    @Test func `many features are scored as well`() throws {
        var samples = ForestSamples(seed: Self.seed)
        let features = 9000
        let ensemble = samples.ensemble(trees: 60, features: features, depth: 9)
        let scorer = try ForestScorer(ensemble)
        #expect(!scorer.isCompact)
        let rows = (0..<3 * features).map { _ in samples.awkward() }
        for (index, score) in try scorer.scores(rows).enumerated() {
            let row = Array(rows[index * features..<(index + 1) * features])
            #expect(try scorer.score(row).bitPattern == score.bitPattern)
            #expect(naive(ensemble, row).bitPattern == score.bitPattern)
        }
    }

    @Test func `scores are those of scikit-learn`() throws {
        let scorer = try ForestScorer(ForestFixture.ensemble())
        for line in try ForestFixture.lines("rows.csv") {
            let expected = try #require(Double(line[10]))
            let score = try scorer.score(line[..<10].map { try #require(Float($0)) })
            #expect(abs(score - expected) < 1e-6)
        }
    }

    @Test func `a row of another length is refused`() throws {
        var samples = ForestSamples(seed: Self.seed)
        let ensemble = samples.ensemble(trees: 2, features: 3, depth: 2)
        let scorer = try ForestScorer(ensemble)
        #expect(throws: ForestError.rowLength(2, expected: 3)) { try scorer.score([1, 2]) }
        #expect(throws: ForestError.rowLength(1, expected: 3)) {
            try scorer.scores([1, 2, 3, 4])
        }
        #expect(throws: ForestError.rowLength(4, expected: 3)) {
            try TreeSHAP(ensemble).attributions([1, 2, 3, 4])
        }
    }

    @Test func `every broken ensemble is refused`() throws {
        var samples = ForestSamples(seed: Self.seed)
        var good = samples.ensemble(trees: 3, features: 4, depth: 4)
        while good.trees[1].count < 7 { good = samples.ensemble(trees: 3, features: 4, depth: 4) }
        let leaf = try #require(good.trees[1].firstIndex { $0.feature < 0 })
        let breaks: [(String, (inout TreeEnsemble) -> Void)] = [
            ("no features", { $0.featureCount = 0 }),
            ("too many features", { $0.featureCount = .max }),
            ("no nodes", { $0.trees[1] = [] }),
            ("base value", { $0.baseValue = .nan }),
            ("feature above", { $0.trees[1][0].feature = 4 }),
            ("feature below", { $0.trees[1][leaf].feature = -2 }),
            ("threshold", { $0.trees[1][0].threshold = .nan }),
            ("leaf value", { $0.trees[1][leaf].value = .infinity }),
            ("child at itself", { $0.trees[1][0].trueBranch = 0 }),
            ("child before", { $0.trees[1][0].falseBranch = -1 }),
            ("child outside", { $0.trees[1][0].falseBranch = .max }),
            ("one child twice", { $0.trees[1][0].trueBranch = $0.trees[1][0].falseBranch }),
            ("nobody's child", { $0.trees[1].append($0.trees[1][leaf]) }),
        ]
        for (name, change) in breaks {
            var broken = good
            change(&broken)
            #expect(throws: ForestError.self, "\(name)") { try ForestScorer(broken) }
            #expect(throws: ForestError.self, "\(name)") { try TreeSHAP(broken) }
        }
        #expect(throws: Never.self) { try ForestScorer(good) }
    }

    @Test func `no nodes end the process`() throws {
        var samples = ForestSamples(seed: Self.seed)
        var taken = 0
        for _ in 0..<10_000 {
            var ensemble = samples.ensemble(trees: 2, features: 3, depth: 2)
            for _ in 0..<1 + samples.generator.next(below: 2) {
                let tree = samples.generator.next(below: 2)
                let node = samples.generator.next(below: ensemble.trees[tree].count)
                mutate(&ensemble.trees[tree][node], &samples)
            }
            guard let scorer = try? ForestScorer(ensemble) else { continue }
            taken += 1
            let row = (0..<3).map { _ in samples.awkward() }
            let score = try scorer.score(row)
            if score.bitPattern != naive(ensemble, row).bitPattern {
                Issue.record("\(ensemble) \(row)")
            }
            if let shap = try? TreeSHAP(ensemble) { _ = try shap.attributions(row) }
        }
        #expect((1000..<9900).contains(taken))
    }

    private func mutate(_ node: inout TreeEnsemble.Node, _ samples: inout ForestSamples) {
        let wild = Int32(truncatingIfNeeded: samples.generator.next())
        let near = Int32(samples.generator.next(below: 8)) - 2
        let number = samples.generator.next(below: 2) == 0 ? wild : near
        switch samples.generator.next(below: 6) {
        case 0: node.feature = number
        case 1: node.trueBranch = number
        case 2: node.falseBranch = number
        case 3: node.threshold = Float(bitPattern: UInt32(bitPattern: wild))
        case 4: node.value = Float(bitPattern: UInt32(bitPattern: wild))
        default: node.cover = Float(bitPattern: UInt32(bitPattern: wild))
        }
    }
}
