import ArgumentParser
import ControlReport
import Foundation
import ModelCore
import TwinCore

extension ModelCommand {
    struct Card: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "An artifact's model card: what it is for, where it must not be relied on, and how it came about.",
            discussion:
                "As Markdown on standard output, unless a page is asked for. Of an artifact "
                + "in the store it also tells the history.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Option(help: "Write one page that needs nothing else to this HTML file.")
        var html: String?
        @Flag(help: "Write Markdown to standard output too where --html is given.")
        var markdown = false
        @Argument(help: "An artifact's id, the beginning of one, or a file.") var artifact: String

        private struct Document: Encodable {
            let artifact: String
            let signedBy: String?
            let card: String
            let history: [ReleaseLine]
        }

        func run() async throws {
            let (file, info, lines) = try await read()
            let id = file.id.hex
            let page = CardPage(
                file.manifest, artifact: id, signedBy: info?.signature?.key,
                history: lines.map {
                    CardPage.Event(at: $0.at, what: $0.words, by: $0.by ?? "not known")
                })
            if let html {
                do { try Data(page.html.utf8).write(to: URL(filePath: html)) } catch {
                    throw CommandFailure("\(html) can't be written: \(error)")
                }
            }
            if common.json {
                return try Output.json(
                    Document(
                        artifact: id, signedBy: info?.signature?.key, card: page.markdown,
                        history: lines))
            }
            if html == nil || markdown { Output.line(page.markdown) }
            if let html { Output.note("the card is in \(html)") }
        }

        private func read() async throws -> (ArtifactFile, ArtifactInfo?, [ReleaseLine]) {
            if FileManager.default.fileExists(atPath: artifact) {
                return (try ArtifactFile(path: artifact), nil, [])
            }
            return try await StoreClient.use(store) { client in
                let info = try await client.artifact(named: artifact)
                let releases = try await client.releases(of: info.outcome)
                    .filter { $0.artifact == info.id }
                return (
                    try ArtifactFile(
                        bytes: try await client.artifactBytes(info.id), of: info.id.hex), info,
                    ReleaseLine.history(releases, [info])
                )
            }
        }
    }
}
