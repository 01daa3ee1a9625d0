import TwinCore

/// The artifacts, which of them speak, and the activation that is under way.
struct Releases: Sendable {
    /// Who asked for an activation.
    struct Asker: Sendable {
        var peer: TwinRoom.Peer
        var request: TwinRoom.Request
    }

    /// The first phase of an activation: every model worker proves the artifact.
    struct Preparation: Sendable {
        var peer: TwinRoom.Peer
        var request: TwinRoom.Request
        var info: ArtifactInfo
        /// The workers that have not proved it yet.
        var waitingFor: Set<TwinRoom.Peer>
        var deadlineMs: UInt64
        /// Who asked for the same meanwhile.
        var others: [Asker] = []

        var askers: [Asker] { [Asker(peer: peer, request: request)] + others }
    }

    private(set) var artifacts: [ArtifactID: ArtifactInfo] = [:]
    /// What speaks now, in ascending order of outcome.
    private(set) var active: [Activation] = []
    /// Counts the activations; each is active for its outcome until the next of it.
    private(set) var epoch: UInt64 = 0
    /// For each outcome what can be rolled back to, the artifact that speaks now last.
    private var stacks: [String: [ArtifactID]] = [:]
    /// For each outcome the epoch that was undone, where what speaks now speaks because of that.
    private var undone: [String: UInt64] = [:]
    var underWay: Preparation?

    init(_ recovery: Recovery) {
        for info in recovery.artifacts { add(info) }
        for activation in recovery.activations { activate(activation) }
    }

    mutating func add(_ info: ArtifactInfo) { artifacts[info.id] = info }

    mutating func activate(_ activation: Activation) {
        let before = active(for: activation.outcome)?.epoch
        epoch = max(epoch, activation.epoch)
        active.removeAll { $0.outcome == activation.outcome }
        active.append(activation)
        active.sort { $0.outcome < $1.outcome }
        var stack = stacks[activation.outcome] ?? []
        // Going back takes a step off; so a second rollback goes further back, never forth again.
        undone[activation.outcome] = nil
        if stack.dropLast().last == activation.artifact {
            stack.removeLast()
            undone[activation.outcome] = before
        } else if stack.last != activation.artifact {
            stack.append(activation.artifact)
        }
        stacks[activation.outcome] = stack
    }

    func active(for outcome: String) -> Activation? { active.first { $0.outcome == outcome } }

    /// The epoch that a rollback to what speaks now has undone.
    func undoneEpoch(of outcome: String) -> UInt64? { undone[outcome] }

    /// The artifact that spoke for the outcome before.
    func previous(of outcome: String) -> ArtifactInfo? {
        stacks[outcome]?.dropLast().last.flatMap { artifacts[$0] }
    }

    /// What became active after `epoch`, in ascending order of outcome.
    func activated(since epoch: UInt64) -> [Activation] { active.filter { $0.epoch > epoch } }

    var activeArtifacts: Set<ArtifactID> { Set(active.map(\.artifact)) }

    /// By outcome, then age.
    var list: [ArtifactInfo] {
        artifacts.values.sorted {
            ($0.outcome, $0.pushedAt, $0.id) < ($1.outcome, $1.pushedAt, $1.id)
        }
    }
}
