import ArgumentParser
import IngestFHIR
import IngestHL7
import IngestOutbox
import TwinCore

struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "What ingest refused, with the reason; on the host and as the user of ingest.",
        subcommands: [List.self, Show.self, Replay.self])

    struct Place: ParsableArguments {
        @OptionGroup var common: OutputOptions
        @Option(help: "The data folder of ingest.") var data = "twinline-data/ingest"

        func open() throws -> FileQuarantine {
            try FileQuarantine(directory: data + "/quarantine", isOwner: false)
        }
    }

    struct Line: Encodable {
        let id: UInt64
        let reason: String
        let detail: String
        let receiveTime: String
        let source: String
        let format: String
        let bytes: Int

        init(_ summary: QuarantineSummary) {
            id = summary.id
            reason = summary.refusal.reason.name
            detail = summary.refusal.detail
            receiveTime = summary.receiveTime.description
            source = summary.source
            format = summary.format
            bytes = summary.byteCount
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line an entry.")
        @OptionGroup var place: Place

        func run() async throws {
            let quarantine = try place.open()
            var last: UInt64 = 0
            while true {
                let page = quarantine.list(after: last, limit: 1000)
                guard let end = page.last else { return }
                for summary in page {
                    let line = Line(summary)
                    if place.common.json {
                        try Output.json(line)
                    } else {
                        Output.line(
                            "\(line.id)  \(line.receiveTime)  \(line.format)  \(line.source)  "
                                + "\(line.reason): \(line.detail)")
                    }
                }
                last = end.id
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "An entry as it was received; control characters are escaped.")
        @OptionGroup var place: Place
        @Argument(help: "The entry's id.") var id: UInt64

        func run() async throws {
            guard let entry = try place.open().entry(id) else {
                throw CommandFailure("no entry \(id); `twinctl quarantine list` names them")
            }
            if place.common.json { return try Output.json(Line(entry.summary)) }
            for line in entry.bytes.split(whereSeparator: { $0 == 0x0D || $0 == 0x0A }) {
                Output.line(
                    String(decoding: line, as: UTF8.self).unicodeScalars.map {
                        $0.value < 0x20 ? "\\x\(String($0.value, radix: 16))" : String($0)
                    }.joined())
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends entries again, as if their sender did; what is taken leaves.")
        @OptionGroup var place: Place
        @Option(help: "The door of their protocol, as HOST:PORT; the agreed one if not given.")
        var to: String?
        @Option(help: "The patient that they are of, as AUTHORITY|identifier.")
        var patient: String?
        @Argument(help: "The entries' ids.") var ids: [UInt64]

        func run() async throws {
            let twin = try patient.map(TwinID.named)
            let quarantine = try place.open()
            var refused = 0
            for id in ids {
                guard let entry = try quarantine.entry(id) else {
                    throw CommandFailure("no entry \(id); `twinctl quarantine list` names them")
                }
                let client = try client(entry.summary)
                var bytes = entry.bytes
                if let twin {
                    guard let named = named(entry, twin) else {
                        throw CommandFailure("entry \(id) is not one message that can be read")
                    }
                    bytes = named
                }
                let answers = try client.send(bytes) + client.finish()
                let isTaken = answers.allSatisfy { $0.isAccepted && !$0.isAside }
                if isTaken { try quarantine.remove(id) } else { refused += 1 }
                Output.line("\(id)  " + answers.map { "\($0.code) \($0.detail)" }.joined())
            }
            if refused > 0 { throw CommandFailure("\(refused) were not taken again") }
        }

        private func client(_ summary: QuarantineSummary) throws -> any MessageClient {
            switch summary.format {
            case "hl7": return try MLLPClient(to: to ?? "127.0.0.1:2575", window: 1)
            case "fhir": return try FHIRClient(to: to ?? "127.0.0.1:8080")
            default:
                throw CommandFailure(
                    "entry \(summary.id) is \(summary.format): hl7 and fhir can be sent again")
            }
        }

        private func named(_ entry: QuarantinedInput, _ twin: TwinID) -> [UInt8]? {
            entry.summary.format == "fhir"
                ? FHIRRequest.readdressed(entry.bytes, to: twin)
                : HL7Writer.readdressed(entry.bytes, to: twin)
        }
    }
}
