import ArgumentParser
import ControlCatalogue
import FeatureRoster
import Foundation
import ModelCore
import ModelONNX
import TwinCore
import TwinDoorways
import TwinRuntime
import TwinSigning

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Trains, pushes, activates and judges models.",
        subcommands: [
            TrainCommand.self, EvaluateCommand.self, List.self, Show.self, Card.self, Push.self,
            Activate.self, Shadow.self, Canary.self, Promote.self, Rollback.self, Pardon.self,
            History.self, Drift.self, Await.self,
        ])

    struct ArtifactDocument: Encodable {
        let artifact: String
        let outcome: String
        let kind: String
        let bytes: UInt64
        let pushedAt: String
        let activeEpoch: UInt64?
        /// `canary` or `shadow`, while it is one.
        let trial: String?
        /// The public key of who answers for it; left out where nobody does.
        let signedBy: String?
        /// Why it may not serve; left out where it may.
        let barred: String?

        init(_ info: ArtifactInfo, active: [Activation], trials: [Activation] = []) {
            artifact = info.id.hex
            outcome = info.outcome
            kind = info.kind
            bytes = info.byteCount
            pushedAt = info.pushedAt.description
            activeEpoch = active.first { $0.artifact == info.id }?.epoch
            trial = trials.first { $0.artifact == info.id }.map { "\($0.mode)" }
            signedBy = info.signature?.key
            barred = info.isBarred ? info.bar?.reason : nil
        }
    }

    struct ActivationDocument: Encodable {
        let outcome: String
        let artifact: String
        let epoch: UInt64
        let activatedAt: String
        /// `speaking`, `canary` or `shadow`.
        let mode: String
        let share: Double
        let ended: Bool

        init(_ activation: Activation) {
            outcome = activation.outcome
            artifact = activation.artifact.hex
            epoch = activation.epoch
            activatedAt = activation.activatedAt.description
            mode = "\(activation.mode)"
            share = activation.share
            ended = activation.isEnded
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every artifact of the store.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions

        func run() async throws {
            let (artifacts, status) = try await StoreClient.use(store) {
                (try await $0.artifacts().artifacts, try await $0.status())
            }
            let documents = artifacts.map {
                ArtifactDocument($0, active: status.activations, trials: status.trials)
            }
            if common.json { return try Output.json(documents) }
            Output.table(
                [
                    [
                        "artifact", "outcome", "kind", "bytes", "pushed", "signed by",
                        "active since epoch", "trial",
                    ]
                ]
                    + documents.map {
                        [
                            String($0.artifact.prefix(12)), $0.outcome, $0.kind, "\($0.bytes)",
                            $0.pushedAt, $0.signedBy.map { String($0.prefix(12)) } ?? "-",
                            $0.activeEpoch.map { "\($0)" } ?? "-",
                            $0.barred == nil ? $0.trial ?? "-" : "barred",
                        ]
                    })
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "An artifact's manifest and model card, as JSON.")
        @OptionGroup var store: StoreOptions
        @Argument(help: "An artifact's id, the beginning of one, or a file.") var artifact: String

        func run() async throws {
            if FileManager.default.fileExists(atPath: artifact) {
                return Output.line(try ArtifactFile(path: artifact).manifest.json)
            }
            let bytes = try await StoreClient.use(store) { client in
                try await client.artifactBytes(try await client.artifact(named: artifact).id)
            }
            Output.line(try ArtifactFile(bytes: bytes, of: artifact).manifest.json)
        }
    }

    struct Push: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives an artifact to the store; it serves nobody until it is activated.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Option(help: "A secret signing key (`twinctl keys make --signing FILE`) to sign it with.")
        var sign: String?
        @Argument(help: "An ONNX file with a manifest.") var file: String

        func run() async throws {
            let file = try ArtifactFile(path: file)
            let signature = try sign.map { try file.signature(with: $0) }
            let info = try await StoreClient.use(store) { client in
                try await client.push(file, signature)
            }
            if common.json { return try Output.json(ArtifactDocument(info, active: [])) }
            let signer = info.signature.map { ", signed by \($0.key)" } ?? ", unsigned"
            Output.line("pushed \(info.id) for \(info.outcome)\(signer)")
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lets an artifact speak for its outcome, once every model worker has proved it.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Argument(help: "An artifact's id, or the beginning of one.") var artifact: String

        func run() async throws {
            try await ModelCommand.release(store, common, artifact, isOff: false) { .activate($1) }
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets the artifact speak again that spoke before.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Argument(help: "The outcome.") var outcome: String

        func run() async throws {
            let activation = try await StoreClient.use(store) { client in
                // Named, it is undone once, however often the link asks.
                let active = try await client.artifacts().active
                return try await client.rollback(
                    outcome, undoing: active.first { $0.outcome == outcome }?.epoch)
            }
            try ModelCommand.tell(activation, common)
        }
    }

    static func tell(_ activation: Activation, _ common: OutputOptions) throws {
        if common.json { return try Output.json(ActivationDocument(activation)) }
        let deed =
            switch (activation.mode, activation.isEnded) {
            case (.speaking, _): "speaks for"
            case (.canary, false): "speaks for \(Output.short(activation.share * 100)) % of"
            case (.canary, true): "is no longer the canary of"
            case (.shadow, false): "scores in the shadow of"
            case (.shadow, true): "is no longer a shadow of"
            }
        Output.line(
            "\(activation.artifact.hex.prefix(12)) \(deed) \(activation.outcome) since epoch "
                + "\(activation.epoch)")
    }

    struct Await: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "await", abstract: "Waits until no twin is behind its data.")
        @OptionGroup var store: StoreOptions
        @Option(help: "How long.") var seconds: Int = 600

        func run() async throws {
            try await StoreClient.use(store) { client in
                try await client.awaitNothingDue(seconds: seconds)
            }
        }
    }
}

/// An artifact on this machine, read and checked before it travels.
struct ArtifactFile {
    /// By the features that the workers of this version make.
    static let check = CatalogueCheck(FeatureRoster.all)

    let bytes: [UInt8]
    let manifest: Manifest

    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("\(path) can't be read: does it exist?")
        }
        try self.init(bytes: Array(data), of: path)
    }

    init(bytes: [UInt8], of name: String) throws {
        self.bytes = bytes
        do { manifest = try ONNXArtifact(bytes: bytes).manifest() } catch let error as ONNXError {
            throw CommandFailure("\(name) can't be run: \(error)")
        } catch let error as ManifestError {
            throw CommandFailure("the manifest of \(name): \(error)")
        }
    }

    var id: ArtifactID { ONNXArtifact.identity(of: bytes) }

    /// Throws, with the reason, where it may not speak for twins.
    func demandSpeech() throws {
        if let refusal = ArtifactFile.check.refusalOfSpeech(manifest) {
            throw CommandFailure("refused: \(refusal.detail)")
        }
    }

    /// The signature by the key of a file.
    func signature(with path: String) throws -> ArtifactSignature {
        let signer: ArtifactSigner
        do throws(SettingsError) { signer = try SigningKeyFiles.own(path) } catch {
            throw CommandFailure(error.description)
        }
        return try signer.sign(id)
    }
}

extension StoreClient {
    func artifacts() async throws -> (artifacts: [ArtifactInfo], active: [Activation]) {
        guard case .artifacts(let artifacts, let active) = try await ask(.artifacts).answer else {
            throw unexpected
        }
        return (artifacts, active)
    }

    /// The only artifact whose id begins so.
    func artifact(named prefix: String) async throws -> ArtifactInfo {
        let found = try await artifacts().artifacts.filter { $0.id.hex.hasPrefix(prefix) }
        guard let artifact = found.first else {
            throw CommandFailure("no artifact '\(prefix)'; `twinctl model list` names them")
        }
        guard found.count == 1 else {
            throw CommandFailure("\(found.count) artifacts begin with '\(prefix)': give more of it")
        }
        return artifact
    }

    func artifactBytes(_ id: ArtifactID) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let range = ArtifactRange(offset: UInt64(bytes.count))
            let reply = try await ask(.artifact(id, range))
            guard case .artifact(let info) = reply.answer, info.id == id,
                let part = reply.attachments.first, !part.isEmpty
            else { throw unexpected }
            bytes += part
            if UInt64(bytes.count) >= info.byteCount { break }
        }
        guard ONNXArtifact.identity(of: bytes) == id else {
            throw CommandFailure("what came is not \(id): ask again, and see the store's log")
        }
        return bytes
    }

    /// Sends it part by part, from where the store has it up to, unless it asks for what no twin
    /// has.
    func push(
        _ file: ArtifactFile, _ signature: ArtifactSignature? = nil
    ) async throws -> ArtifactInfo {
        if let refusal = ArtifactFile.check.refusalOfPush(file.manifest) {
            throw CommandFailure("refused: \(refusal.detail)")
        }
        let (id, count) = (file.id, file.bytes.count)
        var progress = Progress("the artifact is sent", total: count)
        var offset = 0
        // As often as there are parts, and some more where the store has begun anew meanwhile.
        for _ in 0..<(count / Int(ArtifactPart.byteCountMax) + 16) {
            let part = ArtifactPart(
                artifact: id, byteCount: UInt64(count), offset: UInt64(offset))
            let end = min(count, offset + Int(ArtifactPart.byteCountMax))
            let query = Query.push(
                outcome: file.manifest.outcome, kind: file.manifest.kind, signature: signature,
                part: part, reference: file.manifest.reference)
            switch try await ask(query, attachments: [Array(file.bytes[offset..<end])]).answer {
            case .artifact(let info): return info
            case .progress(id, let received) where received < UInt64(count):
                offset = Int(received)
                progress.update(offset)
            default: throw unexpected
            }
        }
        throw CommandFailure("the store forgets what it is sent: is somebody else pushing much?")
    }

    func rollback(_ outcome: String, undoing epoch: UInt64?) async throws -> Activation {
        let query = Query.rollback(outcome: outcome, undoing: epoch)
        guard case .activated(let activation) = try await ask(query, deadlineMs: 90_000).answer
        else { throw unexpected }
        return activation
    }

    /// Returns when the features and assessments of every twin are as new as its data.
    func awaitNothingDue(seconds: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        let first = try await status()
        var progress = Progress("twins are brought up to date", total: Int(first.dueCount))
        var due = first.dueCount
        while due > 0 {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure("\(due) twins are still behind; `twinctl status` says more")
            }
            try await Task.sleep(for: .milliseconds(100))
            due = try await status().dueCount
            progress.update(Int(first.dueCount) - min(Int(due), Int(first.dueCount)))
        }
        progress.update(Int(first.dueCount))
    }
}
