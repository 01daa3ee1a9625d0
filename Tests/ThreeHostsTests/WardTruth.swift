import Foundation
import Testing
import TwinTestKit

/// What a ward's table says, line by line, and in what words the store must say it again.
struct WardTruth {
    static let mapping = "deploy/mappings/ward.json"
    /// Values that come back in other words: a level of consciousness becomes a number, and
    /// creatinine may be converted.
    private static let reworded: Set<String> = [
        "http://loinc.org|67775-7", "http://loinc.org|14682-9",
    ]
    /// The ward's one code that the store keeps under another.
    private static let canonical = ["http://loinc.org|2160-0": "http://loinc.org|14682-9"]

    let lineCount: Int
    /// Each twin's observations, sorted.
    let twins: [String: [String]]

    private struct Mapping: Decodable {
        struct Parameter: Decodable { let code: String }

        let parameters: [String: Parameter]
    }

    init(table path: String) throws {
        let mapping = try JSONDecoder().decode(
            Mapping.self,
            from: Data(contentsOf: RepositoryFolder.root.appending(path: Self.mapping)))
        let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        lineCount = rows.count
        var twins: [String: [String]] = [:]
        for row in rows {
            let parameter = try #require(mapping.parameters[String(row[2])])
            let code = WardTruth.canonical[parameter.code] ?? parameter.code
            twins["SIMULATED|\(row[0])", default: []].append(
                WardTruth.line(WardTruth.time(row[1]), code, Double(row[3])))
        }
        self.twins = twins.mapValues { $0.sorted() }
    }

    private static func time(_ elapsed: Substring) -> String {
        let parts = elapsed.split(separator: ":").compactMap { Int($0) }
        return String(
            format: "2026-01-%02dT%02d:%02d:00Z", 1 + parts[0] / 24, parts[0] % 24, parts[1])
    }

    private static func line(_ time: String, _ code: String, _ value: Double?) -> String {
        let words = reworded.contains(code) ? "" : value.map { "\($0)" } ?? "-"
        return "\(time) \(code) \(words)"
    }

    /// What `twin history --json` gave, in the same words.
    static func stored(_ history: String) throws -> [String] {
        try history.split(separator: "\n").map { text in
            let found = try JSONDecoder().decode(Stored.self, from: Data(text.utf8))
            return line(found.eventTime, found.code, found.value)
        }.sorted()
    }

    private struct Stored: Decodable {
        let eventTime: String
        let code: String
        let value: Double?
    }
}
