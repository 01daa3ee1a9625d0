import TwinCore

// An artifact whose answers the output guard holds back again and again is barred, and the store
// goes back to the one before it.
//
// What is barred is on record, and everything else follows from that: whatever interrupts the store
// on its way back, it goes on where it was. What is barred is never gone back to, so that two bad
// artifacts do not take turns.
extension TwinRoom {
    /// Takes note of the answers that a worker's output guard held back.
    mutating func noteGuarded(_ made: [Assessment]) {
        #if DEBUG
        if planted == .blindToGuard { return }
        #endif
        for assessment in made {
            guard case .notAvailable = assessment.verdict,
                let info = releases.artifacts[assessment.artifact], !info.isBarred
            else { continue }
            let count = guardDesk.trip(info.id)
            if count >= settings.guardTripCountMax {
                bar(info, count)
            } else if count == 1 {
                out.append(
                    .alarm(
                        "an answer of \(info.id.hex.prefix(12)) for \(info.outcome) was not valid: "
                            + "it is not available; \(settings.guardTripCountMax) of them bar it"))
            }
        }
    }

    private mutating func bar(_ info: ArtifactInfo, _ count: Int) {
        var info = info
        let reason = "\(count) answers of \(info.id.hex.prefix(12)) were not valid"
        info.bar = ArtifactBar(at: now, reason: reason)
        releases.add(info)
        _ = ledger.append(.artifact(info), at: now)
        out.append(
            .alarm(
                "\(reason): it is barred from serving \(info.outcome) until `twinctl model pardon "
                    + "\(info.id.hex.prefix(12))`"))
        if let draft = releases.underWay?.draft, draft.artifact == info.id, !draft.isEnded {
            giveUpRelease(GuardDesk.refusal(of: info))
        }
        for trial in releases.trials where trial.artifact == info.id {
            var end = trial
            (end.isEnded, end.cause, end.by, end.reason) = (true, .guarded, "", reason)
            record(end)
        }
        goBackFromBarred()
    }

    /// Begins to go back from what speaks and is barred, as far as that can be begun now.
    mutating func goBackFromBarred() {
        guard ledger.failure == nil, releases.underWay == nil else { return }
        for active in releases.active {
            guard let info = releases.artifacts[active.artifact], info.isBarred,
                !guardDesk.isResting(active.outcome, at: uptimeMs)
            else { continue }
            if let previous = releases.previous(of: active.outcome) {
                let draft = Activation(
                    outcome: active.outcome, artifact: previous.id, epoch: 0, activatedAt: now,
                    cause: .guarded, reason: info.bar?.reason ?? "")
                return begin(draft, for: [])
            }
            if guardDesk.strand(info.id) {
                out.append(
                    .alarm(
                        "there is nothing to go back to for \(active.outcome): what "
                            + "\(info.id.hex.prefix(12)) does not answer stays not available; "
                            + "activate another artifact"))
            }
        }
    }

    /// Where to go back to was not proved: it is tried again after a while.
    mutating func restBeforeGoingBack(_ draft: Activation, _ refusal: Refusal) {
        guardDesk.rest(draft.outcome, until: uptimeMs &+ UInt64(settings.taskDeadlineMs))
        out.append(
            .alarm(
                "\(draft.outcome) can't go back to \(draft.artifact.hex.prefix(12)) yet: \(refusal)"
            ))
    }

    /// Lets an artifact serve again, and counts its answers anew.
    mutating func pardon(_ artifact: ArtifactID, for peer: Peer, _ request: Request) {
        guard var info = releases.artifacts[artifact] else {
            out.append(
                .refuse(peer, request, Refusal(.notFound, "there is no artifact \(artifact)")))
            return
        }
        guard info.isBarred else {
            answer(.stored(peer, request, info), to: peer, request, after: ledger.cursor)
            return
        }
        info.bar?.pardonedAt = now
        info.bar?.pardonedBy = name(of: peer)
        releases.add(info)
        guardDesk.forget(artifact)
        let cursor = ledger.append(.artifact(info), at: now)
        answer(.stored(peer, request, info), to: peer, request, after: cursor)
    }
}
