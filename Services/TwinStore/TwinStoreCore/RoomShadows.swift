import TwinCore

// Shadows score what is left over of the workers' time.
//
// A worker has one order of a shadow, or any number of others, and never both: so a shadow that
// fails, dawdles or ends its worker takes nothing with it that speaks. It is ordered only while
// nothing that speaks waits, and ended where it fails again and again.
extension TwinRoom {
    /// Takes note of which shadows serve.
    mutating func seeShadows() {
        for (outcome, work) in shadowWorks where releases.shadows[outcome] != work.release {
            shadowWorks[outcome] = nil
        }
        for (outcome, release) in releases.shadows where shadowWorks[outcome] == nil {
            shadowWorks[outcome] = ShadowWork(release)
        }
    }

    /// How many twins the shadows together have not scored as they are now.
    public var shadowDueCount: Int {
        shadowWorks.values.reduce(0) { $0 + $1.dueCount(of: entries) }
    }

    mutating func noteForShadows(_ twin: TwinIndex) {
        // An array: the keys themselves would hold, and so copy, what is changed.
        for outcome in Array(shadowWorks.keys) { shadowWorks[outcome]?.note(twin) }
    }

    /// Takes note of what a shadow scored before a restart.
    mutating func restoreShadows(_ progress: TwinProgress, _ twin: TwinIndex) {
        let entry = entries[Int(twin)]
        for (outcome, made) in progress.shadows
        where releases.shadows[outcome]?.artifact == made.artifact
            && made.revision == entry.featureRevision
        { shadowWorks[outcome]?.settle(twin, entry.featureSerial) }
    }

    mutating func dispatchShadows() {
        guard !shadowWorks.isEmpty else { return }
        let model = pools[Role.modelIndex]
        guard model.fresh.isEmpty, model.lastTries.isEmpty, model.sweep >= entries.count else {
            return
        }
        while ledger.pendingResultCount < settings.pendingResultCountMax, orderShadow() {}
    }

    /// Orders one score of the shadow whose turn it is; false where there is none to order.
    private mutating func orderShadow() -> Bool {
        let works = shadowWorks.values.filter { $0.restUntilMs <= uptimeMs }.sorted {
            ($0.turnCount, $0.release.outcome) < ($1.turnCount, $1.release.outcome)
        }
        for release in works.map(\.release) {
            guard let worker = idleWorker(for: release.artifact),
                let twin = shadowWorks[release.outcome]?.next(of: entries)
            else { continue }
            order(twin, of: release, from: worker)
            return true
        }
        return false
    }

    private func idleWorker(for artifact: ArtifactID) -> Peer? {
        pools[Role.modelIndex].workers.first { peer in
            guard let worker = workers[peer] else { return false }
            return worker.isServing && worker.inFlightCount == 0 && worker.shadowRequest == nil
                && worker.restUntilMs <= uptimeMs && worker.prepared.contains(artifact)
                && pools[Role.modelIndex].isolated != peer
        }
    }

    private mutating func order(_ twin: TwinIndex, of release: Activation, from worker: Peer) {
        let entry = entries[Int(twin)]
        let request = nextRequest()
        shadowWorks[release.outcome]?.order(twin)
        shadowTasks[request] = ShadowTask(
            outcome: release.outcome, epoch: release.epoch, twin: twin, worker: worker,
            revision: entry.featureRevision, featureSerial: entry.featureSerial,
            deadlineMs: uptimeMs &+ UInt64(settings.shadowDeadlineMs))
        workers[worker]?.shadowRequest = request
        out.append(
            .order(
                worker, request,
                .assess(
                    entry.id, revision: entry.featureRevision, epoch: release.epoch,
                    artifacts: [release.artifact]),
                // The link must not take the worker for idle while it is still at it.
                deadlineMs: settings.taskDeadlineMs))
    }

    /// Whether the result was a shadow's; then it is taken.
    mutating func takeShadow(_ result: WorkResult, from peer: Peer, _ request: Request) -> Bool {
        if workers[peer]?.overdueShadowRequest == request {
            // Late, and of no use: but the worker has time again.
            workers[peer]?.overdueShadowRequest = nil
            workers[peer]?.restUntilMs = 0
            return true
        }
        guard let task = shadowTasks[request], task.worker == peer else { return false }
        finish(task, request)
        guard ledger.failure == nil, let release = shadowWorks[task.outcome]?.release,
            release.epoch == task.epoch
        else { return true }
        switch result {
        case .assessments(let twin, let revision, let epoch, let made)
        where twin == entries[Int(task.twin)].id && revision == task.revision
            && epoch == task.epoch && isOf(release, task, made):
            shadowWorks[task.outcome]?.settle(task.twin, task.featureSerial)
            shadowWorks[task.outcome]?.failureCount = 0
            driftDesk.note(made)
            _ = ledger.append(.shadows(twin, revision: revision, made), at: now)
            shadowWorks[task.outcome]?.note(task.twin)
            noteGuarded(made)
        case .failed(let refusal) where refusal.reason == .overloaded:
            shadowWorks[task.outcome]?.restUntilMs = uptimeMs &+ 1000
            shadowWorks[task.outcome]?.note(task.twin)
        case .failed(let refusal):
            // The model would refuse the same features again; what the link lost it may not.
            let isOfModel = refusal.reason != .failed && refusal.reason != .expired
            failShadow(task, refusal, isSettled: isOfModel)
        default: failShadow(task, Refusal(.malformed, "not what was asked for"), isSettled: true)
        }
        return true
    }

    private func isOf(_ release: Activation, _ task: ShadowTask, _ made: [Assessment]) -> Bool {
        guard made.count == 1, let one = made.first else { return false }
        return one.outcome == release.outcome && one.artifact == release.artifact
            && one.revision == task.revision && one.reasons.count <= settings.resultCountMax
    }

    private mutating func finish(_ task: ShadowTask, _ request: Request) {
        shadowTasks[request] = nil
        if workers[task.worker]?.shadowRequest == request {
            workers[task.worker]?.shadowRequest = nil
        }
        if shadowWorks[task.outcome]?.release.epoch == task.epoch {
            shadowWorks[task.outcome]?.finish(task.twin)
        }
    }

    /// Takes back an order that was not sent, as there are newer features; says whether it was a shadow's.
    mutating func withdrawShadow(_ request: Request, from peer: Peer) -> Bool {
        guard let task = shadowTasks[request], task.worker == peer else { return false }
        finish(task, request)
        shadowWorks[task.outcome]?.note(task.twin)
        return true
    }

    private mutating func failShadow(_ task: ShadowTask, _ refusal: Refusal, isSettled: Bool) {
        guard var work = shadowWorks[task.outcome], work.release.epoch == task.epoch else { return }
        if isSettled { work.settle(task.twin, task.featureSerial) }
        work.note(task.twin)
        work.failureCount += 1
        work.restUntilMs = uptimeMs &+ UInt64(1000 * work.failureCount)
        shadowWorks[task.outcome] = work
        guard work.failureCount >= settings.shadowFailureCountMax, ledger.failure == nil else {
            return
        }
        var end = work.release
        (end.isEnded, end.cause, end.by) = (true, .failed, "")
        record(end)
        out.append(
            .alarm(
                "the shadow of \(task.outcome) failed \(work.failureCount) times in a row, the "
                    + "last time with \(refusal.reason.name): it is ended"))
    }

    mutating func endOverdueShadows() {
        for (request, task) in shadowTasks.filter({ $0.value.deadlineMs <= uptimeMs }).sorted(by: {
            $0.key < $1.key
        }) {
            finish(task, request)
            workers[task.worker]?.overdueShadowRequest = request
            workers[task.worker]?.restUntilMs = uptimeMs &+ UInt64(settings.taskDeadlineMs)
            failShadow(task, Refusal(.expired, "no answer within the deadline"), isSettled: false)
        }
    }

    /// The worker is gone, perhaps because of the shadow.
    mutating func loseShadows(of peer: Peer) {
        for (request, task) in shadowTasks.filter({ $0.value.worker == peer }).sorted(by: {
            $0.key < $1.key
        }) {
            finish(task, request)
            failShadow(task, Refusal(.failed, "the worker was lost"), isSettled: false)
        }
    }
}
