import ModelCore
import ModelTraining
import Testing

@testable import ModelForest

@Suite struct `A forest that is stopped or refused` {
    func rows() throws -> ForestRows {
        var samples = ForestSamples(seed: 77)
        let (values, labels) = samples.rows(100, features: 4)
        return try ForestRows(featureCount: 4, values: values, labels: labels)
    }

    @Test(arguments: [1, 3]) func `keeps the trees so far`(threads: Int) async throws {
        let forest = try await ForestTraining.grow(
            rows(), ForestOptions(treeCount: 50, seed: 1, threadsMax: threads)
        ) { $0 < 6 }
        #expect(forest.wasStopped)
        // What was under way when it was stopped is kept as well.
        #expect((6..<6 + threads).contains(forest.ensemble.trees.count))
        let values: [Float] = [0, 0, 0, 0]
        #expect((0...1.000001).contains(try ForestScorer(forest.ensemble).score(values)))
        let root = forest.ensemble.trees.reduce(0) { $0 + ($1.map(\.value).max() ?? 0) }
        #expect(root > 0.5)
    }

    @Test func `hears of every tree`() async throws {
        var heard: [Int] = []
        let forest = try await ForestTraining.grow(
            rows(), ForestOptions(treeCount: 7, seed: 1, threadsMax: 2)
        ) { done in
            heard.append(done)
            return true
        }
        #expect(heard == Array(1...7))
        #expect(!forest.wasStopped)
    }

    @Test func `throws when it is cancelled before its first tree`() async throws {
        let rows = try rows()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await ForestTraining.grow(rows, ForestOptions(seed: 1))
        }
        task.cancel()
        await #expect(throws: ForestError.stopped) { try await task.value }
    }

    @Test func `refuses what it cannot learn from`() async throws {
        #expect(throws: ForestError.noRows) {
            try ForestRows(featureCount: 1, values: [], labels: [])
        }
        #expect(throws: ForestError.noFeatures) {
            try ForestRows(featureCount: 0, values: [], labels: [true])
        }
        #expect(throws: ForestError.counts("3 values, 2 rows of 2")) {
            try ForestRows(featureCount: 2, values: [1, 2, 3], labels: [true, false])
        }
        #expect(throws: ForestError.infiniteValue(row: 1, feature: 0)) {
            try ForestRows(featureCount: 1, values: [1, -.infinity], labels: [true, false])
        }
        for weight in [-1, Float.nan, .infinity, 1e7] {
            #expect(throws: ForestError.badWeight(row: 1)) {
                try ForestRows(
                    featureCount: 1, values: [1, 2], labels: [true, false], weights: [1, weight])
            }
        }
        let same = try ForestRows(featureCount: 1, values: [1, 2], labels: [true, true])
        await #expect(throws: ForestError.oneClass) {
            try await ForestTraining.grow(same, ForestOptions(seed: 1))
        }
    }

    @Test(arguments: [
        ForestOptions(treeCount: 0, seed: 1), ForestOptions(treeCount: .max, seed: 1),
        ForestOptions(depthMax: 65, seed: 1), ForestOptions(depthMax: -1, seed: 1),
        ForestOptions(leafRowsMin: 0, seed: 1), ForestOptions(binsMax: 256, seed: 1),
        ForestOptions(binsMax: 1, seed: 1), ForestOptions(seed: 1, threadsMax: 0),
        ForestOptions(featuresPerNode: .count(0), seed: 1),
        ForestOptions(classWeights: .given(negative: 0, positive: 1), seed: 1),
        ForestOptions(classWeights: .given(negative: 1, positive: .nan), seed: 1),
    ])
    func `refuses options out of their bounds`(options: ForestOptions) async throws {
        let rows = try rows()
        let error = await #expect(throws: ForestError.self) {
            try await ForestTraining.grow(rows, options)
        }
        guard case .badOption = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `no value is too awkward to learn from`() async throws {
        for seed in UInt64(0)..<40 {
            var samples = ForestSamples(seed: seed)
            let count = 1 + samples.generator.next(below: 60)
            let features = 1 + samples.generator.next(below: 5)
            let values = (0..<count * features).map { _ in
                let value = samples.awkward()
                return value.isInfinite ? Float.greatestFiniteMagnitude : value
            }
            var labels = (0..<count).map { _ in samples.generator.next(below: 2) == 0 }
            labels += [true, false]
            let edges = [Float](repeating: .nan, count: 2 * features)
            let weights = labels.map { _ in Float(samples.generator.next(below: 3)) }
            guard zip(labels, weights).contains(where: { $0 && $1 > 0 }),
                zip(labels, weights).contains(where: { !$0 && $1 > 0 })
            else { continue }
            let rows = try ForestRows(
                featureCount: features, values: values + edges, labels: labels, weights: weights)
            let forest = try await ForestTraining.grow(
                rows, ForestOptions(treeCount: 4, seed: seed))
            try forest.ensemble.check()
            let scores = try ForestScorer(forest.ensemble).scores(values)
            #expect(scores.allSatisfy { (0...1.000001).contains($0) }, "seed \(seed)")
        }
    }
}
