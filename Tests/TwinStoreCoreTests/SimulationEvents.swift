import TwinCore
import TwinStoreCore
import TwinTestKit

// What happens in a simulation, and what must hold at its end.
extension Simulation {
    /// An ingest sends some of its outbox, from what it knows to be committed, or earlier.
    mutating func send(_ number: Int) {
        let sender = senders[number]
        let first = Int(sender.acknowledged) - (chance.happens(30) ? chance.below(3) : 0)
        let records = sender.records.dropFirst(max(0, first)).prefix(1 + chance.below(4))
        let commit = Commit(ingest: sender.name, records: Array(records))
        feed([.commit(TwinRoom.Peer(1000 + number), 1, commit)])
    }

    mutating func connect() {
        guard hands.count < 6 else { return }
        let role: Role = chance.happens(50) ? .feature(.vitals) : .model
        connect(role, version: chance.happens(30) ? "1.10" : "1.9")
    }

    mutating func connect(_ role: Role, version: String) {
        let peer = nextPeer
        nextPeer += 1
        hands[peer] = Hand(role: role, version: version)
        feed([.connected(peer, Ready(role: role, version: version, credits: 3))])
    }

    mutating func kill() {
        guard let peer = hands.keys.sorted().randomElement(using: &chance) else { return }
        hands[peer] = nil
        feed([.disconnected(peer)])
    }

    mutating func tick(_ durationMs: UInt64) {
        uptimeMs += durationMs
        feed([.tick(at: seconds(Int64(uptimeMs / 1000)), uptimeMs: uptimeMs)])
    }

    /// The store dies, and starts again with what its disk has kept.
    mutating func restart() {
        _ = disk.take()
        engine = engine.crash(keeping: chance.below(3))
        guard let recovery = try? engine.recover() else { return }
        room = TwinRoom(recovery, settings: settings)
        #if DEBUG
        room.planted = bug
        #endif
        (slices, features, hands, uptimeMs) = ([:], [:], [:], 0)
        oracle = ReleaseOracle(recovery.activations)
        for progress in recovery.twins {
            let stored = try? engine.observations(
                of: progress.twin, after: 0, through: .max, limit: .max)
            for revision in 1...progress.revision {
                let count = stored?.count { $0.commitRevision == revision } ?? 0
                slices[progress.twin, default: []].append((revision, count))
            }
        }
    }

    /// Somebody lets an artifact serve in one way or another, ends that, or goes back.
    mutating func release() {
        let outcome = chance.happens(50) ? "death" : "sepsis"
        let id = artifact(["a", "b", "c", "d"][chance.below(4)])
        let step: ReleaseOrder.Step
        switch chance.below(10) {
        case 0, 1: return feed([.rollback(91, 1, outcome: outcome)])
        case 2, 3, 4: step = .activate(id)
        case 5, 6: step = .canary(id, share: Double(1 + chance.below(10)) / 10)
        case 7: step = .shadow(id)
        case 8: step = chance.happens(50) ? .endCanary(outcome: outcome) : .promote(id)
        default: step = chance.happens(30) ? .endShadow(outcome: outcome) : .shadow(id)
        }
        feed([.release(91, 1, ReleaseOrder(step))])
    }

    /// A worker does something with one of its orders, not always the oldest; or loses it.
    mutating func work(_ peer: TwinRoom.Peer, isWell: Bool = false) {
        guard var hand = hands[peer] else { return }
        if let prepare = hand.prepares.popLast() {
            hands[peer] = hand
            let fails = !isWell && chance.happens(20)
            feed([
                .result(
                    peer, prepare.request,
                    fails ? .failed(Refusal(.failed, "no")) : .prepared(prepare.artifacts))
            ])
            return
        }
        guard !hand.orders.isEmpty else { return }
        let order = hand.orders.remove(at: chance.below(hand.orders.count))
        if isPoisonous, case .features(let id, _, _, _) = order.sketch,
            id == twin(3) || id == twin(7)
        {
            hands[peer] = nil
            return feed([.disconnected(peer)])
        }
        if !isWell, chance.happens(5) {
            hands[peer] = hand
            return
        }
        let result = answer(order.sketch, &hand, isWell)
        hands[peer] = hand
        feed([.result(peer, order.request, result)])
        if chance.happens(10) { feed([.result(peer, order.request, result)]) }
    }

    private mutating func answer(
        _ sketch: WorkOrderSketch, _ hand: inout Hand, _ isWell: Bool
    )
        -> WorkResult
    {
        if !isWell, chance.happens(5) { return .failed(Refusal(.failed, "no")) }
        switch sketch {
        case .assess(let id, let revision, let epoch, let artifacts):
            let made = artifacts.map {
                assessment(
                    revision, $0, outcome: "ab".contains($0.hex.prefix(1)) ? "death" : "sepsis")
            }
            return .assessments(id, revision: revision, epoch: epoch, made)
        case .features(let id, let modality, let from, let to):
            let held = hand.cache[id]
            if from > 0, held?.revision != from || chance.happens(10) {
                return .failed(Refusal(.needSlice, "gone"))
            }
            let added = slices[id, default: []].filter { $0.revision > from && $0.revision <= to }
            if UInt64(added.count) != to - from { violations.append("a slice is not whole") }
            let count = (from > 0 ? held?.count ?? 0 : 0) + added.reduce(0) { $0 + $1.count }
            hand.cache[id] = (to, count)
            var set = featureSet(to, version: hand.version, modality: modality)
            set.features = [Feature(name: "count", value: Double(count), unit: "")]
            return .features(id, set)
        }
    }

    /// Everything goes well again for a while.
    mutating func heal() {
        engine.release()
        feed([])
        connect(.feature(.vitals), version: "1.10")
        connect(.model, version: "1.9")
        for round in 0..<200 {
            for number in senders.indices { send(number) }
            if hands.values.allSatisfy({ $0.role == .model }) {
                connect(.feature(.vitals), version: "1.10")
            }
            for peer in hands.keys.sorted() { work(peer, isWell: true) }
            // With killers about, no task is to fail for another reason.
            if round % 10 == 9 { tick(isPoisonous ? 100 : 11_000) }
        }
        while hands.values.contains(where: { !$0.orders.isEmpty }) {
            for peer in hands.keys.sorted() { work(peer, isWell: true) }
        }
    }

    mutating func check() {
        let poisoned: Set<TwinID> = isPoisonous ? [twin(3), twin(7)] : []
        for sender in senders where sender.acknowledged != UInt64(sender.records.count) {
            violations.append("\(sender.name) is not committed")
        }
        let sent = senders.flatMap { $0.records.flatMap(\.batch.observations) }
        for id in Set(sent.map(\.twin)).sorted() {
            check(id, sent.filter { $0.twin == id }, isPoisoned: poisoned.contains(id))
        }
        let expected = poisoned.intersection(sent.map(\.twin)).count
        if room.status().dueCount != expected { violations.append("twins are left due") }
        if room.status().poisonedCount != expected { violations.append("poisoned wrongly") }
    }

    /// Those that serve have scored the twin as it is; nothing of any is shown.
    private mutating func checkShadows(_ id: TwinID, _ state: TwinState) {
        // With killers about there is no time for shadows.
        guard !isPoisonous, let kept = try? engine.shadows(of: id, after: 0, limit: .max) else {
            return
        }
        for outcome in oracle.shadowedOutcomes {
            let newest = kept.last { $0.assessment.outcome == outcome }?.assessment
            if newest?.revision != state.revision
                || newest?.artifact != oracle.shadow(of: outcome)
            {
                violations.append("the shadow of \(outcome) is behind with \(id)")
            }
        }
    }

    private mutating func check(_ id: TwinID, _ sent: [Observation], isPoisoned: Bool) {
        guard let state = try? engine.twin(id, asOf: nil),
            let stored = try? engine.observations(of: id, after: 0, through: .max, limit: .max)
        else {
            violations.append("\(id) is lost")
            return
        }
        if stored.compactMap(\.observation.number).sorted() != sent.compactMap(\.number).sorted() {
            violations.append("observations of \(id) are not kept once each")
        }
        if Set(stored.map(\.commitRevision)) != Set(1...state.revision) {
            violations.append("revisions of \(id) have a gap")
        }
        if isPoisoned { return }
        if state.features.map(\.revision) != [state.revision]
            || state.features.map(\.version) != ["1.10"]
        {
            violations.append("features of \(id) are behind")
        }
        let speaking = oracle.speakers(for: id)
        if state.assessments.map(\.assessment.artifact) != speaking
            || state.assessments.contains(where: { $0.assessment.revision != state.revision })
        {
            violations.append("assessments of \(id) are behind")
        }
        checkShadows(id, state)
    }
}
