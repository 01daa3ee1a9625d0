import ArgumentParser
import TwinDoorways
import TwinLinkZeroMQ
import TwinRuntime
import TwinSigning

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "CURVE keys: who may connect; signing keys: who answers for artifacts.",
        subcommands: [Make.self, Show.self])

    struct Document: Encodable {
        let file: String
        let publicKey: String
    }

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a new secret key to a file and prints its public key.",
            discussion: """
                Every process gets a secret of its own (keys.secret) and the store's public key \
                (keys.server); the store's keys.admitted lists the public keys of all others.
                """)
        @OptionGroup var common: OutputOptions
        @Flag(
            help:
                "A key that signs artifacts (Ed25519); its public key goes into artifacts.signers.")
        var signing = false
        @Argument(help: "The file to write; it must not be there yet.") var file: String

        func run() async throws {
            if signing {
                return try KeysCommand.tell(file, common) { path throws(SettingsError) in
                    try SigningKeyFiles.make(path).publicKey
                }
            }
            try KeysCommand.tell(file, common) { path throws(SettingsError) in
                try KeyFiles.make(path).publicKey
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the public key that belongs to a file's secret key.")
        @OptionGroup var common: OutputOptions
        @Flag(help: "A key that signs artifacts.") var signing = false
        @Argument(help: "The file with the secret.") var file: String

        func run() async throws {
            if signing {
                return try KeysCommand.tell(file, common) { path throws(SettingsError) in
                    try SigningKeyFiles.own(path).publicKey
                }
            }
            try KeysCommand.tell(file, common) { path throws(SettingsError) in
                try KeyFiles.own(path).publicKey
            }
        }
    }

    private static func tell(
        _ file: String, _ common: OutputOptions,
        _ key: (String) throws(SettingsError) -> String
    ) throws {
        let publicKey: String
        do throws(SettingsError) { publicKey = try key(file) } catch {
            throw CommandFailure(error.description)
        }
        if common.json {
            return try Output.json(Document(file: file, publicKey: publicKey))
        }
        Output.line(publicKey)
    }
}
