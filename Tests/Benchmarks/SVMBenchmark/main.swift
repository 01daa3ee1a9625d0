import Foundation
import ModelKernels
import ModelRoster
import ModelSVM

// Ours against the peers of `peers/svm.py`, which writes the tables and starts this:
//     SVMBenchmark train TABLE ROWS FEATURES TRAIN_ROWS COST GAMMA CACHE_MEGABYTES SHRINKS
//     SVMBenchmark score MODEL.onnx TABLE ROWS FEATURES
//     SVMBenchmark dense
// TABLE holds rows x (features + 1) little-endian floats, the label last.

func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func measured(_ work: () throws -> Void) rethrows -> Double {
    let start = processorSeconds()
    try work()
    return processorSeconds() - start
}

/// The median of some rounds, each long enough to be measured, in microseconds.
func median(per count: Int, _ work: () throws -> Void) rethrows -> Double {
    try work()
    let once = max(1e-7, try measured(work))
    let repeats = max(1, Int(0.05 / once))
    let rounds = try (0..<9).map { _ in
        try measured { for _ in 0..<repeats { try work() } } / Double(repeats)
    }
    return rounds.sorted()[4] / Double(count) * 1e6
}

func readTable(
    _ path: String, rows: Int, features: Int
) throws -> (values: [Float], labels: [Bool]) {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let cells = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let starts = (0..<rows).map { $0 * (features + 1) }
    return (
        starts.flatMap { cells[$0..<$0 + features] }, starts.map { cells[$0 + features] > 0 }
    )
}

func train(_ path: String, _ numbers: [Double]) throws {
    let (rowCount, features, trainCount) = (Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
    let table = try readTable(path, rows: rowCount, features: features)
    let rows = try SVMRows(
        featureCount: features, values: Array(table.values[..<(trainCount * features)]))
    let options = SVMOptions(
        task: .classification(cost: numbers[3]), curve: .radial(gamma: Float(numbers[4])),
        shrinks: numbers[6] > 0, cacheByteCountMax: Int(numbers[5]) << 20)
    var trained: TrainedMachine?
    let seconds = try measured {
        trained = try SVMTraining.classify(
            rows, labels: Array(table.labels[..<trainCount]), options)
    }
    guard let trained else { return }
    let values = try SVMScorer(trained.machine).decisionValues(
        Array(table.values[(trainCount * features)...]))
    let right = zip(values, table.labels[trainCount...]).count { ($0 > 0) == $1 }
    print(
        "ours train \(seconds) s, \(trained.machine.vectorCount) vectors, "
            + "\(trained.iterationCount) iterations, \(trained.kernelRowCount) kernel rows, "
            + "accuracy \(Double(right) / Double(values.count))")
}

func score(_ model: String, _ path: String, _ numbers: [Double]) throws {
    let (rowCount, features) = (Int(numbers[0]), Int(numbers[1]))
    let table = try readTable(path, rows: rowCount, features: features)
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: model)))
    let scorer = try ModelRoster.scorer(bytes, featureCount: features)
    for batch in [1, 64, rowCount] {
        let rows = Array(table.values[..<(batch * features)])
        print("ours", batch, try median(per: batch) { _ = try scorer.score(rows, count: batch) })
    }
}

/// A network of 300-256-128-2 by layers alone.
func dense() {
    let sizes = [300, 256, 128, 2]
    let layers = zip(sizes, sizes.dropFirst()).enumerated().map { index, size in
        DenseLayer(
            weights: (0..<size.0 * size.1).map { Float($0 % 17 - 8) / 100 },
            bias: [Float](repeating: 0.1, count: size.1), inputCount: size.0,
            outputCount: size.1, bend: index < 2 ? .relu : .none)
    }
    for batch in [1, 64, 1024] {
        let input = (0..<batch * 300).map { Float($0 % 23 - 11) / 20 }
        print(
            "ours dense", batch,
            median(per: batch) {
                _ = layers.reduce(input) { $1.run($0, rowCount: batch) }
            })
    }
}

let arguments = CommandLine.arguments
let numbers = arguments.dropFirst(2).compactMap { Double($0) }
switch (arguments.dropFirst().first, numbers.count) {
case ("train", 7): try train(arguments[2], numbers)
case ("score", 2): try score(arguments[2], arguments[3], numbers)
case ("dense", 0): dense()
default: fatalError("train TABLE and 7 numbers, score MODEL TABLE and 2, or dense")
}
