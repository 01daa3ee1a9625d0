import TwinCore

// Which artifacts serve, and how: what is asked for, and what is refused.
extension TwinRoom {
    /// Of a peer's name, so that what is kept of it can be read again.
    private static let nameScalarCountMax = 64

    /// Who asks, for the history.
    func name(of peer: Peer) -> String {
        var name = String.UnicodeScalarView()
        name.append(
            contentsOf: (peers[peer]?.name ?? "").unicodeScalars
                .prefix(TwinRoom.nameScalarCountMax))
        return String(name)
    }

    mutating func push(_ info: ArtifactInfo, from peer: Peer, _ request: Request) {
        if let failure = ledger.failure {
            out.append(.refuse(peer, request, Refusal(.storageFailed, failure)))
            return
        }
        let known = releases.artifacts[info.id]
        if let known, known.signature != nil || info.signature == nil {
            answer(.stored(peer, request, known), to: peer, request, after: ledger.cursor)
        } else if known == nil, releases.artifacts.count >= settings.artifactCountMax {
            let refusal = Refusal(.overloaded, "\(settings.artifactCountMax) artifacts are kept")
            out.append(.refuse(peer, request, refusal))
        } else {
            var info = info
            info.pushedBy = known?.pushedBy ?? name(of: peer)
            info.bar = known?.bar
            releases.add(info)
            let cursor = ledger.append(.artifact(info), at: now)
            answer(.stored(peer, request, info), to: peer, request, after: cursor)
        }
    }

    mutating func activate(_ artifact: ArtifactID, for peer: Peer, _ request: Request) {
        release(ReleaseOrder(.activate(artifact)), for: peer, request)
    }

    /// With an epoch, asking again does no more than asking once: the link may do so.
    mutating func rollBack(
        _ outcome: String, undoing epoch: UInt64?, for peer: Peer, _ request: Request
    ) {
        do throws(Refusal) {
            if let epoch, let active = releases.active(for: outcome), active.epoch != epoch {
                guard releases.undoneEpoch(of: outcome) == epoch else {
                    throw Refusal(
                        .conflict,
                        "epoch \(active.epoch) speaks for \(outcome), not \(epoch): see "
                            + "`twinctl model list`")
                }
                answer(.activated(peer, request, active), to: peer, request, after: ledger.cursor)
                return
            }
            guard releases.canaries[outcome] == nil else {
                throw Refusal(
                    .conflict,
                    "a canary speaks for a part of \(outcome): `twinctl model canary --off "
                        + "\(outcome)` ends it, and then what was before can be gone back to")
            }
            guard let info = releases.previous(of: outcome) else {
                throw Refusal(
                    .notFound,
                    "no artifact spoke for this outcome before, or none of them may again")
            }
            var draft = draft(info, .speaking, for: peer)
            draft.cause = .rolledBack
            begin(draft, for: [Releases.Asker(peer: peer, request: request)])
        } catch {
            out.append(.refuse(peer, request, error))
        }
    }

    /// With the epoch that it follows, asking again does no more than asking once.
    mutating func release(_ order: ReleaseOrder, for peer: Peer, _ request: Request) {
        do throws(Refusal) {
            let draft = try draft(order.step, for: peer)
            if let known = try made(draft, after: order.after) {
                answer(.activated(peer, request, known), to: peer, request, after: ledger.cursor)
            } else {
                try check(draft)
                begin(draft, for: [Releases.Asker(peer: peer, request: request)])
            }
        } catch {
            out.append(.refuse(peer, request, error))
        }
    }

    private func draft(
        _ info: ArtifactInfo, _ mode: ReleaseMode, for peer: Peer
    ) -> Activation {
        Activation(
            outcome: info.outcome, artifact: info.id, epoch: 0, activatedAt: now, mode: mode,
            cause: .ordered, by: name(of: peer))
    }

    /// What the step would be on record, but for epoch and time.
    private func draft(
        _ step: ReleaseOrder.Step, for peer: Peer
    ) throws(Refusal) -> Activation {
        func info(_ artifact: ArtifactID) throws(Refusal) -> ArtifactInfo {
            if let info = releases.artifacts[artifact] { return info }
            throw Refusal(.notFound, "there is no artifact \(artifact): push it first")
        }
        func end(_ outcome: String, _ mode: ReleaseMode) throws(Refusal) -> Activation {
            let served = releases.history(of: outcome).last { $0.mode == mode }
            guard var draft = served else {
                throw Refusal(.notFound, "there is nothing to end for \(outcome)")
            }
            (draft.isEnded, draft.cause, draft.by) = (true, .ordered, name(of: peer))
            draft.reason = ""
            return draft
        }
        switch step {
        case .activate(let id): return draft(try info(id), .speaking, for: peer)
        case .shadow(let id): return draft(try info(id), .shadow, for: peer)
        case .endShadow(let outcome): return try end(outcome, .shadow)
        case .endCanary(let outcome): return try end(outcome, .canary)
        case .canary(let id, let share):
            guard share > 0, share <= 1 else {
                throw Refusal(.malformed, "a canary's share is above 0 and at most 1")
            }
            var draft = draft(try info(id), .canary, for: peer)
            draft.share = share
            return draft
        case .promote(let id):
            var draft = draft(try info(id), .speaking, for: peer)
            draft.cause = .promoted
            return draft
        }
    }

    /// The release that the order has made already; nil where it has to be made.
    private func made(_ draft: Activation, after: UInt64?) throws(Refusal) -> Activation? {
        let history = releases.history(of: draft.outcome)
        let newest = history.last?.epoch ?? 0
        if let after, after != newest {
            let next = history.first { $0.epoch > after }
            guard let next, next.saysTheSame(as: draft) else {
                throw Refusal(
                    .conflict,
                    "\(draft.outcome) has gone on to epoch \(newest) since epoch \(after): see "
                        + "`twinctl model history --outcome \(draft.outcome)` and ask again")
            }
            return next
        }
        guard !draft.isEnded else { return nil }
        let serving = releases.serving(draft.outcome, as: draft.mode)
        // With a canary beside it, what speaks does not speak for all.
        if draft.mode == .speaking, releases.canaries[draft.outcome] != nil { return nil }
        return serving?.saysTheSame(as: draft) == true ? serving : nil
    }

    /// Throws where the step makes no sense as things are.
    private func check(_ draft: Activation) throws(Refusal) {
        let outcome = draft.outcome
        let own = releases.serving(outcome, as: draft.mode)
        if draft.isEnded {
            guard own == nil else { return }
            throw Refusal(.notFound, "there is nothing to end for \(outcome)")
        }
        if let info = releases.artifacts[draft.artifact], info.isBarred {
            throw GuardDesk.refusal(of: info)
        }
        if draft.cause == .promoted {
            let trials = [releases.canaries[outcome], releases.shadows[outcome]]
            guard trials.contains(where: { $0?.artifact == draft.artifact }) else {
                throw Refusal(
                    .conflict, "\(draft.artifact) is neither a canary nor a shadow: activate it")
            }
        }
        guard draft.mode != .speaking else { return }
        if releases.active(for: outcome)?.artifact == draft.artifact {
            throw Refusal(.conflict, "\(draft.artifact) speaks for \(outcome) already")
        }
        if draft.mode == .canary, releases.active(for: outcome) == nil {
            throw Refusal(
                .conflict, "nothing speaks for the other twins of \(outcome): activate it")
        }
        if draft.mode == .shadow, releases.canaries[outcome]?.artifact == draft.artifact {
            throw Refusal(.conflict, "\(draft.artifact) is the canary of \(outcome)")
        }
        if let own, own.artifact != draft.artifact {
            throw Refusal(
                .conflict, "\(own.artifact) is the \(draft.mode) of \(outcome): end it first")
        }
    }
}

extension Activation {
    /// Whether both let the same serve in the same way, whoever asked for it and when.
    func saysTheSame(as other: Activation) -> Bool {
        outcome == other.outcome && artifact == other.artifact && mode == other.mode
            && share == other.share && isEnded == other.isEnded
    }
}
