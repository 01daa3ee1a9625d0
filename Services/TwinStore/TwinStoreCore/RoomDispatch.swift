import DequeModule
import TwinCore

// Twins that are behind find workers.
extension TwinRoom {
    /// Whether the twin is behind with that role's work.
    func isDue(_ entry: TwinEntry, _ role: Int) -> Bool {
        guard let modality = Role.modality(at: role), role != Role.modelIndex else {
            return !releases.active.isEmpty && entry.featureSerial > 0
                && (entry.featureSerial != entry.assessedSerial
                    || releases.hasNews(for: entry.id, since: entry.assessedEpoch))
        }
        guard settings.modalities.contains(modality) else { return false }
        let progress = entry[role]
        return entry.revision > progress.revision
            || (progress.revision > 0 && versions.precedes(progress.version, pools[role].version))
    }

    func isPoisoned(_ progress: Progress) -> Bool {
        progress.failureCount >= settings.failureCountMax
    }

    private func mayBeOrdered(_ index: TwinIndex, _ role: Int) -> Bool {
        let entry = entries[Int(index)]
        let progress = entry[role]
        return !progress.isQueued && !progress.isInFlight && !isPoisoned(progress)
            && isDue(entry, role)
    }

    /// Queues the twin for that role's workers, if it is due and nothing is under way.
    mutating func markDue(_ index: TwinIndex, _ role: Int) {
        guard mayBeOrdered(index, role) else { return }
        entries[Int(index)][role].isQueued = true
        if isLastTry(index, role) {
            pools[role].lastTries.append(index)
        } else {
            pools[role].fresh.append(index)
        }
    }

    private func isLastTry(_ index: TwinIndex, _ role: Int) -> Bool {
        entries[Int(index)][role].failureCount + 1 == settings.failureCountMax
    }

    /// Gives due twins to workers, as long as there are both.
    mutating func dispatch(_ role: Int) {
        dispatchLastTry(role)
        while ledger.pendingResultCount < settings.pendingResultCountMax,
            var spare = freeWorker(role), let twin = nextDue(role, for: &spare)
        {
            order(twin, role, from: suitable(twin, role, spare), isLastTry: false)
        }
        // The sweep may have come upon a last try.
        dispatchLastTry(role)
    }

    private mutating func dispatchLastTry(_ role: Int) {
        if let kept = pools[role].isolated, workers[kept]?.isServing != true {
            pools[role].isolated = nil
        }
        guard let first = pools[role].lastTries.first else { return }
        let worker =
            pools[role].isolated
            ?? freeWorker(role, avoiding: entries[Int(first)][role].holder, idle: true)
            ?? freeWorker(role, idle: true) ?? freeWorker(role)
        pools[role].isolated = worker
        guard let worker, workers[worker]?.inFlightCount == 0,
            workers[worker]?.shadowRequest == nil
        else { return }
        while let twin = pools[role].lastTries.popFirst() {
            entries[Int(twin)][role].isQueued = false
            guard mayBeOrdered(twin, role) else { continue }
            order(twin, role, from: worker, isLastTry: true)
            return
        }
        pools[role].isolated = nil
    }

    private mutating func nextDue(_ role: Int, for spare: inout Peer) -> TwinIndex? {
        // Fresh data go first, but now and then one that follows behind, so that none waits for ever.
        pools[role].turn &+= 1
        if pools[role].turn % 16 == 0 { return nextSwept(role) ?? nextFresh(role) }
        if let fresh = nextFresh(role) { return fresh }
        if !hasRoomForSwept(spare) {
            let roomy = pools[role].workers.first { isFree($0, role) && hasRoomForSwept($0) }
            guard let roomy else { return nil }
            spare = roomy
        }
        return nextSwept(role)
    }

    /// What follows behind never fills a worker: fresh data that come next would wait for all of it.
    private func hasRoomForSwept(_ peer: Peer) -> Bool {
        guard let worker = workers[peer] else { return false }
        return worker.inFlightCount < max(1, worker.credits / 4)
    }

    private mutating func nextFresh(_ role: Int) -> TwinIndex? {
        while let index = pools[role].fresh.popFirst() {
            entries[Int(index)][role].isQueued = false
            if mayBeOrdered(index, role) { return index }
        }
        return nil
    }

    private mutating func nextSwept(_ role: Int) -> TwinIndex? {
        while pools[role].sweep < entries.count {
            let index = TwinIndex(pools[role].sweep)
            pools[role].sweep += 1
            guard mayBeOrdered(index, role) else { continue }
            if !isLastTry(index, role) { return index }
            markDue(index, role)
        }
        return nil
    }

    private func isFree(_ peer: Peer, _ role: Int, idle: Bool = false) -> Bool {
        guard let worker = workers[peer], worker.role == role, worker.isServing,
            worker.shadowRequest == nil
        else { return false }
        return worker.inFlightCount < (idle ? 1 : worker.credits)
            && worker.restUntilMs <= uptimeMs && pools[role].isolated != peer
    }

    private mutating func freeWorker(
        _ role: Int, avoiding: Peer? = nil, idle: Bool = false
    )
        -> Peer?
    {
        let count = pools[role].workers.count
        for step in 0..<count {
            let place = (pools[role].next + step) % count
            let peer = pools[role].workers[place]
            guard peer != avoiding, isFree(peer, role, idle: idle) else { continue }
            pools[role].next = place + 1
            return peer
        }
        return nil
    }

    /// The worker that has the twin's state; one that has not failed on it; else the spare one.
    private mutating func suitable(_ twin: TwinIndex, _ role: Int, _ spare: Peer) -> Peer {
        let progress = entries[Int(twin)][role]
        guard let holder = progress.holder else { return spare }
        if progress.failureCount == 0 { return isFree(holder, role) ? holder : spare }
        return spare == holder ? freeWorker(role, avoiding: holder) ?? spare : spare
    }

    mutating func order(_ twin: TwinIndex, _ role: Int, from worker: Peer, isLastTry: Bool) {
        let entry = entries[Int(twin)]
        let isHeld =
            entry[role].holder == worker && entry[role].failureCount == 0
            && entry[role].heldRevision >= merges.partedRevisions[twin] ?? 0
        let from =
            isHeld && entry[role].heldRevision < entry.revision ? entry[role].heldRevision : 0
        let isModel = role == Role.modelIndex
        let task = TaskInFlight(
            twin: twin, role: role, worker: worker, from: isModel ? 0 : from,
            to: isModel ? entry.featureRevision : entry.revision, epoch: releases.speakingEpoch,
            sinceEpoch: entry.featureSerial == entry.assessedSerial ? entry.assessedEpoch : 0,
            featureSerial: entry.featureSerial,
            deadlineMs: uptimeMs &+ UInt64(settings.taskDeadlineMs), isLastTry: isLastTry)
        let request = nextRequest()
        tasks[request] = task
        if isLastTry { pools[role].isolated = worker }
        workers[worker]?.inFlightCount += 1
        entries[Int(twin)][role].isInFlight = true
        out.append(
            .order(worker, request, sketch(task, entry.id), deadlineMs: settings.taskDeadlineMs))
    }

    private func sketch(_ task: TaskInFlight, _ twin: TwinID) -> WorkOrderSketch {
        guard let modality = Role.modality(at: task.role), task.role != Role.modelIndex else {
            let artifacts = releases.speakers(for: twin, since: task.sinceEpoch).map(\.artifact)
            return .assess(twin, revision: task.to, epoch: task.epoch, artifacts: artifacts)
        }
        return .features(twin, modality, from: task.from, to: task.to)
    }

    /// Tries a poisoned task once more.
    mutating func pardon(_ place: Int, _ role: Int) {
        guard isPoisoned(entries[place][role]) else { return }
        entries[place][role].failureCount = settings.failureCountMax - 1
    }

    /// What failed may have failed because of the artifact or extractor that is no more: all begin anew.
    mutating func pardonAll(_ role: Int) {
        for place in entries.indices where entries[place][role].failureCount > 0 {
            entries[place][role].failureCount = 0
        }
        pools[role].sweep = 0
    }

    mutating func pardon(_ twin: TwinID) {
        guard let index = indices[twin] else { return }
        for role in pools.indices {
            pardon(Int(index), role)
            markDue(index, role)
        }
    }
}
