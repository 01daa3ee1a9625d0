public import TwinCore

// Workers come and go.
extension TwinRoom {
    mutating func connect(_ peer: Peer, _ ready: Ready) {
        let credits = max(1, min(ready.credits, settings.creditCountMax))
        guard let version = versions.number(ready.version) else {
            out.append(.alarm("a worker's version is not taken: too long, or too many of them"))
            return
        }
        if let known = workers[peer] {
            if known.role == ready.role.index, known.version == version {
                workers[peer]?.credits = credits
                return
            }
            loseWorker(peer)
        }
        guard workers.count < settings.peerCountMax else {
            out.append(.alarm("a worker is left without tasks: \(workers.count) are connected"))
            return
        }
        let role = ready.role.index
        workers[peer] = Worker(role: role, version: version, credits: credits)
        pools[role].workers.append(peer)
        if role == Role.modelIndex {
            seeWhetherItServes(peer)
        } else {
            seeNewestVersion(role)
        }
    }

    mutating func disconnect(_ peer: Peer) {
        peers[peer] = nil
        watchDesk.remove(peer: peer)
        loseWorker(peer)
    }

    private mutating func loseWorker(_ peer: Peer) {
        guard let worker = workers.removeValue(forKey: peer) else { return }
        pools[worker.role].workers.removeAll { $0 == peer }
        if pools[worker.role].isolated == peer { pools[worker.role].isolated = nil }
        loseTasks(of: peer)
        loseShadows(of: peer)
        losePreparations(of: peer)
        if worker.role != Role.modelIndex { seeNewestVersion(worker.role) }
    }

    /// Only workers of the newest version serve, or two versions would make each other's features
    /// again for ever; while a new version rolls out, the old one leaves the work to it.
    private mutating func seeNewestVersion(_ role: Int) {
        let peers = pools[role].workers
        guard let first = peers.first.flatMap({ workers[$0]?.version }) else { return }
        let newest = peers.compactMap { workers[$0]?.version }.reduce(first) {
            versions.precedes($0, $1) ? $1 : $0
        }
        for peer in peers {
            let isNewest = workers[peer]?.version == newest
            workers[peer]?.isServing = isNewest
        }
        guard newest != pools[role].version else { return }
        pools[role].version = newest
        pardonAll(role)
    }

    /// The store's own account of itself.
    public func status() -> StoreStatus {
        var (dueCount, poisonedCount) = (UInt64(0), UInt64(0))
        for entry in entries {
            if pools.indices.contains(where: { isDue(entry, $0) }) { dueCount += 1 }
            for role in pools.indices where isPoisoned(entry[role]) { poisonedCount += 1 }
        }
        let links = linkBook.silent(at: now)
        return StoreStatus(
            version: settings.version, upSeconds: uptimeMs / 1000,
            twinCount: UInt64(entries.count), observationCount: ledger.observationCount,
            assessmentCount: ledger.assessmentCount, dueCount: dueCount,
            poisonedCount: poisonedCount, cursor: ledger.durableCursor,
            activations: releases.active, trials: releases.trials,
            drifted: Set(drift(of: nil).filter(\.isLarge).map(\.outcome)).sorted(),
            peers: peerStatus(), linkCount: UInt64(links.count),
            silentLinkCount: UInt64(links.silent.count),
            silentLinks: links.silent.prefix(settings.silentLinkCountMax).map {
                SilentLink(twin: entries[Int($0.twin)].id, link: $0.link)
            })
    }

    private func peerStatus() -> [PeerStatus] {
        Set(peers.keys).union(workers.keys).sorted().map { peer in
            let (known, worker) = (peers[peer], workers[peer])
            return PeerStatus(
                name: known?.name ?? "peer \(peer)",
                role: worker.map { Role.name(at: $0.role) } ?? known?.role ?? "",
                version: worker.map { versions.name($0.version) } ?? known?.version ?? "",
                credits: worker?.credits ?? 0, inFlight: worker?.inFlightCount ?? 0,
                completed: worker?.completedCount ?? known?.completedCount ?? 0)
        }
    }

    /// Twins in ascending order of id, after `after`.
    public mutating func twins(after: TwinID?, limit: Int) -> [TwinSummary] {
        if listing.count < entries.count { extendListing() }
        var (low, high) = (0, listing.count)
        while let after, low < high {
            let middle = low + (high - low) / 2
            if entries[Int(listing[middle])].id > after { high = middle } else { low = middle + 1 }
        }
        return listing[low...].prefix(max(0, limit)).map { entries[Int($0)].summary }
    }

    private mutating func extendListing() {
        let new = (TwinIndex(listing.count)..<TwinIndex(entries.count)).sorted {
            entries[Int($0)].id < entries[Int($1)].id
        }
        var merged: [TwinIndex] = []
        merged.reserveCapacity(entries.count)
        var rest = listing[...]
        for index in new {
            while let first = rest.first, entries[Int(first)].id < entries[Int(index)].id {
                merged.append(first)
                rest.removeFirst()
            }
            merged.append(index)
        }
        listing = merged + rest
    }

    /// The modalities that the twin has features of.
    public func featureModalities(of twin: TwinID) -> [Modality] {
        guard let index = indices[twin] else { return [] }
        return Modality.allCases.filter { entries[Int(index)][$0.index].revision > 0 }
    }

    /// The line of a twin in the list; nil where there is none of exactly this name.
    public func summary(of twin: TwinID) -> TwinSummary? {
        indices[twin].map { entries[Int($0)].summary }
    }

    /// Whether there is a twin of exactly this name.
    public func knows(_ twin: TwinID) -> Bool { indices[twin] != nil }

    public func artifact(_ id: ArtifactID) -> ArtifactInfo? { releases.artifacts[id] }

    /// By outcome, then age.
    public var artifacts: [ArtifactInfo] { releases.list }

    /// Every release of one outcome, or of all, in order.
    public func releases(of outcome: String?) -> [Activation] {
        outcome.map { releases.history(of: $0) } ?? releases.history
    }

    /// What speaks now where no canary does, in ascending order of outcome.
    public var activations: [Activation] { releases.active }

    /// Everything through this cursor is durable.
    public var durableCursor: UInt64 { ledger.durableCursor }
}
