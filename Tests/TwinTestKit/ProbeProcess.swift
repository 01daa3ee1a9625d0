import Foundation

/// A child process that a test kills.
public final class ProbeProcess {
    private let process = Process()
    private let output: URL

    /// Starts an executable that was built beside the tests; its output goes to a file.
    public init(_ name: String, _ arguments: [String], output path: String) throws {
        output = URL(fileURLWithPath: path)
        try Data().write(to: output)
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = beside.appendingPathComponent(name)
        process.arguments = arguments
        // A crash reporter must not outlive what it reports on.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["SWIFT_BACKTRACE": "enable=no"], uniquingKeysWith: { $1 })
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.runPatiently()
    }

    /// Waits, ends the process with SIGKILL, and gives the whole lines that it wrote.
    ///
    /// On a busy machine a process may be long about its start: with `isSaying` the time counts from
    /// its first line.
    public func kill(afterMs milliseconds: Int, isSaying: Bool) async throws -> [String] {
        while isSaying, process.isRunning, try Data(contentsOf: output).isEmpty {
            try await Task.sleep(for: .milliseconds(2))
        }
        try await Task.sleep(for: .milliseconds(milliseconds))
        Foundation.kill(process.processIdentifier, SIGKILL)
        return try lines()
    }

    /// Waits for its end, and gives the whole lines that it wrote.
    public func lines() throws -> [String] {
        process.waitUntilExit()
        let text = try String(contentsOf: output, encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map(String.init)
    }
}
