import ArgumentParser
import Foundation
import IngestHL7
import IngestTable
import TwinCore
import TwinRuntime

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Feeds files to ingest through a device's own protocol.",
        subcommands: [HL7.self, FHIR.self, Table.self, Wave.self])

    struct Destination: ParsableArguments {
        @OptionGroup var common: OutputOptions
        @Option(help: "The MLLP door, as HOST:PORT.") var to = "127.0.0.1:2575"
        @Option(help: "At most so many messages a second.") var rate: Double?
        @Option(help: "How many connections; a patient stays on one.") var connections = 2

        func validate() throws {
            guard rate.map({ $0 > 0 }) ?? true, (1...256).contains(connections) else {
                throw ValidationError("--rate above 0, 1 to 256 --connections")
            }
        }

        func send(_ messages: [OutgoingMessage], speed: Double? = nil) throws {
            let sender = MessageSender(connections: connections) { [to] in
                try MLLPClient(to: to)
            }
            try common.show(sender.send(messages, rate: rate, speed: speed))
        }
    }

    struct HL7: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hl7", abstract: "HL7 v2 messages from files, over MLLP.")
        @OptionGroup var destination: Destination
        @Argument(help: "Files, or folders of files.") var paths: [String]

        func run() async throws {
            let messages = try FileList.files(in: paths).flatMap { path in
                HL7File.messages(in: try FileList.bytes(of: path)).map {
                    OutgoingMessage(bytes: $0, lane: path, time: nil)
                }
            }
            guard !messages.isEmpty else {
                throw CommandFailure("no message in \(paths.joined(separator: ", "))")
            }
            try destination.send(messages)
        }
    }

    struct Table: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "table", abstract: "Rows of CSV tables, as HL7 v2 over MLLP.")
        @OptionGroup var destination: Destination
        @Argument(help: "Files, or folders of files.") var paths: [String]
        @Option(help: "What the columns mean: deploy/mappings holds samples.") var mapping: String
        @Option(help: "Replay so many times faster than real time; at once where none is given.")
        var speed: Double?

        func run() async throws {
            let mapping = try JSONDecoder().decode(
                TableMapping.self, from: Data(try FileList.bytes(of: mapping)))
            let files = try FileList.files(in: paths)
            var rendering = TableRendering(mapping: mapping)
            var progress = Progress("reading", total: files.count)
            for (index, path) in files.enumerated() {
                try rendering.add(try FileList.bytes(of: path), named: path)
                progress.update(index + 1)
            }
            for problem in rendering.problems.prefix(5) { Output.note(problem) }
            if rendering.problemCount > 0 {
                Output.note("\(rendering.problemCount) rows can't be read and are left out")
            }
            try destination.send(rendering.messages, speed: speed)
        }
    }
}

extension OutputOptions {
    /// Shows what was said of the messages; refused ones are a failure.
    func show(_ summary: MessageSender.Summary) throws {
        if json {
            try Output.json(summary)
        } else {
            Output.line(summary.text)
        }
        if summary.refused > 0 { throw ExitCode(1) }
    }
}

/// A message and the lane that keeps its patient's messages in order.
struct OutgoingMessage: Sendable {
    let bytes: [UInt8]
    let lane: String
    /// When its newest value was measured; what a replay is paced by.
    let time: Instant?
}

/// The files that a command names.
enum FileList {
    static func files(in paths: [String]) throws -> [String] {
        try paths.flatMap { path -> [String] in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw CommandFailure("\(path) does not exist")
            }
            guard isFolder.boolValue else { return [path] }
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                .filter { !$0.hasPrefix(".") }.map { path + "/" + $0 }
        }
    }

    static func bytes(of path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("\(path) can't be read: does it exist, and may this user read it?")
        }
        return Array(data)
    }
}

/// The messages of a file of HL7 v2: one as it is, or each of several.
enum HL7File {
    static func messages(in bytes: [UInt8]) -> [[UInt8]] {
        let lines = bytes.split(omittingEmptySubsequences: true) { $0 == 0x0D || $0 == 0x0A }
        let starts = lines.indices.filter { lines[$0].starts(with: "MSH".utf8) }
        guard starts.count > 1 else { return bytes.isEmpty ? [] : [bytes] }
        return zip(starts, starts.dropFirst() + [lines.endIndex]).map { start, end in
            // A file's and a batch's own segments belong to no message.
            lines[start..<end].filter { line in
                !["FHS", "BHS", "BTS", "FTS"].contains { line.starts(with: $0.utf8) }
            }.flatMap { $0 + [0x0D] }
        }
    }
}

/// Tables as ORU messages: one for each patient and time.
struct TableRendering {
    private let mapping: TableMapping
    private let writer: HL7Writer
    private(set) var messages: [OutgoingMessage] = []
    private(set) var problems: [String] = []
    private(set) var problemCount = 0

    init(mapping: TableMapping) {
        self.mapping = mapping
        writer = HL7Writer(application: mapping.source, facility: "TWINLINE-SEND")
    }

    mutating func add(_ bytes: [UInt8], named path: String) throws {
        var pending: [Observation] = []
        for row in try TableReader(bytes, mapping: mapping, receivedAt: MachineClock.now) {
            switch row.result {
            case .success(let observations):
                for observation in observations {
                    if let first = pending.first,
                        first.twin != observation.twin || first.eventTime != observation.eventTime
                    {
                        flush(&pending)
                    }
                    pending.append(observation)
                }
            case .failure(let refusal):
                problemCount += 1
                if problems.count < 100 { problems.append("\(path):\(row.line): \(refusal)") }
            }
        }
        flush(&pending)
    }

    private mutating func flush(_ pending: inout [Observation]) {
        guard let first = pending.first else { return }
        let rows = pending.map { observation in
            HL7Writer.Row(
                code: observation.code,
                text: Concept.of(observation.code)?.display ?? observation.code.value,
                value: observation.value, comparator: observation.comparator,
                unit: observation.unit, time: observation.eventTime, status: "F")
        }
        messages.append(
            OutgoingMessage(
                bytes: writer.message(
                    patient: String(first.twin.identifier),
                    authority: first.twin.authority.map(String.init) ?? "",
                    controlID: "T\(messages.count + 1)-\(first.twin.identifier)",
                    time: first.eventTime, rows: rows), lane: first.twin.text,
                time: first.eventTime))
        pending = []
    }
}
