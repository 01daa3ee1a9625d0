import TwinCore

/// The artifacts, how each of them serves, and the release that is under way.
struct Releases: Sendable {
    /// Who asked for a release.
    struct Asker: Sendable {
        var peer: TwinRoom.Peer
        var request: TwinRoom.Request
    }

    /// The first phase of a release: every model worker proves the artifact.
    struct Preparation: Sendable {
        /// Who asked for it, and who asked for the same meanwhile; nobody where the store does.
        var askers: [Asker]
        /// What is recorded at the end of it, but for epoch and time.
        var draft: Activation
        /// The workers that have not proved it yet.
        var waitingFor: Set<TwinRoom.Peer>
        var deadlineMs: UInt64
    }

    private(set) var artifacts: [ArtifactID: ArtifactInfo] = [:]
    /// What speaks for the twins that no canary speaks for, in ascending order of outcome.
    private(set) var active: [Activation] = []
    private(set) var canaries: [String: Activation] = [:]
    private(set) var shadows: [String: Activation] = [:]
    /// Counts the releases.
    private(set) var epoch: UInt64 = 0
    /// The newest epoch in which another artifact began to speak for any twin.
    private(set) var speakingEpoch: UInt64 = 0
    /// Every release, in order.
    private(set) var history: [Activation] = []
    private var voices: [String: Voices] = [:]
    /// For each outcome what can be rolled back to, the artifact that speaks now last.
    private var stacks: [String: [ArtifactID]] = [:]
    /// For each outcome the epoch that was undone, where what speaks now speaks because of that.
    private var undone: [String: UInt64] = [:]
    var underWay: Preparation?

    init(_ recovery: Recovery) {
        for info in recovery.artifacts { add(info) }
        for activation in recovery.activations { take(activation) }
    }

    mutating func add(_ info: ArtifactInfo) { artifacts[info.id] = info }

    /// Takes a release for the next one.
    mutating func take(_ release: Activation) {
        epoch = max(epoch, release.epoch)
        history.append(release)
        let outcome = release.outcome
        switch release.mode {
        case .speaking:
            speak(release)
            canaries[outcome] = nil
        case .canary: canaries[outcome] = release.isEnded ? nil : release
        case .shadow: shadows[outcome] = release.isEnded ? nil : release
        }
        // What speaks is no shadow any more.
        if release.mode != .shadow, shadows[outcome]?.artifact == release.artifact {
            shadows[outcome] = nil
        }
        redraw(outcome)
    }

    private mutating func speak(_ activation: Activation) {
        let before = active(for: activation.outcome)?.epoch
        active.removeAll { $0.outcome == activation.outcome }
        active.append(activation)
        active.sort { $0.outcome < $1.outcome }
        var stack = stacks[activation.outcome] ?? []
        // Going back takes a step off; so a second rollback goes further back, never forth again.
        undone[activation.outcome] = nil
        let isGoingBack = activation.cause == .guarded || activation.cause == .rolledBack
        let place = stack.dropLast().lastIndex(of: activation.artifact)
        if let place, isGoingBack || place == stack.count - 2 {
            stack.removeSubrange((place + 1)...)
            undone[activation.outcome] = before
        } else if stack.last != activation.artifact {
            stack.append(activation.artifact)
        }
        stacks[activation.outcome] = stack
    }

    private mutating func redraw(_ outcome: String) {
        guard let base = active(for: outcome)?.artifact else { return }
        let isChanged = voices[outcome, default: Voices()].redraw(
            base: base, canary: canaries[outcome], epoch: epoch)
        if isChanged { speakingEpoch = epoch }
    }

    func active(for outcome: String) -> Activation? { active.first { $0.outcome == outcome } }

    /// What serves an outcome in a mode.
    func serving(_ outcome: String, as mode: ReleaseMode) -> Activation? {
        switch mode {
        case .speaking: active(for: outcome)
        case .canary: canaries[outcome]
        case .shadow: shadows[outcome]
        }
    }

    /// Canaries and shadows, in ascending order of outcome.
    var trials: [Activation] {
        (Array(canaries.values) + Array(shadows.values)).sorted {
            ($0.outcome, $0.mode.rawValue) < ($1.outcome, $1.mode.rawValue)
        }
    }

    /// The epoch that a rollback to what speaks now has undone.
    func undoneEpoch(of outcome: String) -> UInt64? { undone[outcome] }

    /// The artifact that spoke for the outcome before, and may speak.
    func previous(of outcome: String) -> ArtifactInfo? {
        let active = active(for: outcome)?.artifact
        return stacks[outcome]?.dropLast().reversed().lazy.compactMap { artifacts[$0] }
            .first { !$0.isBarred && $0.id != active }
    }

    func history(of outcome: String) -> [Activation] { history.filter { $0.outcome == outcome } }

    /// What has begun to speak for the twin after `epoch`, in ascending order of outcome.
    func speakers(
        for twin: TwinID, since epoch: UInt64
    ) -> [(outcome: String, artifact: ArtifactID, since: UInt64)] {
        active.compactMap { activation in
            guard let speaker = voices[activation.outcome]?.speaker(for: twin),
                speaker.since > epoch
            else { return nil }
            return (activation.outcome, speaker.artifact, speaker.since)
        }
    }

    /// Whether something has begun to speak for the twin after `epoch`.
    func hasNews(for twin: TwinID, since epoch: UInt64) -> Bool {
        epoch < speakingEpoch && !speakers(for: twin, since: epoch).isEmpty
    }

    /// What a model worker must have proved before it is given tasks.
    var speakingArtifacts: Set<ArtifactID> {
        Set(active.map(\.artifact)).union(canaries.values.map(\.artifact))
    }

    var shadowArtifacts: Set<ArtifactID> { Set(shadows.values.map(\.artifact)) }

    /// Everything that serves, in whatever way.
    var servingArtifacts: Set<ArtifactID> { speakingArtifacts.union(shadowArtifacts) }

    /// By outcome, then age.
    ///
    /// Without their references: those of thousands of artifacts are too much for one message.
    var list: [ArtifactInfo] {
        artifacts.values.sorted {
            ($0.outcome, $0.pushedAt, $0.id) < ($1.outcome, $1.pushedAt, $1.id)
        }.map { info in
            var info = info
            info.reference = nil
            return info
        }
    }
}
