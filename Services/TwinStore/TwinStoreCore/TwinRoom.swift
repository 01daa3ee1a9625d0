import TwinCore

/// The fold of inputs into twins: revisions, dispatch, activation, watch.
///
/// It knows how far every twin has come, and none of its data. Time and identity arrive.
public struct TwinRoom: Sendable {
    struct PeerRecord: Sendable {
        var name: String
        var role: String
        var version: String
        var completedCount: UInt64 = 0
    }

    let settings: RoomSettings
    var ledger: Ledger
    var watchDesk: WatchDesk
    var releases: Releases
    var linkBook = LinkBook()
    var versions = Versions()
    var merges = Merges()
    /// In the order in which they came.
    var entries: [TwinEntry] = []
    var indices: [TwinID: TwinIndex] = [:]
    var pools = [Pool](repeating: Pool(), count: Role.count)
    var workers: [Peer: Worker] = [:]
    var peers: [Peer: PeerRecord] = [:]
    var tasks: [Request: TaskInFlight] = [:]
    var prepareOrders: [Request: PrepareOrder] = [:]
    /// By outcome.
    var shadowWorks: [String: ShadowWork] = [:]
    var shadowTasks: [Request: ShadowTask] = [:]
    var driftDesk: DriftDesk
    var guardDesk = GuardDesk()
    /// Twins in ascending order of id; those that came since the last listing are missing.
    var listing: [TwinIndex] = []
    private var lastRequest: Request = 0
    var now = Instant(microsecondsSinceEpoch: 0)
    var uptimeMs: UInt64 = 0
    private var lookedAtMs: UInt64 = 0
    var out: [Departure] = []
    #if DEBUG
    package var planted: PlantedBug?
    #endif

    /// A room that goes on where the engine's records end.
    public init(_ recovery: Recovery, settings: RoomSettings = RoomSettings()) {
        self.settings = settings
        #if DEBUG
        planted = settings.planted
        #endif
        ledger = Ledger(recovery)
        watchDesk = WatchDesk(settings, floor: recovery.cursor)
        releases = Releases(recovery)
        driftDesk = DriftDesk(recovery.drifts)
        seeShadows()
        seeDrift()
        entries.reserveCapacity(recovery.twins.count)
        for progress in recovery.twins { restore(progress) }
        restoreMerges(recovery.twins)
    }

    /// Takes in a batch of arrivals, and says everything that must happen because of it.
    public mutating func receive(_ arrivals: [Arrival]) -> [Departure] {
        for arrival in arrivals { take(arrival) }
        if ledger.failure == nil {
            for role in pools.indices { dispatch(role) }
            dispatchShadows()
        }
        out += watchDesk.takeNews()
        defer { out = [] }
        let records = ledger.takeAppended()
        return records.isEmpty ? out : [.append(records)] + out
    }

    private mutating func take(_ arrival: Arrival) {
        switch arrival {
        case .introduced(let peer, let name, let role, let version):
            guard peers.count < settings.peerCountMax else { return }
            peers[peer] = PeerRecord(name: name, role: role, version: version)
        case .connected(let peer, let ready): connect(peer, ready)
        case .disconnected(let peer): disconnect(peer)
        case .commit(let peer, let request, let commit): take(commit, from: peer, request)
        case .result(let peer, let request, let result): take(result, from: peer, request)
        case .failed(let peer, let request, let refusal):
            take(.failed(refusal), from: peer, request)
        case .withdrawn(let peer, let request): withdraw(request, from: peer)
        case .durable(let cursor): becomeDurable(through: cursor)
        case .storageFailed(let reason):
            guard ledger.failure == nil else { return }
            out += ledger.fail(reason)
            out.append(.alarm("storage failed, nothing more is taken: \(reason)"))
        case .push(let peer, let request, let info): push(info, from: peer, request)
        case .activate(let peer, let request, let artifact):
            activate(artifact, for: peer, request)
        case .release(let peer, let request, let order): release(order, for: peer, request)
        case .rollback(let peer, let request, let outcome, let epoch):
            rollBack(outcome, undoing: epoch, for: peer, request)
        case .watch(let peer, let request, let cursor, let twin):
            out += watchDesk.watch(
                WatchDesk.Key(peer: peer, twin: twin), request, after: cursor,
                durable: ledger.durableCursor)
        case .unwatch(let peer, let twin):
            watchDesk.remove(WatchDesk.Key(peer: peer, twin: twin))
        case .pardon(let twin): pardon(twin)
        case .pardonArtifact(let peer, let request, let artifact):
            pardon(artifact, for: peer, request)
        case .heard(let twin, let hearings): hear(hearings, of: twin)
        case .tick(let at, let uptimeMs): tick(at, uptimeMs)
        }
    }

    private mutating func becomeDurable(through cursor: UInt64) {
        out += ledger.becomeDurable(through: cursor)
        watchDesk.becomeDurable(through: ledger.durableCursor)
    }

    /// Answers once everything through `cursor` is durable.
    mutating func answer(
        _ departure: Departure, to peer: Peer, _ request: Request, after cursor: UInt64
    ) {
        var cursor = cursor
        #if DEBUG
        if planted == .acknowledgeBeforeDurable { cursor = 0 }
        #endif
        if let now = ledger.hold(departure, to: peer, request, until: cursor) { out.append(now) }
    }

    private mutating func tick(_ at: Instant, _ uptimeMs: UInt64) {
        now = at
        self.uptimeMs = max(self.uptimeMs, uptimeMs)
        // Deadlines are counted in seconds; looking at each task more often would buy nothing.
        guard self.uptimeMs >= lookedAtMs &+ 50 else { return }
        lookedAtMs = self.uptimeMs
        endOverdueTasks()
        endOverdueShadows()
        endOverduePreparations()
        goBackFromBarred()
        keepDrift()
        lookAfterLinks()
    }

    /// How many places of memory the recent changes take.
    package var recentPlaceCount: Int { watchDesk.placeCount }

    mutating func nextRequest() -> Request {
        lastRequest += 1
        return lastRequest
    }

    /// The twin's index, a new one for a new twin.
    mutating func index(of twin: TwinID) -> TwinIndex {
        if let known = indices[twin] { return known }
        let index = TwinIndex(entries.count)
        entries.append(TwinEntry(twin))
        indices[twin] = index
        return index
    }

    private mutating func restore(_ progress: TwinProgress) {
        let index = Int(index(of: progress.twin))
        entries[index].revision = progress.revision
        entries[index].lastEventTime = progress.lastEventTime
        for (modality, features) in progress.features {
            entries[index][modality.index].revision = features.revision
            entries[index][modality.index].version = versions.number(features.version) ?? 0
            entries[index].featureSerial = 1
        }
        let revision = progress.assessments.values.map(\.revision).max() ?? 0
        entries[index][Role.modelIndex].revision = revision
        if revision >= entries[index].featureRevision {
            entries[index].assessedSerial = entries[index].featureSerial
        }
        // Up to the epoch before the first speaker that has not assessed the twin at that revision.
        let behind = releases.speakers(for: progress.twin, since: 0).filter {
            let made = progress.assessments[$0.outcome]
            return made?.artifact != $0.artifact || made?.revision != revision
        }
        entries[index].assessedEpoch =
            behind.map { $0.since - 1 }.min() ?? releases.speakingEpoch
        restoreShadows(progress, TwinIndex(index))
    }
}
