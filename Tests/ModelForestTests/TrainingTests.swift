import ModelCore
import ModelTraining
import Testing

@testable import ModelForest

@Suite struct `A forest is grown` {
    static let seed: UInt64 = 20_240_601

    func table(
        _ count: Int, features: Int = 6, missing: Double = 0, seed: UInt64 = Self.seed
    ) throws -> (rows: ForestRows, values: [Float], labels: [Bool]) {
        var samples = ForestSamples(seed: seed)
        let (values, labels) = samples.rows(count, features: features, missing: missing)
        return (
            try ForestRows(featureCount: features, values: values, labels: labels), values, labels
        )
    }

    @Test(arguments: [0.0, 0.3], [255, 7])
    func `training rows go where they went in training`(missing: Double, binsMax: Int) async throws
    {
        let (rows, values, labels) = try table(300, missing: missing)
        let forest = try await ForestTraining.grow(
            rows,
            ForestOptions(
                treeCount: 3, binsMax: binsMax, bootstrap: false, seed: Self.seed))
        try forest.ensemble.check()
        for nodes in forest.ensemble.trees {
            var covers = [Float](repeating: 0, count: nodes.count)
            var positives = covers
            for row in labels.indices {
                var at = 0
                covers[0] += 1
                while nodes[at].feature >= 0 {
                    let value = values[row * 6 + Int(nodes[at].feature)]
                    at = Int(
                        nodes[at].sendsTrue(value) ? nodes[at].trueBranch : nodes[at].falseBranch)
                    covers[at] += 1
                }
                if labels[row] { positives[at] += 1 }
            }
            #expect(covers == nodes.map(\.cover))
            for (node, (cover, positive)) in zip(nodes, zip(covers, positives))
            where node.feature < 0 { #expect(node.value == Float(Double(positive / cover) / 3)) }
        }
    }

    @Test func `distinct rows are told apart`() async throws {
        let (rows, values, labels) = try table(200)
        let forest = try await ForestTraining.grow(
            rows,
            ForestOptions(
                treeCount: 1, depthMax: 64, featuresPerNode: .all, bootstrap: false, seed: 1))
        let scores = try ForestScorer(forest.ensemble).scores(values)
        #expect(scores == labels.map { $0 ? 1 : 0 })
    }

    @Test func `neighbouring numbers are told apart`() async throws {
        // Between an odd and an even significand the middle is rounded to the upper number.
        let pairs: [Float] = [
            1, -1, 0, 3e38, -3e38, .leastNonzeroMagnitude, Float(1).nextUp, Float(1).nextDown,
        ]
        for low in pairs {
            let values = (0..<20).map { $0.isMultiple(of: 2) ? low : low.nextUp }
            let labels = values.map { $0 > low }
            let forest = try await ForestTraining.grow(
                ForestRows(featureCount: 1, values: values, labels: labels),
                ForestOptions(treeCount: 1, bootstrap: false, seed: 1))
            let scores = try ForestScorer(forest.ensemble).scores(values)
            #expect(scores == labels.map { $0 ? 1 : 0 }, "\(low)")
        }
    }

    @Test func `each row is judged by the trees that have not seen it`() async throws {
        let (rows, values, labels) = try table(400, missing: 0.1)
        let forest = try await ForestTraining.grow(
            rows, ForestOptions(treeCount: 1, depthMax: 3, seed: 9))
        let scores = try ForestScorer(forest.ensemble).scores(values)
        let judged = labels.indices.filter { !forest.outOfBag[$0].isNaN }
        // A row stays out of a bag with probability 1/e.
        #expect((115...180).contains(judged.count))
        for row in judged { #expect(abs(forest.outOfBag[row] - scores[row]) < 1e-6) }
        let many = try await ForestTraining.grow(
            rows, ForestOptions(treeCount: 40, depthMax: 3, seed: 9))
        #expect(many.outOfBag.allSatisfy { (0...1).contains($0) })
        let none = try await ForestTraining.grow(
            rows, ForestOptions(treeCount: 3, bootstrap: false, seed: 9))
        #expect(none.outOfBag.allSatisfy { $0.isNaN })
    }

    @Test func `the seed alone decides and the threads do not`() async throws {
        let (rows, _, _) = try table(250, missing: 0.1)
        var options = ForestOptions(treeCount: 9, seed: 5)
        let one = try await ForestTraining.grow(rows, options)
        for threads in [2, 5] {
            options.threadsMax = threads
            let many = try await ForestTraining.grow(rows, options)
            #expect(many.ensemble == one.ensemble)
            #expect(many.outOfBag.map(\.bitPattern) == one.outOfBag.map(\.bitPattern))
            #expect(many.importances == one.importances)
        }
        options.seed = 6
        #expect(try await ForestTraining.grow(rows, options).ensemble != one.ensemble)
        #expect(Set(one.ensemble.trees).count == 9)
    }

    @Test func `out of bag tells learning from remembering`() async throws {
        var samples = ForestSamples(seed: Self.seed)
        let (values, honest) = samples.rows(300, features: 6)
        let noise = honest.map { _ in samples.generator.next(below: 2) == 0 }
        func aurocs(_ labels: [Bool]) async throws -> (inBag: Double, outOfBag: Double) {
            let forest = try await ForestTraining.grow(
                ForestRows(featureCount: 6, values: values, labels: labels),
                ForestOptions(treeCount: 40, seed: 3))
            let scores = try ForestScorer(forest.ensemble).scores(values)
            return (
                try #require(ScoredRows(scores: scores, labels: labels).auroc),
                try #require(ScoredRows(known: forest.outOfBag, labels: labels).auroc)
            )
        }
        let learnt = try await aurocs(honest)
        #expect(learnt.outOfBag > 0.8)
        let remembered = try await aurocs(noise)
        #expect(remembered.inBag > 0.99)
        #expect((0.35...0.65).contains(remembered.outOfBag))
    }

    @Test func `a new row is predicted`() async throws {
        let (rows, _, _) = try table(600, missing: 0.05)
        let (_, values, labels) = try table(300, missing: 0.05, seed: 99)
        let forest = try await ForestTraining.grow(rows, ForestOptions(treeCount: 40, seed: 3))
        let scores = try ForestScorer(forest.ensemble).scores(values)
        #expect(scores.allSatisfy { (0...1.000001).contains($0) })
        #expect(try #require(ScoredRows(scores: scores, labels: labels).auroc) > 0.8)
        let importances = forest.importances
        #expect(abs(importances.reduce(0, +) - 1) < 1e-12)
        #expect(importances[..<3].min() ?? 0 > importances[3...].max() ?? 1)
    }

    @Test(arguments: [true, false])
    func `being missing is learnt from`(missingIsPositive: Bool) async throws {
        let values: [Float] = (0..<60).map { $0.isMultiple(of: 3) ? .nan : Float($0) }
        let labels = values.map { $0.isNaN == missingIsPositive }
        let forest = try await ForestTraining.grow(
            ForestRows(featureCount: 1, values: values, labels: labels),
            ForestOptions(treeCount: 5, seed: 2))
        let scores = try ForestScorer(forest.ensemble).scores(values)
        for (score, label) in zip(scores, labels) { #expect(abs(score - (label ? 1 : 0)) < 1e-6) }
    }

    @Test func `a missing value goes with those it is like`() async throws {
        // Above 50 the outcome happens; it happens to those who miss the value as well.
        let values: [Float] = (0..<100).map { $0.isMultiple(of: 5) ? .nan : Float($0) }
        let labels = values.map { $0.isNaN || $0 > 50 }
        let forest = try await ForestTraining.grow(
            ForestRows(featureCount: 1, values: values, labels: labels),
            ForestOptions(treeCount: 1, depthMax: 1, bootstrap: false, seed: 2))
        let root = forest.ensemble.trees[0][0]
        #expect(!root.missingGoesTrue)
        #expect(root.threshold == 50 || (49..<52).contains(root.threshold))
        let mirrored = values.map { 100 - $0 }
        let other = try await ForestTraining.grow(
            ForestRows(featureCount: 1, values: mirrored, labels: labels),
            ForestOptions(treeCount: 1, depthMax: 1, bootstrap: false, seed: 2))
        #expect(other.ensemble.trees[0][0].missingGoesTrue)
    }

    @Test func `a row of weight two is two rows`() async throws {
        let (_, values, labels) = try table(120)
        let weights = labels.indices.map { Float($0 % 3) }
        let repeated = labels.indices.flatMap { row in (0..<row % 3).map { _ in row } }
        let options = ForestOptions(
            treeCount: 2, featuresPerNode: .all, bootstrap: false, seed: 4)
        let weighted = try await ForestTraining.grow(
            ForestRows(featureCount: 6, values: values, labels: labels, weights: weights), options)
        let doubled = try await ForestTraining.grow(
            ForestRows(
                featureCount: 6, values: repeated.flatMap { values[$0 * 6..<$0 * 6 + 6] },
                labels: repeated.map { labels[$0] }), options)
        // The bins differ, because rows of no weight have their part in them; the leaves do not.
        let first = try ForestScorer(weighted.ensemble)
        let second = try ForestScorer(doubled.ensemble)
        for row in Set(repeated) {
            let one = Array(values[row * 6..<row * 6 + 6])
            #expect(try first.score(one) == second.score(one))
        }
        #expect(weighted.ensemble.trees[0][0].cover == Float(repeated.count))
    }

    @Test func `class weights move the probability`() async throws {
        let (_, values, labels) = try table(300)
        let rare = labels.indices.filter { !labels[$0] || $0 % 8 == 0 }
        let rows = try ForestRows(
            featureCount: 6, values: rare.flatMap { values[$0 * 6..<$0 * 6 + 6] },
            labels: rare.map { labels[$0] })
        func meanRoot(_ weights: ForestOptions.ClassWeights) async throws -> Float {
            let forest = try await ForestTraining.grow(
                rows, ForestOptions(treeCount: 30, depthMax: 0, classWeights: weights, seed: 4))
            return forest.ensemble.trees.reduce(0) { $0 + $1[0].value }
        }
        #expect(try await meanRoot(.equal) < 0.25)
        #expect(abs(try await meanRoot(.balanced) - 0.5) < 0.06)
        #expect(try await meanRoot(.given(negative: 1, positive: 1000)) > 0.9)
    }

    @Test func `leaves and depth keep their bounds`() async throws {
        let (rows, _, _) = try table(300, missing: 0.1)
        let forest = try await ForestTraining.grow(
            rows,
            ForestOptions(
                treeCount: 4, depthMax: 5, leafRowsMin: 12, bootstrap: false, seed: 4))
        for nodes in forest.ensemble.trees {
            #expect(nodes.count > 1)
            #expect(nodes.allSatisfy { $0.cover >= 12 })
            var depths = [Int](repeating: 0, count: nodes.count)
            for (index, node) in nodes.enumerated() where node.feature >= 0 {
                depths[Int(node.trueBranch)] = depths[index] + 1
                depths[Int(node.falseBranch)] = depths[index] + 1
            }
            #expect(depths.max() ?? 99 <= 5)
        }
    }

    @Test(arguments: [0.0, 0.3])
    func `with cuts at random it learns as well, and otherwise`(missing: Double) async throws {
        let (rows, _, _) = try table(600, missing: missing)
        let (_, values, labels) = try table(600, missing: missing, seed: 5)
        func accuracy(_ options: ForestOptions) async throws -> (Double, TreeEnsemble) {
            let forest = try await ForestTraining.grow(rows, options)
            try forest.ensemble.check()
            let scores = try ForestScorer(forest.ensemble).scores(values)
            let right = zip(scores, labels).count { ($0 > 0.5) == $1 }
            return (Double(right) / Double(labels.count), forest.ensemble)
        }
        var options = ForestOptions(treeCount: 100, bootstrap: false, seed: Self.seed)
        options.randomCuts = true
        let (extra, ensemble) = try await accuracy(options)
        let (again, same) = try await accuracy(options)
        #expect(ensemble == same && extra == again)
        options.randomCuts = false
        let (usual, other) = try await accuracy(options)
        #expect(ensemble != other)
        #expect(extra > usual - 0.03 && extra > (missing > 0 ? 0.62 : 0.75))
        // Cuts at random need more of them.
        let counts = [ensemble, other].map { $0.trees.reduce(0) { $0 + $1.count } }
        #expect(counts[0] > counts[1])
    }
}
