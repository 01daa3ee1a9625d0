import ArgumentParser
import ControlPicture
import Foundation

/// What every command understands.
struct OutputOptions: ParsableArguments {
    @Flag(help: "One JSON document, or one line an item where the output streams.")
    var json = false
}

/// Writes results to standard output and everything else to standard error.
enum Output {
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Rows in aligned columns.
    static func table(_ rows: [[String]]) { for row in TextTable.lines(rows) { line(row) } }

    /// `digits` significant digits, without trailing zeros.
    static func short(_ number: Double, digits: Int = 4) -> String {
        String(format: "%.\(digits)g", number)
    }
}

/// A command failed: what happened and what to do about it.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    /// 1 failed, 69 service not reachable.
    let status: Int32

    init(_ description: String, status: Int32 = 1) {
        self.description = description
        self.status = status
    }
}

/// How far a long piece of work has come, on one line of standard error.
struct Progress: ~Copyable {
    private let title: String
    private let total: Int
    private var shown = -1
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let started = ContinuousClock.now

    init(_ title: String, total: Int) {
        self.title = title
        self.total = max(total, 1)
    }

    mutating func update(_ done: Int) {
        let percent = min(100, done * 100 / total)
        // A log is told every tenth, a terminal every hundredth.
        guard percent != shown, isTerminal || percent / 10 != shown / 10 else { return }
        shown = percent
        let bar = String(repeating: "█", count: percent / 4).padding(
            toLength: 25, withPad: "░", startingAt: 0)
        let seconds = (ContinuousClock.now - started).components.seconds
        let text = "\(title) \(bar) \(percent) % (\(done) of \(total), \(seconds) s)"
        FileHandle.standardError.write(Data(((isTerminal ? "\r" : "") + text).utf8))
        if !isTerminal || percent == 100 { FileHandle.standardError.write(Data("\n".utf8)) }
    }
}
