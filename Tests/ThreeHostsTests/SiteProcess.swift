import Foundation
import TwinTestKit

/// A process on one of the hosts.
///
/// `ip netns exec` becomes what it starts, so the process is that itself.
final class SiteProcess {
    private let process = Process()
    private let log: String

    init(_ arguments: [String], _ environment: [String: String], log: String) throws {
        self.log = log
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["ip"] + arguments
        process.currentDirectoryURL = RepositoryFolder.root
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["SWIFT_BACKTRACE": "enable=no"]
        ) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try SiteProcess.file(log + ".out")
        process.standardError = try SiteProcess.file(log + ".log")
        try process.runPatiently()
    }

    private static func file(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(filePath: path))
        return try FileHandle(forWritingTo: URL(filePath: path))
    }

    var isRunning: Bool { process.isRunning }
    /// What it wrote to standard output so far.
    var output: String { text(".out") }
    /// What it wrote to standard error so far.
    var errors: String { text(".log") }

    private func text(_ ending: String) -> String {
        (try? String(contentsOfFile: log + ending, encoding: .utf8)) ?? ""
    }

    /// Ends it without a word.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Asks it to end.
    func stop() { Foundation.kill(process.processIdentifier, SIGTERM) }

    /// Waits until its log says this.
    func says(_ words: String, withinSeconds seconds: Int = 30) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !errors.contains(words) {
            guard ContinuousClock.now < deadline, isRunning else {
                throw ContractViolation("\(log) does not say '\(words)': \(errors.suffix(2000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits for its end and gives its exit status.
    func end(withinSeconds seconds: Int = 60) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            guard ContinuousClock.now < deadline else {
                throw ContractViolation("\(log) does not end: \(errors.suffix(2000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return process.terminationStatus
    }
}
