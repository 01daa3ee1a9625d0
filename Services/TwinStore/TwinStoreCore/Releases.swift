import TwinCore

/// The artifacts, which of them speak, and the activation that is under way.
struct Releases: Sendable {
    /// The first phase of an activation: every model worker proves the artifact.
    struct Preparation: Sendable {
        var peer: TwinRoom.Peer
        var request: TwinRoom.Request
        var info: ArtifactInfo
        /// The workers that have not proved it yet.
        var waitingFor: Set<TwinRoom.Peer>
        var deadlineMs: UInt64
    }

    private(set) var artifacts: [ArtifactID: ArtifactInfo] = [:]
    /// What speaks now, in ascending order of outcome.
    private(set) var active: [Activation] = []
    /// Counts the activations; each is active for its outcome until the next of it.
    private(set) var epoch: UInt64 = 0
    /// For each outcome what can be rolled back to, the artifact that speaks now last.
    private var stacks: [String: [ArtifactID]] = [:]
    var underWay: Preparation?

    init(_ recovery: Recovery) {
        for info in recovery.artifacts { add(info) }
        for activation in recovery.activations { activate(activation) }
    }

    mutating func add(_ info: ArtifactInfo) { artifacts[info.id] = info }

    mutating func activate(_ activation: Activation) {
        epoch = max(epoch, activation.epoch)
        active.removeAll { $0.outcome == activation.outcome }
        active.append(activation)
        active.sort { $0.outcome < $1.outcome }
        var stack = stacks[activation.outcome] ?? []
        // Going back takes a step off; so a second rollback goes further back, never forth again.
        if stack.dropLast().last == activation.artifact {
            stack.removeLast()
        } else if stack.last != activation.artifact {
            stack.append(activation.artifact)
        }
        stacks[activation.outcome] = stack
    }

    func active(for outcome: String) -> Activation? { active.first { $0.outcome == outcome } }

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
