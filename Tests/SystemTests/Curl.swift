import Foundation
import TwinTestKit

/// curl, a client of HTTP that is not ours.
enum Curl {
    static let executable: URL? = ["/usr/bin/curl", "/usr/local/bin/curl"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }
        .map { URL(filePath: $0) }

    static var isPresent: Bool { executable != nil }

    /// What came back of a request.
    struct Answer: CustomStringConvertible {
        let status: Int
        /// By their names in lower case.
        let headers: [String: String]
        let body: String

        var description: String { "\(status) \(headers) \(body)" }
    }

    /// Sends a body and reads the answer.
    static func send(
        _ house: RunningHouse, _ method: String, _ path: String, _ body: [UInt8],
        _ arguments: [String] = [], type: String = "application/fhir+json"
    ) async throws -> Answer {
        guard let executable else { throw SystemFailure("curl is absent") }
        let file = house.scratch.path + "/command-body-" + UUID().uuidString
        try Data(body).write(to: URL(filePath: file))
        let finished = try await Executables.run(
            executable,
            [
                "-sS", "-i", "--max-time", "30", "-X", method, "-H", "Content-Type: \(type)", "-H",
                "Expect:",
            ]
                + ["--data-binary", "@" + file] + arguments
                + ["http://127.0.0.1:\(house.fhirPort)\(path)"],
            in: house.scratch.path)
        guard let answer = read(finished.output) else { throw SystemFailure("\(finished)") }
        return answer
    }

    /// The last answer of what `curl -i` printed: one that says "go on" comes before it.
    static func read(_ output: String) -> Answer? {
        let text = output.replacing("\r\n", with: "\n")
        var parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.first?.contains(" 100 ") == true, parts.count > 1 {
            parts = parts[1].split(
                separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        }
        let lines = (parts.first ?? "").split(separator: "\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "),
            let status = Int(first.split(separator: " ").dropFirst().first ?? "")
        else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] =
                parts.count > 1
                ? String(parts[1].drop { $0 == " " }) : ""
        }
        return Answer(
            status: status, headers: headers, body: String(parts.count > 1 ? parts[1] : ""))
    }
}

/// Small good resources.
enum FHIRText {
    /// One heart rate of one patient.
    static func heartRate(
        _ rate: Int, of patient: String, time: String = "2026-01-12T10:14:00Z", rest: String = ""
    ) -> [UInt8] {
        Array(
            (#"{"resourceType":"Observation","status":"final",\#(rest)"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"#
                + #""subject":{"reference":"Patient/\#(patient)"},"effectiveDateTime":"\#(time)","#
                + #""valueQuantity":{"value":\#(rate),"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}"#)
                .utf8)
    }
}
