import Foundation
import ModelTraining

/// The scores, and what scikit-learn says of them.
enum TrainingFixture {
    static func lines(_ name: String) throws -> [[Substring]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/Training")
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        return text.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    }

    static func scored() throws -> ScoredRows {
        let lines = try lines("scores.csv")
        return try ScoredRows(
            scores: lines.map { Double($0[0]) ?? .nan }, labels: lines.map { $0[1] == "1" })
    }

    static func reference() throws -> [String: Double] {
        try lines("reference.csv").reduce(into: [:]) { $0[String($1[0])] = Double($1[1]) }
    }
}
