import ArgumentParser
import Foundation
import TwinCleaning
import TwinDoorways
import TwinRuntime

struct CleaningCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleaning", abstract: "The rules by which values are flagged.",
        subcommands: [Standard.self, Check.self])

    struct Standard: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The standard rules, in the form that a site's file has.")

        func run() { Output.line(StandardRules.text) }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether a site's file can be used, and how values will name it.")

        @OptionGroup var common: OutputOptions
        @Argument(help: "The file.") var file: String

        struct Document: Encodable {
            let name: String
            let version: Int
            let sha256: String
            let base: String
        }

        func run() throws {
            let rules: CleaningRules
            do { rules = try CleaningRules(file: file) } catch {
                throw CommandFailure("\(error)")
            }
            let identity = rules.identity
            if common.json {
                return try Output.json(
                    Document(
                        name: identity.name, version: identity.version, sha256: identity.hash,
                        base: identity.base))
            }
            Output.line("\(identity)")
        }
    }
}
