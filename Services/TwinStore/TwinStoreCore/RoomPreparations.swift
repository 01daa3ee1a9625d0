import TwinCore

// Artifacts are proved by every model worker, and only then serve.
extension TwinRoom {
    mutating func begin(_ draft: Activation, for askers: [Releases.Asker]) {
        if let failure = ledger.failure {
            return refuse(askers, Refusal(.storageFailed, failure))
        }
        if releases.underWay?.draft.saysTheSame(as: draft) == true {
            releases.underWay?.askers += askers
            return
        }
        guard releases.underWay == nil else {
            return refuse(
                askers,
                Refusal(.overloaded, "another activation is under way", retryAfterMs: 1000))
        }
        // Nobody has to prove what ends.
        let modelWorkers = draft.isEnded ? [] : pools[Role.modelIndex].workers
        releases.underWay = Releases.Preparation(
            askers: askers, draft: draft, waitingFor: Set(modelWorkers),
            deadlineMs: uptimeMs &+ UInt64(settings.prepareDeadlineMs))
        for worker in modelWorkers { prepare([draft.artifact], on: worker) }
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
            if let underWay = releases.underWay, order.artifacts.contains(underWay.draft.artifact) {
                releases.underWay?.waitingFor.remove(order.worker)
            }
            seeWhetherItServes(order.worker)
            concludeIfProved()
        case .failed(let refusal): failToPrepare(order, refusal)
        default: failToPrepare(order, Refusal(.malformed, "not what was to be prepared"))
        }
    }

    private mutating func failToPrepare(_ order: PrepareOrder, _ refusal: Refusal) {
        let speaks = !releases.speakingArtifacts.isDisjoint(with: order.artifacts)
        let isShadow = !releases.shadowArtifacts.isDisjoint(with: order.artifacts)
        if speaks || isShadow {
            workers[order.worker]?.prepareAgainAtMs = uptimeMs &+ UInt64(settings.taskDeadlineMs)
        }
        let isOfUnderWay = releases.underWay.map {
            order.artifacts.contains($0.draft.artifact) && $0.waitingFor.contains(order.worker)
        }
        if isOfUnderWay == true {
            giveUpRelease(refusal)
        } else if speaks {
            // What another worker refused before, and nobody waits for any more, is no alarm.
            out.append(
                .alarm(
                    "a model worker has not prepared what is active, and gets no tasks: \(refusal)")
            )
        } else if isShadow {
            out.append(.alarm("a model worker has not prepared a shadow: \(refusal)"))
        }
    }

    private mutating func refuse(_ askers: [Releases.Asker], _ refusal: Refusal) {
        for asker in askers { out.append(.refuse(asker.peer, asker.request, refusal)) }
    }

    mutating func giveUpRelease(_ refusal: Refusal) {
        guard let underWay = releases.underWay else { return }
        releases.underWay = nil
        refuse(underWay.askers, refusal)
        if underWay.draft.cause == .guarded { restBeforeGoingBack(underWay.draft, refusal) }
    }

    /// The second phase, once every worker has proved the artifact.
    private mutating func concludeIfProved() {
        guard let underWay = releases.underWay, underWay.waitingFor.isEmpty else { return }
        releases.underWay = nil
        let (made, cursor) = record(underWay.draft)
        for asker in underWay.askers {
            answer(
                .activated(asker.peer, asker.request, made), to: asker.peer, asker.request,
                after: cursor)
        }
    }

    /// Lets a release take effect, and says where it is kept.
    ///
    /// The change of epoch is appended before anything that is made with it, and an engine keeps
    /// a prefix: so tasks need not wait for the disk, and only the answer does.
    @discardableResult
    mutating func record(_ draft: Activation) -> (made: Activation, cursor: UInt64) {
        var made = draft
        made.epoch = releases.epoch + 1
        made.activatedAt = now
        let before = releases.speakingEpoch
        releases.take(made)
        let cursor = ledger.append(.activation(made), at: now)
        let serving = releases.servingArtifacts
        guardDesk.see(made, serving: serving)
        for worker in pools[Role.modelIndex].workers {
            // A worker may let go of what does not serve: it proves that again when it comes back.
            workers[worker]?.prepared.formIntersection(serving)
            seeWhetherItServes(worker)
        }
        if releases.speakingEpoch != before { pardonAll(Role.modelIndex) }
        seeShadows()
        seeDrift()
        return (made, cursor)
    }

    /// A model worker serves while it has prepared all that speaks; what it lacks it is sent.
    ///
    /// What it lacks of shadows it is sent after that, and it is given tasks meanwhile.
    mutating func seeWhetherItServes(_ peer: Peer) {
        guard let worker = workers[peer], worker.role == Role.modelIndex else { return }
        let lacking = releases.speakingArtifacts.subtracting(worker.prepared).sorted()
        workers[peer]?.isServing = lacking.isEmpty
        let wanted =
            lacking.isEmpty
            ? releases.shadowArtifacts.subtracting(worker.prepared).sorted() : lacking
        let isAsked = prepareOrders.values.contains {
            $0.worker == peer && $0.artifacts.contains(where: wanted.contains)
        }
        if !wanted.isEmpty, !isAsked, worker.prepareAgainAtMs <= uptimeMs {
            prepare(wanted, on: peer)
        }
    }

    mutating func endOverduePreparations() {
        let overdue = prepareOrders.filter { $0.value.deadlineMs <= uptimeMs }.keys.sorted()
        for request in overdue {
            guard let order = prepareOrders.removeValue(forKey: request) else { continue }
            failToPrepare(order, Refusal(.expired, "not prepared within the deadline"))
        }
        let hasShadows = !releases.shadows.isEmpty
        for worker in pools[Role.modelIndex].workers
        where hasShadows || workers[worker]?.isServing == false {
            seeWhetherItServes(worker)
        }
    }

    /// A worker that is lost while it prepares may have been lost because of the artifact.
    mutating func losePreparations(of peer: Peer) {
        for request in prepareOrders.filter({ $0.value.worker == peer }).keys.sorted() {
            prepareOrders[request] = nil
        }
        if releases.underWay?.waitingFor.contains(peer) == true {
            giveUpRelease(Refusal(.failed, "a model worker was lost while it prepared"))
        }
    }
}
