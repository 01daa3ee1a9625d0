import ArgumentParser
import ControlPicture
import TwinCore
import TwinRuntime

struct TwinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "twin", abstract: "Reads twins.",
        subcommands: [
            TwinList.self, Show.self, History.self, AsOf.self, Watch.self, Explain.self,
            Shadows.self, Pardon.self,
        ])

    struct Subject: ParsableArguments {
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Argument(help: "AUTHORITY|identifier, or the identifier where only one twin has it.")
        var id: String

        func twin() throws -> TwinID {
            try TwinID.named(id)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A twin as it is now.")

        @OptionGroup var subject: Subject

        func run() async throws {
            try await TwinCommand.show(subject, asOf: nil)
        }
    }

    struct AsOf: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "as-of", abstract: "A twin as it was at a past revision.")

        @OptionGroup var subject: Subject
        @Argument(help: "The revision.") var revision: UInt64

        func run() async throws {
            try await TwinCommand.show(subject, asOf: revision)
        }
    }

    static func show(_ subject: Subject, asOf revision: Revision?) async throws {
        let (state, earlier) = try await StoreClient.use(subject.store) { client in
            let state = try await client.twin(try subject.twin(), asOf: revision)
            return (state, try await client.earlier(than: state.assessments, of: state.id))
        }
        let now = MachineClock.now
        if subject.common.json {
            return try Output.json(TwinDocument(state, earlier: earlier, at: now))
        }
        TwinPicture(state: state, earlier: earlier, now: now).draw()
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Every observation of a twin, in the order of commit.")

        @OptionGroup var subject: Subject
        @Option(help: "Only this code, as SYSTEM|code.") var code: String?

        func run() async throws {
            let id = try subject.twin()
            let code = code.map(Code.init(token:))
            try await StoreClient.use(subject.store) { client in
                let state = try await client.twin(id, asOf: nil)
                try await client.everyObservation(of: id, code: code) { stored in
                    if subject.common.json {
                        return try Output.json(HistoryLine(stored, of: state))
                    }
                    Output.line(HistoryLine.text(stored, of: state))
                }
            }
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Every reason of a twin's assessments, and what its scores rest on.")

        @OptionGroup var subject: Subject
        @Flag(help: "All past assessments too, oldest first.") var history = false

        func run() async throws {
            let id = try subject.twin()
            let (state, found, earlier) = try await StoreClient.use(subject.store) { client in
                let state = try await client.twin(id, asOf: nil)
                if history {
                    let all = try await client.assessments(of: id)
                    return (state, all, all)
                }
                let now = state.assessments
                return (state, now, try await client.earlier(than: now, of: id))
            }
            let isScored = state.features.contains { !$0.sheet.scores.isEmpty }
            if found.isEmpty, subject.common.json || !isScored {
                throw CommandFailure("\(id) is not assessed yet")
            }
            for stored in found {
                let change = AssessmentChange.since(earlier, of: stored)
                if subject.common.json {
                    try Output.json(AssessmentDocument(stored, change: change))
                } else {
                    let text = AssessmentText(stored, change: change)
                    for line in text.lines(reasonCountMax: .max) { Output.line(line) }
                }
            }
            // Each line of JSON is an assessment: the scores are in what `twin show` tells.
            guard !subject.common.json else { return }
            for set in state.features {
                for line in ScoreText(set.sheet, at: MachineClock.now).explained {
                    Output.line(line)
                }
            }
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes as they are committed, until Ctrl-C.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Argument(help: "One twin; all where none is given.") var id: String?
        @Option(help: "Start after this cursor; now where none is given.") var from: UInt64?

        struct Line: Encodable {
            let cursor: UInt64
            let twin: String
            let kind: String
            let revision: UInt64
            let assessments: [AssessmentDocument]
        }

        func run() async throws {
            let twin = try id.map(TwinID.named)
            try await StoreClient.use(store) { client in
                let cursor = if let from { from } else { try await client.status().cursor }
                try await client.watch(after: cursor, twin: twin) { change in
                    let line = Line(
                        cursor: change.cursor, twin: change.twin.text, kind: "\(change.kind)",
                        revision: change.revision,
                        assessments: change.assessments.map { AssessmentDocument($0) })
                    if common.json { return try Output.json(line) }
                    Output.line("\(line.cursor)  \(line.twin)  \(line.kind)  r\(line.revision)")
                    for line in change.assessments.flatMap({ AssessmentText($0).lines() }) {
                        Output.line(line)
                    }
                }
            }
        }
    }
}

extension TwinID {
    /// The twin of that name; fails the command where it is none.
    static func named(_ name: String) throws -> TwinID {
        guard let twin = TwinID(name) else { throw CommandFailure("'\(name)' is no twin's name") }
        return twin
    }
}
