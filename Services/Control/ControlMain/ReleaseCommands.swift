import ArgumentParser
import TwinCore

extension ModelCommand {
    struct Shadow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lets an artifact score beside the one that speaks, and shows nobody what it says.",
            discussion:
                "`twinctl twin shadows ID` reads what it said. It scores only while nothing "
                + "that speaks waits, and is ended where it fails again and again.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Flag(help: "Ends the shadow of the outcome, or of the artifact's.") var off = false
        @Argument(help: "An artifact's id or its beginning; with --off an outcome too.")
        var artifact: String

        func run() async throws {
            try await ModelCommand.release(store, common, artifact, isOff: off) {
                off ? .endShadow(outcome: $0) : .shadow($1)
            }
        }
    }

    struct Canary: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets an artifact speak for a share of the twins, and always for the same.",
            discussion: "A share that grows only adds twins. `twinctl model promote` lets it speak "
                + "for all.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Option(help: "Of the twins, above 0 and at most 1.") var share: Double = 0.1
        @Flag(help: "Ends the canary of the outcome, or of the artifact's.") var off = false
        @Argument(help: "An artifact's id or its beginning; with --off an outcome too.")
        var artifact: String

        func validate() throws {
            guard share > 0, share <= 1 else {
                throw ValidationError("--share is above 0 and at most 1: 0.1 is a tenth")
            }
        }

        func run() async throws {
            try await ModelCommand.release(store, common, artifact, isOff: off) {
                off ? .endCanary(outcome: $0) : .canary($1, share: share)
            }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a canary or shadow speak for every twin.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Argument(help: "An artifact's id, or the beginning of one.") var artifact: String

        func run() async throws {
            try await ModelCommand.release(store, common, artifact, isOff: false) { .promote($1) }
        }
    }

    struct Pardon: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lets an artifact serve again that was barred for answers that were not valid.",
            discussion: "It does not begin to speak by that: `twinctl model activate` lets it.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Argument(help: "An artifact's id, or the beginning of one.") var artifact: String

        func run() async throws {
            let info = try await StoreClient.use(store) { client in
                try await client.pardon(try await client.artifact(named: artifact).id)
            }
            if common.json {
                return try Output.json(ModelCommand.ArtifactDocument(info, active: []))
            }
            Output.line("\(info.id.hex.prefix(12)) may serve \(info.outcome) again")
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who pushed, activated, tried, promoted and rolled back what, and when.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Option(help: "Only of this outcome.") var outcome: String?

        func run() async throws {
            let (releases, artifacts) = try await StoreClient.use(store) { client in
                (
                    try await client.releases(of: outcome),
                    try await client.artifacts().artifacts
                )
            }
            let lines = ReleaseLine.history(
                releases, artifacts.filter { outcome == nil || $0.outcome == outcome })
            if common.json { return try Output.json(lines) }
            Output.table(
                [["at", "epoch", "outcome", "artifact", "what", "by"]]
                    + lines.map {
                        [
                            $0.at, $0.epoch.map { "\($0)" } ?? "-", $0.outcome,
                            String($0.artifact.prefix(12)), $0.words, $0.by ?? "-",
                        ]
                    })
        }
    }

    /// Takes one step with the artifact of that name, and tells it.
    static func release(
        _ store: StoreOptions, _ common: OutputOptions, _ name: String, isOff: Bool,
        _ step: @Sendable (_ outcome: String, _ artifact: ArtifactID) -> ReleaseOrder.Step
    ) async throws {
        let activation = try await StoreClient.use(store) { client in
            // What ends may be named by its outcome.
            let named =
                isOff ? try await client.artifacts().artifacts.first { $0.outcome == name } : nil
            let info =
                if let named { named } else { try await client.artifact(named: name) }
            if !isOff { try await client.demandSpeech(of: info) }
            return try await client.release(step(info.outcome, info.id), of: info.outcome)
        }
        try tell(activation, common)
    }
}

/// One line of the history of artifacts.
struct ReleaseLine: Encodable {
    let at: String
    let outcome: String
    let artifact: String
    /// `pushed`, `barred`, `pardoned`, `speaking`, `canary`, `shadow`, `canary-ended`,
    /// `shadow-ended`.
    let what: String
    let epoch: UInt64?
    /// Of a canary.
    let share: Double?
    /// `ordered`, `rolled-back`, `promoted`, `failed`, `guarded`; left out where it is not known.
    let cause: String?
    /// What the cause leaves open; left out where nothing is.
    let reason: String?
    /// Who asked for it; left out where it is not known.
    let by: String?
    private let instant: Instant

    private enum CodingKeys: CodingKey {
        case at, outcome, artifact, what, epoch, share, cause, reason, by
    }

    init(_ release: Activation) {
        instant = release.activatedAt
        at = release.activatedAt.description
        outcome = release.outcome
        artifact = release.artifact.hex
        what = "\(release.mode)" + (release.isEnded ? "-ended" : "")
        epoch = release.epoch
        share = release.mode == .canary && !release.isEnded ? release.share : nil
        cause = release.cause.map { $0 == .rolledBack ? "rolled-back" : "\($0)" }
        reason = release.reason.isEmpty ? nil : release.reason
        by = release.by.isEmpty ? nil : release.by
    }

    private init(
        _ info: ArtifactInfo, _ what: String, at instant: Instant, by: String, reason: String? = nil
    ) {
        self.instant = instant
        at = instant.description
        outcome = info.outcome
        artifact = info.id.hex
        self.what = what
        (epoch, share, cause, self.reason) = (nil, nil, nil, reason)
        self.by = by.isEmpty ? nil : by
    }

    /// What became of an artifact beside its releases.
    static func lines(_ info: ArtifactInfo) -> [ReleaseLine] {
        var lines = [ReleaseLine(info, "pushed", at: info.pushedAt, by: info.pushedBy)]
        guard let bar = info.bar else { return lines }
        lines.append(ReleaseLine(info, "barred", at: bar.at, by: "", reason: bar.reason))
        if let pardonedAt = bar.pardonedAt {
            lines.append(ReleaseLine(info, "pardoned", at: pardonedAt, by: bar.pardonedBy))
        }
        return lines
    }

    /// What was pushed and what was released, in the order in which it took place.
    static func history(_ releases: [Activation], _ artifacts: [ArtifactInfo]) -> [ReleaseLine] {
        let lines = artifacts.flatMap { ReleaseLine.lines($0) } + releases.map { ReleaseLine($0) }
        return lines.sorted {
            ($0.instant, $0.epoch ?? 0, $0.artifact) < ($1.instant, $1.epoch ?? 0, $1.artifact)
        }
    }

    /// The same for people.
    var words: String {
        let deed =
            switch what {
            case "speaking": "speaks for all"
            case "canary": "speaks for \(Output.short((share ?? 0) * 100)) %"
            case "canary-ended": "is no canary any more"
            case "shadow": "scores in the shadow"
            case "shadow-ended": "is no shadow any more"
            default: what
            }
        let cause =
            switch self.cause {
            case "ordered": nil as String?
            case "guarded": "the store took it back"
            case let other: other
            }
        let why = [cause, reason].compactMap(\.self).joined(separator: ": ")
        return why.isEmpty ? deed : "\(deed) (\(why))"
    }
}

extension StoreClient {
    /// The artifact, which may serve again.
    func pardon(_ artifact: ArtifactID) async throws -> ArtifactInfo {
        guard case .artifact(let info) = try await ask(.pardonArtifact(artifact)).answer else {
            throw unexpected
        }
        return info
    }

    /// Every release there was, of one outcome or of all, in order.
    func releases(of outcome: String?) async throws -> [Activation] {
        guard case .releases(let releases) = try await ask(.releases(outcome: outcome)).answer
        else { throw unexpected }
        return releases
    }

    /// Throws, with the reason, where an artifact asks for what twins don't have.
    ///
    /// One whose features were said to be an extractor's was looked at when it was pushed.
    func demandSpeech(of info: ArtifactInfo) async throws {
        let features = info.reference?.features ?? []
        guard features.isEmpty || features.contains(where: { $0.modality == nil }) else { return }
        let bytes: [UInt8]
        // What the store can't give whole its workers can't load either: they say what is wrong.
        do { bytes = try await artifactBytes(info.id) } catch is CommandFailure { return }
        try ArtifactFile(bytes: bytes, of: info.id.hex).demandSpeech()
    }

    /// Named by the epoch that it follows, a step is taken once, however often the link asks.
    func release(_ step: ReleaseOrder.Step, of outcome: String) async throws -> Activation {
        let newest = try await releases(of: outcome).last?.epoch ?? 0
        let query = Query.release(ReleaseOrder(step, after: newest))
        guard case .activated(let activation) = try await ask(query, deadlineMs: 90_000).answer
        else { throw unexpected }
        return activation
    }
}
