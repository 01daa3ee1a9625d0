import TwinCore

// What workers answer becomes features and assessments.
extension TwinRoom {
    mutating func take(_ result: WorkResult, from peer: Peer, _ request: Request) {
        if let order = prepareOrders[request], order.worker == peer {
            take(result, for: order, request)
            return
        }
        if takeShadow(result, from: peer, request) { return }
        // A late answer: the task was given up, and is done elsewhere.
        guard let task = tasks[request], task.worker == peer else { return }
        finish(request, task)
        if ledger.failure != nil { return }
        switch result {
        case .features(let twin, let set): take(set, of: twin, for: task)
        case .assessments(let twin, let revision, let epoch, let made)
        where task.role == Role.modelIndex:
            take(made, of: twin, revision, epoch, for: task)
        case .failed(let refusal): fail(task, refusal)
        case .assessments, .prepared: fail(task, Refusal(.malformed, "not what was asked for"))
        }
    }

    /// The order was not sent: there are newer features by now.
    mutating func withdraw(_ request: Request, from peer: Peer) {
        if withdrawShadow(request, from: peer) { return }
        guard let task = tasks[request], task.worker == peer else { return }
        finish(request, task)
        markDue(task.twin, task.role)
    }

    private mutating func finish(_ request: Request, _ task: TaskInFlight) {
        tasks[request] = nil
        workers[task.worker]?.inFlightCount -= 1
        workers[task.worker]?.restUntilMs = 0
        entries[Int(task.twin)][task.role].isInFlight = false
        if task.isLastTry, pools[task.role].isolated == task.worker {
            pools[task.role].isolated = nil
        }
    }

    private mutating func take(_ set: FeatureSet, of twin: TwinID, for task: TaskInFlight) {
        let place = Int(task.twin)
        guard entries[place].id == twin, set.modality.index == task.role,
            set.revision > task.from, set.revision <= task.to,
            set.features.count <= settings.resultCountMax
        else { return fail(task, Refusal(.malformed, "features that were not asked for")) }
        guard let worker = workers[task.worker], set.version == versions.name(worker.version)
        else { return fail(task, Refusal(.wrongVersion, "not the version that it said")) }
        succeed(task, heldRevision: set.revision)
        let progress = entries[place][task.role]
        if set.revision > progress.revision
            || (set.revision == progress.revision
                && versions.precedes(progress.version, worker.version))
        {
            entries[place][task.role].revision = set.revision
            entries[place][task.role].version = worker.version
            entries[place].featureSerial &+= 1
            let cursor = ledger.append(.features(twin, set), at: now)
            watchDesk.append(
                Change(cursor: cursor, twin: twin, kind: .features, revision: set.revision))
            pardon(place, Role.modelIndex)
            markDue(task.twin, Role.modelIndex)
            noteForShadows(task.twin)
            driftDesk.note(set, uptimeMs: uptimeMs)
        }
        markDue(task.twin, task.role)
    }

    private mutating func take(
        _ made: [Assessment], of twin: TwinID, _ revision: Revision, _ epoch: UInt64,
        for task: TaskInFlight
    ) {
        let place = Int(task.twin)
        guard isOfThisEpoch(task) else {
            // Another artifact speaks by now: nothing of the old one may come after it.
            entries[place][task.role].holder = task.worker
            return markDue(task.twin, task.role)
        }
        guard entries[place].id == twin, revision == task.to, epoch == task.epoch,
            answers(made, task)
        else { return fail(task, Refusal(.malformed, "assessments that were not asked for")) }
        succeed(task, heldRevision: 0)
        entries[place][task.role].revision = revision
        entries[place].assessedSerial = task.featureSerial
        entries[place].assessedEpoch = task.epoch
        let cursor = ledger.append(.assessments(twin, revision: revision, made), at: now)
        driftDesk.note(made)
        noteGuarded(made)
        let stored = made.map { StoredAssessment(assessment: $0, commitTime: now) }
        watchDesk.append(
            Change(
                cursor: cursor, twin: twin, kind: .assessments, revision: revision,
                assessments: stored))
        markDue(task.twin, task.role)
    }

    private func isOfThisEpoch(_ task: TaskInFlight) -> Bool {
        #if DEBUG
        if planted == .mixedEpochs { return true }
        #endif
        return task.epoch == releases.speakingEpoch
    }

    /// Whether these are one assessment by each artifact that the task asked for.
    private func answers(_ made: [Assessment], _ task: TaskInFlight) -> Bool {
        #if DEBUG
        if planted == .mixedEpochs { return true }
        #endif
        let asked = releases.speakers(
            for: entries[Int(task.twin)].id, since: task.sinceEpoch)
        guard made.count == asked.count else { return false }
        let ordered = made.sorted { $0.outcome < $1.outcome }
        return zip(ordered, asked).allSatisfy { assessment, speaker in
            assessment.outcome == speaker.outcome && assessment.artifact == speaker.artifact
                && assessment.revision == task.to
                && assessment.reasons.count <= settings.resultCountMax
        }
    }

    private mutating func succeed(_ task: TaskInFlight, heldRevision: Revision) {
        workers[task.worker]?.completedCount += 1
        entries[Int(task.twin)][task.role].failureCount = 0
        entries[Int(task.twin)][task.role].holder = task.worker
        entries[Int(task.twin)][task.role].heldRevision = heldRevision
    }

    /// Takes note that a task, already finished, came to nothing; tries it again while it may.
    private mutating func fail(_ task: TaskInFlight, _ refusal: Refusal) {
        let place = Int(task.twin)
        entries[place][task.role].heldRevision = 0
        if task.epoch != releases.speakingEpoch, task.role == Role.modelIndex {
            // It may have failed because its artifact is no longer kept.
            return markDue(task.twin, task.role)
        }
        if refusal.reason == .needSlice, task.from > 0 {
            return order(task.twin, task.role, from: task.worker, isLastTry: task.isLastTry)
        }
        if refusal.reason == .overloaded {
            rest(task.worker, UInt64(refusal.retryAfterMs ?? 1000))
            return markDue(task.twin, task.role)
        }
        if refusal.reason == .expired { rest(task.worker, UInt64(settings.taskDeadlineMs)) }
        entries[place][task.role].holder = task.worker
        entries[place][task.role].failureCount += 1
        if isPoisoned(entries[place][task.role]) {
            out.append(
                .alarm(
                    "a twin's \(Role.name(at: task.role)) task failed "
                        + "\(settings.failureCountMax) times, the last time with "
                        + "\(refusal.reason.name): it is given up until the twin has new data"))
        }
        markDue(task.twin, task.role)
    }

    private mutating func rest(_ worker: Peer, _ durationMs: UInt64) {
        workers[worker]?.restUntilMs = uptimeMs &+ durationMs
    }

    mutating func endOverdueTasks() {
        for (request, task) in tasks.filter({ $0.value.deadlineMs <= uptimeMs }).sorted(by: {
            $0.key < $1.key
        }) {
            finish(request, task)
            fail(task, Refusal(.expired, "no answer within the deadline"))
        }
    }

    /// The worker is gone; what it had is tried elsewhere.
    mutating func loseTasks(of peer: Peer) {
        for (request, task) in tasks.filter({ $0.value.worker == peer }).sorted(by: {
            $0.key < $1.key
        }) {
            finish(request, task)
            fail(task, Refusal(.failed, "the worker was lost"))
        }
    }
}
