import Foundation
import ModelCore
import ModelForest

// Grows, scores and explains one forest on a table that the peer's script wrote, and prints the
// processor seconds: `ForestBenchmark TABLE ROWS FEATURES TRAIN_ROWS TREES DEPTH`.
// TABLE holds rows x (features + 1) little-endian floats, the label last.

func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func measured<Value>(
    _ name: String, per count: Int = 1, _ work: () async throws -> Value
) async rethrows -> Value {
    let start = processorSeconds()
    let value = try await work()
    let seconds = processorSeconds() - start
    print(name, seconds, "s,", seconds / Double(count) * 1e6, "us each")
    return value
}

func auroc(_ scores: [Double], _ labels: [Bool]) -> Double {
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var ranks = 0.0
    var at = 0
    while at < order.count {
        var end = at
        while end < order.count, scores[order[end]] == scores[order[at]] { end += 1 }
        for i in at..<end where labels[order[i]] { ranks += Double(at + end + 1) / 2 }
        at = end
    }
    let positives = Double(labels.count { $0 })
    return (ranks - positives * (positives + 1) / 2) / positives
        / (Double(labels.count) - positives)
}

let arguments = CommandLine.arguments
let numbers = arguments.dropFirst(2).compactMap { Int($0) }
guard numbers.count == 5 else { fatalError("TABLE ROWS FEATURES TRAIN_ROWS TREES DEPTH") }
let (rowCount, featureCount, trainCount) = (numbers[0], numbers[1], numbers[2])
let data = try Data(contentsOf: URL(fileURLWithPath: arguments[1]))
let table = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
var values: [Float] = []
var labels: [Bool] = []
for row in 0..<rowCount {
    let start = row * (featureCount + 1)
    values += table[start..<start + featureCount]
    labels.append(table[start + featureCount] > 0)
}
let train = try ForestRows(
    featureCount: featureCount, values: Array(values[..<(trainCount * featureCount)]),
    labels: Array(labels[..<trainCount]))
let options = ForestOptions(treeCount: numbers[3], depthMax: numbers[4], seed: 1)
let forest = try await measured("grow") { try await ForestTraining.grow(train, options) }
let nodeCount = forest.ensemble.trees.reduce(0) { $0 + $1.count }
print("nodes", nodeCount)
let scorer = try await measured("load") { try ForestScorer(forest.ensemble) }
let test = Array(values[(trainCount * featureCount)...])
let testLabels = Array(labels[trainCount...])
let scores = try await measured("score many", per: testLabels.count) { try scorer.scores(test) }
let rows = (0..<testLabels.count).map { Array(test[$0 * featureCount..<($0 + 1) * featureCount]) }
_ = try await measured("score one", per: rows.count) {
    for row in rows { _ = try scorer.score(row) }
}
print("auroc", auroc(scores, testLabels))
let seen = (0..<trainCount).filter { !forest.outOfBag[$0].isNaN }
print("out of bag", auroc(seen.map { forest.outOfBag[$0] }, seen.map { labels[$0] }))
let shap = try await measured("prepare explanations") { try TreeSHAP(forest.ensemble) }
let some = rows.prefix(100)
var worst = 0.0
let attributions = try await measured("explain", per: some.count) {
    try some.map { row in try shap.attributions(row) }
}
for (row, attribution) in zip(some, attributions) {
    let sum = attribution.contributions.reduce(attribution.baseline, +)
    worst = max(worst, abs(sum - (try scorer.score(row))))
}
print("worst sum", worst)
