import TwinCore

// Artifacts are proved by every model worker, and only then speak.
extension TwinRoom {
    mutating func push(_ info: ArtifactInfo, from peer: Peer, _ request: Request) {
        if let failure = ledger.failure {
            out.append(.refuse(peer, request, Refusal(.storageFailed, failure)))
        } else if let known = releases.artifacts[info.id],
            known.signature != nil || info.signature == nil
        {
            answer(.stored(peer, request, known), to: peer, request, after: ledger.cursor)
        } else if releases.artifacts[info.id] == nil,
            releases.artifacts.count >= settings.artifactCountMax
        {
            let refusal = Refusal(.overloaded, "\(settings.artifactCountMax) artifacts are kept")
            out.append(.refuse(peer, request, refusal))
        } else {
            releases.add(info)
            let cursor = ledger.append(.artifact(info), at: now)
            answer(.stored(peer, request, info), to: peer, request, after: cursor)
        }
    }

    mutating func activate(_ artifact: ArtifactID, for peer: Peer, _ request: Request) {
        guard let info = releases.artifacts[artifact] else {
            let refusal = Refusal(.notFound, "there is no artifact \(artifact): push it first")
            out.append(.refuse(peer, request, refusal))
            return
        }
        beginActivation(info, for: peer, request)
    }

    /// With an epoch, asking again does no more than asking once: the link may do so.
    mutating func rollBack(
        _ outcome: String, undoing epoch: UInt64?, for peer: Peer, _ request: Request
    ) {
        if let epoch, let active = releases.active(for: outcome), active.epoch != epoch {
            guard releases.undoneEpoch(of: outcome) == epoch else {
                let refusal = Refusal(
                    .conflict,
                    "epoch \(active.epoch) speaks for \(outcome), not \(epoch): see "
                        + "`twinctl model list`")
                out.append(.refuse(peer, request, refusal))
                return
            }
            answer(.activated(peer, request, active), to: peer, request, after: ledger.cursor)
            return
        }
        guard let info = releases.previous(of: outcome) else {
            let refusal = Refusal(.notFound, "no artifact spoke for this outcome before")
            out.append(.refuse(peer, request, refusal))
            return
        }
        beginActivation(info, for: peer, request)
    }

    private mutating func beginActivation(
        _ info: ArtifactInfo, for peer: Peer, _ request: Request
    ) {
        if let failure = ledger.failure {
            out.append(.refuse(peer, request, Refusal(.storageFailed, failure)))
            return
        }
        if releases.underWay?.info.id == info.id {
            releases.underWay?.others.append(Releases.Asker(peer: peer, request: request))
            return
        }
        guard releases.underWay == nil else {
            let refusal = Refusal(
                .overloaded, "another activation is under way", retryAfterMs: 1000)
            out.append(.refuse(peer, request, refusal))
            return
        }
        if let active = releases.active(for: info.outcome), active.artifact == info.id {
            answer(.activated(peer, request, active), to: peer, request, after: ledger.cursor)
            return
        }
        let modelWorkers = pools[Role.modelIndex].workers
        releases.underWay = Releases.Preparation(
            peer: peer, request: request, info: info, waitingFor: Set(modelWorkers),
            deadlineMs: uptimeMs &+ UInt64(settings.prepareDeadlineMs))
        for worker in modelWorkers { prepare([info.id], on: worker) }
        concludeIfProved()
    }

    private mutating func prepare(_ artifacts: [ArtifactID], on worker: Peer) {
        let request = nextRequest()
        prepareOrders[request] = PrepareOrder(
            worker: worker, artifacts: artifacts,
            deadlineMs: uptimeMs &+ UInt64(settings.prepareDeadlineMs))
        out.append(
            .prepare(worker, request, artifacts, deadlineMs: settings.prepareDeadlineMs))
    }

    /// A worker answers that it has prepared artifacts, or could not.
    mutating func take(_ result: WorkResult, for order: PrepareOrder, _ request: Request) {
        prepareOrders[request] = nil
        switch result {
        case .prepared(let artifacts) where Set(artifacts).isSuperset(of: order.artifacts):
            workers[order.worker]?.prepared.formUnion(order.artifacts)
            if let underWay = releases.underWay, order.artifacts.contains(underWay.info.id) {
                releases.underWay?.waitingFor.remove(order.worker)
            }
            seeWhetherItServes(order.worker)
            concludeIfProved()
        case .failed(let refusal): failToPrepare(order, refusal)
        default: failToPrepare(order, Refusal(.malformed, "not what was to be prepared"))
        }
    }

    private mutating func failToPrepare(_ order: PrepareOrder, _ refusal: Refusal) {
        let isActive = !releases.activeArtifacts.isDisjoint(with: order.artifacts)
        if isActive {
            workers[order.worker]?.prepareAgainAtMs = uptimeMs &+ UInt64(settings.taskDeadlineMs)
        }
        let isOfUnderWay = releases.underWay.map {
            order.artifacts.contains($0.info.id) && $0.waitingFor.contains(order.worker)
        }
        if isOfUnderWay == true {
            giveUpActivation(refusal)
        } else if isActive {
            // What another worker refused before, and nobody waits for any more, is no alarm.
            out.append(
                .alarm(
                    "a model worker has not prepared what is active, and gets no tasks: \(refusal)")
            )
        }
    }

    private mutating func giveUpActivation(_ refusal: Refusal) {
        guard let underWay = releases.underWay else { return }
        releases.underWay = nil
        for asker in underWay.askers { out.append(.refuse(asker.peer, asker.request, refusal)) }
    }

    /// The second phase, once every worker has proved the artifact.
    ///
    /// The change of epoch is appended before anything that is made with it, and an engine keeps
    /// a prefix: so tasks need not wait for the disk, and only the answer does.
    private mutating func concludeIfProved() {
        guard let underWay = releases.underWay, underWay.waitingFor.isEmpty else { return }
        releases.underWay = nil
        let activation = Activation(
            outcome: underWay.info.outcome, artifact: underWay.info.id,
            epoch: releases.epoch + 1, activatedAt: now)
        releases.activate(activation)
        let cursor = ledger.append(.activation(activation), at: now)
        let active = releases.activeArtifacts
        for worker in pools[Role.modelIndex].workers {
            // A worker may let go of what is not active: it proves that again when it comes back.
            workers[worker]?.prepared.formIntersection(active)
            seeWhetherItServes(worker)
        }
        pardonAll(Role.modelIndex)
        for asker in underWay.askers {
            answer(
                .activated(asker.peer, asker.request, activation), to: asker.peer, asker.request,
                after: cursor)
        }
    }

    /// A model worker serves while it has prepared all that is active; what it lacks it is sent.
    mutating func seeWhetherItServes(_ peer: Peer) {
        guard let worker = workers[peer], worker.role == Role.modelIndex else { return }
        let lacking = releases.activeArtifacts.subtracting(worker.prepared).sorted()
        workers[peer]?.isServing = lacking.isEmpty
        let isAsked = prepareOrders.values.contains {
            $0.worker == peer && $0.artifacts.contains(where: lacking.contains)
        }
        if !lacking.isEmpty, !isAsked, worker.prepareAgainAtMs <= uptimeMs {
            prepare(lacking, on: peer)
        }
    }

    mutating func endOverduePreparations() {
        let overdue = prepareOrders.filter { $0.value.deadlineMs <= uptimeMs }.keys.sorted()
        for request in overdue {
            guard let order = prepareOrders.removeValue(forKey: request) else { continue }
            failToPrepare(order, Refusal(.expired, "not prepared within the deadline"))
        }
        for worker in pools[Role.modelIndex].workers where workers[worker]?.isServing == false {
            seeWhetherItServes(worker)
        }
    }

    /// A worker that is lost while it prepares may have been lost because of the artifact.
    mutating func losePreparations(of peer: Peer) {
        for request in prepareOrders.filter({ $0.value.worker == peer }).keys.sorted() {
            prepareOrders[request] = nil
        }
        if releases.underWay?.waitingFor.contains(peer) == true {
            giveUpActivation(Refusal(.failed, "a model worker was lost while it prepared"))
        }
    }
}
