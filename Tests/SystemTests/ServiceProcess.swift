import Foundation
import TwinTestKit

/// One of the real executables, running.
final class ServiceProcess {
    private let process = Process()
    /// What it wrote, for people who look into a failure.
    let log: URL

    /// Starts an executable that was built beside the tests; its output is added to `log`.
    init(
        _ name: String, _ arguments: [String], log: URL, environment: [String: String] = [:]
    ) throws {
        self.log = log
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        process.executableURL = Executables.folder.appending(path: name)
        process.arguments = arguments
        process.environment = Executables.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.runPatiently()
        try output.close()
    }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Ends it as a power cut would.
    func kill() {
        send(SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to end, and waits for that; its exit status.
    func end() -> Int32 {
        send(SIGTERM)
        let deadline = ContinuousClock.now + .seconds(15)
        while process.isRunning, ContinuousClock.now < deadline { usleep(10_000) }
        if process.isRunning { kill() }
        return process.terminationStatus
    }

    func send(_ signal: Int32) {
        if process.isRunning { _ = Foundation.kill(process.processIdentifier, signal) }
    }

    /// Its resident memory.
    var residentKilobytes: Int {
        let path = "/proc/\(identifier)/status"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return 0 }
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
    }
}

/// Where the executables are, and what surrounds them.
enum Executables {
    /// Beside the tests; those of another build where a folder of them is named.
    static let folder =
        ProcessInfo.processInfo.environment["TWINLINE_EXECUTABLES"]
        .map { URL(filePath: $0, directoryHint: .isDirectory) }
        ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    static let names = ["twin-store", "twin-ingest", "twin-feature", "twin-model", "twinctl"]

    static let areBuilt = names.allSatisfy {
        FileManager.default.isExecutableFile(atPath: folder.appending(path: $0).path)
    }

    /// A crash reporter must not outlive what it reports on, and nobody's settings count here.
    static let environment = ProcessInfo.processInfo.environment
        .filter { !$0.key.hasPrefix("TWINLINE_") }
        .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }

    /// Runs a command to its end, or to its deadline.
    static func run(
        _ executable: URL, _ arguments: [String], in scratch: String,
        environment added: [String: String] = [:], seconds: Int = 60
    ) async throws -> Finished {
        let place = scratch + "/command-" + UUID().uuidString
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = environment.merging(added) { $1 }
        process.standardInput = FileHandle.nullDevice
        let files = [URL(filePath: place + ".out"), URL(filePath: place + ".err")]
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let start = ContinuousClock.now
        try process.runPatiently()
        while process.isRunning {
            if ContinuousClock.now > start + .seconds(seconds) {
                _ = kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        let took = ContinuousClock.now - start
        return Finished(
            status: process.terminationStatus,
            output: try String(contentsOf: files[0], encoding: .utf8),
            errors: try String(contentsOf: files[1], encoding: .utf8), took: took)
    }
}

/// What became of a command.
struct Finished: CustomStringConvertible {
    let status: Int32
    let output: String
    let errors: String
    let took: Duration

    var lines: [Substring] { output.split(separator: "\n") }

    var description: String { "status \(status): \(output.suffix(400)) \(errors.suffix(800))" }

    /// The whole output as one JSON document.
    func document<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(output.utf8)) } catch {
            throw SystemFailure("no \(type) in \(self): \(error)")
        }
    }

    /// One JSON document a line.
    func documents<Value: Decodable>(_ type: Value.Type = Value.self) throws -> [Value] {
        let decoder = JSONDecoder()
        return try lines.map { line in
            do { return try decoder.decode(type, from: Data(line.utf8)) } catch {
                throw SystemFailure("no \(type) in '\(line)': \(error)")
            }
        }
    }
}

/// The system did not do what a test needs to go on.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Waits until something holds, and says how long that took.
@discardableResult
func eventually(
    _ what: String, within seconds: Double, everyMs: Int = 50, _ holds: () async throws -> Bool
) async throws -> Duration {
    let start = ContinuousClock.now
    while !(try await holds()) {
        // A crowded machine is no failure: what is waited for comes late, not never.
        guard ContinuousClock.now - start < .seconds(seconds * 4) else {
            throw SystemFailure("not within \(seconds) s: \(what)")
        }
        try await Task.sleep(for: .milliseconds(everyMs))
    }
    return ContinuousClock.now - start
}
