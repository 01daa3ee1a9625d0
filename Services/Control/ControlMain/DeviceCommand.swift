import ArgumentParser
import Foundation
import IngestCore
import TwinCore
import TwinRuntime

struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Whose a device or a place is, for messages that name no patient; on the host "
            + "and as the user of ingest.",
        subcommands: [Bind.self, Unbind.self, List.self])

    struct Place: ParsableArguments {
        @OptionGroup var common: OutputOptions
        @Option(help: "The data folder of ingest.") var data = "twinline-data/ingest"

        private var path: String { data + "/bindings" }

        func list() throws -> BindingList {
            guard FileManager.default.fileExists(atPath: data) else {
                throw CommandFailure("there is no folder \(data): name ingest's with --data")
            }
            let bytes = FileManager.default.contents(atPath: path)
            do { return try BindingList(Array(bytes ?? Data())) } catch {
                throw CommandFailure("\(path): \(error.detail)")
            }
        }

        func save(_ list: BindingList) throws {
            try Data(list.text.utf8).write(to: URL(filePath: path), options: .atomic)
        }

        func tell(_ binding: Binding) throws {
            let line = Line(binding)
            if common.json { return try Output.json(line) }
            Output.line(
                "\(line.kind) \(line.name)  \(line.twin)  from \(line.from)"
                    + (line.until.map { " until \($0)" } ?? "") + "  by \(line.by)")
        }
    }

    struct Thing: ParsableArguments {
        @Argument(help: "The device as it names itself (OBX-18, MSH-3); a place with --location.")
        var name: String
        @Flag(help: "NAME is a place: WARD/ROOM/BED/FACILITY, as in PV1-3.") var location = false

        func thing() throws -> Binding.Thing {
            guard BindingList.isName(name) else { throw CommandFailure("'\(name)' is no name") }
            return location ? .place(name) : .device(name)
        }
    }

    struct Line: Encodable {
        let kind: String
        let name: String
        let twin: String
        let from: String
        let until: String?
        let by: String

        init(_ binding: Binding) {
            switch binding.thing {
            case .device(let name): (kind, self.name) = ("device", name)
            case .place(let name): (kind, self.name) = ("place", name)
            }
            twin = binding.twin.text
            from = binding.from.description
            until = binding.until?.description
            by = binding.operatorName
        }
    }

    private static func time(_ text: String?) throws -> Instant? {
        try text.map { text in
            guard let time = Instant(rfc3339: text) else {
                throw CommandFailure("'\(text)' is no time as 2026-01-12T10:14:00Z")
            }
            return time
        }
    }

    struct Bind: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "From a time on, what the device sends is this patient's.")
        @OptionGroup var place: Place
        @OptionGroup var thing: Thing
        @Option(help: "The patient, as AUTHORITY|identifier.") var patient: String
        @Option(help: "Since when, as RFC 3339; now where none is given.") var from: String?
        @Option(help: "Until when; open where none is given.") var until: String?
        @Option(help: "Who says so; this user where none is given.") var by: String?

        func run() async throws {
            let twin = try TwinID.named(patient)
            let name = by ?? NSUserName()
            guard BindingList.isName(name) else { throw CommandFailure("'\(name)' is no name") }
            let binding = Binding(
                try thing.thing(), to: twin, from: try time(from) ?? MachineClock.now,
                until: try time(until), operatorName: name)
            var list = try place.list()
            do { try list.bind(binding) } catch { throw CommandFailure(error.detail) }
            try place.save(list)
            try place.tell(binding)
        }
    }

    struct Unbind: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a binding; what was measured before stays with its patient.")
        @OptionGroup var place: Place
        @OptionGroup var thing: Thing
        @Option(help: "When it ended, as RFC 3339; now where none is given.") var at: String?

        func run() async throws {
            var list = try place.list()
            let time = try time(at) ?? MachineClock.now
            do { try list.unbind(try thing.thing(), at: time) } catch let error as Refusal {
                throw CommandFailure(error.detail)
            }
            try place.save(list)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line a binding.")
        @OptionGroup var place: Place

        func run() async throws {
            for binding in try place.list().bindings { try place.tell(binding) }
        }
    }
}
