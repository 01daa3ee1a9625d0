import Foundation
import ModelCore
import ModelRoster

// Ours beside the peers of `peers/scoring.py`, which starts this and talks to it line by line:
//     ScoringBenchmark
// takes `MODEL ROWS FEATURES BATCH SECONDS`, with ROWS a file of little-endian floats, and answers
// with the processor time of a row in microseconds and the scores of the second class of the first
// four rows.

func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func floats(_ path: String) throws -> [Float] {
    try Data(contentsOf: URL(filePath: path)).withUnsafeBytes {
        Array($0.bindMemory(to: Float.self))
    }
}

var scorers: [String: any Scorer] = [:]
var tables: [String: [Float]] = [:]
while let line = readLine() {
    let words = line.split(separator: " ").map(String.init)
    guard words.count == 5, let width = Int(words[2]), let batch = Int(words[3]),
        let seconds = Double(words[4])
    else { fatalError("MODEL ROWS FEATURES BATCH SECONDS") }
    let scorer =
        try scorers[words[0]]
        ?? ModelRoster.scorer(
            Array(Data(contentsOf: URL(filePath: words[0]))), featureCount: width)
    scorers[words[0]] = scorer
    let table = try tables[words[1]] ?? floats(words[1])
    tables[words[1]] = table
    let batches = stride(from: 0, to: table.count - batch * width + 1, by: batch * width).map {
        Array(table[$0..<$0 + batch * width])
    }
    let first = try scorer.score(Array(table[..<(4 * width)]), count: 4)
    var (rows, place) = (0, 0)
    let start = processorSeconds()
    var spent = 0.0
    while spent < seconds {
        for _ in 0..<max(1, 64 / batch) {
            _ = try scorer.score(batches[place], count: batch)
            place = (place + 1) % batches.count
            rows += batch
        }
        spent = processorSeconds() - start
    }
    let scores = (0..<4).map { String(first[$0 * scorer.classCount + 1]) }
    let answer =
        "\(spent / Double(rows) * 1e6) \(scores.joined(separator: " ")) \(type(of: scorer))\n"
    FileHandle.standardOutput.write(Data(answer.utf8))
}
