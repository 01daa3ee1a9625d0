import Foundation
import ModelCore
import ModelForest
import ModelTraining

// Ours against the peers of `peers/forest_training.py`, which writes the tables and starts this:
//     ForestBenchmark grow TABLE ROWS FEATURES TRAIN_ROWS TREES DEPTH
//     ForestBenchmark validate TABLE ROWS FEATURES TREES LEAF_ROWS
// TABLE holds rows x (features + 2) little-endian floats, the label and the fold last.

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
    let seconds = (processorSeconds() - start) / Double(count)
    print("ours", name, count == 1 ? "\(seconds) s" : "\(seconds * 1e6) us a row")
    return value
}

func readTable(_ path: String, rows: Int, features: Int) throws -> (TrainingTable, folds: [Int]) {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let cells = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let starts = (0..<rows).map { $0 * (features + 2) }
    let table = try TrainingTable(
        columns: (0..<features).map { .init(name: "\($0)") },
        values: starts.flatMap { cells[$0..<$0 + features] },
        labels: starts.map { cells[$0 + features] > 0 })
    return (table, starts.map { Int(cells[$0 + features + 1]) })
}

func forestRows(_ table: TrainingTable) throws(ForestError) -> ForestRows {
    try ForestRows(
        featureCount: table.columnCount, values: table.values, labels: table.labels)
}

func grow(_ path: String, _ numbers: [Int]) async throws {
    let (table, _) = try readTable(path, rows: numbers[0], features: numbers[1])
    let training = try table.selecting(rows: Array(0..<numbers[2]))
    let test = try table.selecting(rows: Array(numbers[2]..<table.rowCount))
    let options = ForestOptions(treeCount: numbers[3], depthMax: numbers[4], seed: 1)
    let forest = try await measured("grow") {
        try await ForestTraining.grow(forestRows(training), options)
    }
    let scorer = try await measured("load") { try ForestScorer(forest.ensemble) }
    let scores = try await measured("score together", per: test.rowCount) {
        try scorer.scores(test.values)
    }
    let rows = (0..<test.rowCount).map { Array(test.row($0)) }
    _ = try await measured("score one by one", per: rows.count) {
        for row in rows { _ = try scorer.score(row) }
    }
    let shap = try await measured("prepare explanations") { try TreeSHAP(forest.ensemble) }
    let some = rows.prefix(100)
    let attributions = try await measured("explain", per: some.count) {
        try some.map { try shap.attributions($0) }
    }
    let distance = try zip(some, attributions).map { row, attribution in
        abs(attribution.contributions.reduce(attribution.baseline, +) - (try scorer.score(row)))
    }.max()
    print("ours furthest sum", distance ?? 0)
    print("ours leaves", forest.ensemble.trees.joined().count { $0.feature < 0 })
    print("ours auroc", try ScoredRows(scores: scores, labels: test.labels).auroc ?? .nan)
    let outOfBag = try ScoredRows(known: forest.outOfBag, labels: training.labels)
    print("ours auroc out of bag", outOfBag.auroc ?? .nan)
}

func validate(_ path: String, _ numbers: [Int]) async throws {
    let (table, foldOfRow) = try readTable(path, rows: numbers[0], features: numbers[1])
    let folds = try Folds(table, foldOfRow: foldOfRow)
    let options = ForestOptions(treeCount: numbers[2], leafRowsMin: numbers[3], seed: 1)
    let result = try await measured("validate") {
        try await CrossValidation.run(table, folds: folds) {
            training, test async throws(ForestError) -> [Double] in
            let forest = try await ForestTraining.grow(forestRows(training), options)
            return try ForestScorer(forest.ensemble).scores(test.values)
        }
    }
    let pooled = try result.pooled()
    print("ours auroc pooled", pooled.auroc ?? .nan, try pooled.aurocInterval(seed: 1))
    print("ours auroc by fold", try result.overFolds(\.auroc)?.mean ?? .nan)
    print("ours average precision", pooled.averagePrecision ?? .nan)
    print("ours brier", pooled.brierScore, "ece", pooled.expectedCalibrationError())
    print("ours event 1", pooled.bestEvent1?.event1 ?? .nan)
}

let arguments = CommandLine.arguments
let numbers = arguments.dropFirst(3).compactMap { Int($0) }
switch (arguments.dropFirst().first, numbers.count) {
case ("grow", 5): try await grow(arguments[2], numbers)
case ("validate", 4): try await validate(arguments[2], numbers)
default: fatalError("grow TABLE and 5 numbers, or validate TABLE and 4")
}
