import Testing
import TwinCore
import TwinStoreCore

struct GuardTests {
    let a = artifact("a")
    let b = artifact("b")
    let c = artifact("c")

    /// One feature worker and two model workers; the artifacts spoke in this order.
    private func ward(_ spoke: [ArtifactID], settings: RoomSettings = RoomSettings()) -> Ward {
        var ward = Ward(settings: settings)
        for id in [a, b, c] { ward.take(.push(9, 1, info(id))) }
        for id in spoke { ward.take(.activate(9, 2, id)) }
        ward.take(.connected(5, ready()))
        for peer: TwinRoom.Peer in [6, 7] { ward.connectModel(peer, credits: 16) }
        return ward
    }

    /// New data of the twin are assessed; the model's answer is not valid where `isValid` is false.
    @discardableResult
    private func assess(
        _ number: Int, _ revision: Revision, isValid: Bool = false, in ward: inout Ward
    ) -> [TwinRoom.Departure] {
        let commits = ward.appended.count {
            if case .observations = $0.change { true } else { false }
        }
        let offset = UInt64(commits + 1)
        let features = ward.take(.commit(1, offset, commit(offset...offset, [twin(number)])))
        let model = ward.take(
            .result(
                5, features.orders[0].request, .features(twin(number), featureSet(revision))))
        return answer(model.orders, isValid: isValid, in: &ward)
    }

    private func answer(
        _ orders: [Ordered], isValid: Bool, in ward: inout Ward
    ) -> [TwinRoom.Departure] {
        var departures: [TwinRoom.Departure] = []
        for order in orders {
            guard case .assess(let twin, let revision, let epoch, let ids) = order.sketch else {
                continue
            }
            let made = ids.map { id in
                var made = assessment(revision, id)
                if !isValid { made.verdict = .notAvailable(reason: "no number") }
                return made
            }
            departures += ward.take(
                .result(
                    order.peer, order.request,
                    .assessments(twin, revision: revision, epoch: epoch, made)))
        }
        return departures
    }

    /// Every worker proves what it is asked to.
    @discardableResult
    private func prove(
        _ departures: [TwinRoom.Departure], in ward: inout Ward
    ) -> [TwinRoom.Departure] {
        departures.prepares.flatMap {
            ward.take(.result($0.peer, $0.request, .prepared($0.artifacts)))
        }
    }

    private func barred(_ ward: Ward) -> [ArtifactID] {
        ward.room.artifacts.filter(\.isBarred).map(\.id).sorted()
    }

    @Test func `after three answers that are not valid the store goes back, once, and says why`() {
        var ward = ward([a, b])
        #expect(assess(1, 1, in: &ward).alarms.count == 1)
        #expect(assess(1, 2, isValid: true, in: &ward).alarms.isEmpty)
        #expect(assess(2, 1, in: &ward).alarms.isEmpty)
        #expect(ward.room.activations.map(\.artifact) == [b])
        let third = assess(3, 1, in: &ward)
        #expect(third.alarms.count == 1 && third.prepares.map(\.peer) == [6, 7])
        #expect(barred(ward) == [b])
        prove(third, in: &ward)
        #expect(ward.room.activations.map(\.artifact) == [a])
        let last = ward.room.releases(of: "death").last
        #expect(last?.cause == .guarded && last?.by == "" && last?.epoch == 3)
        #expect(last?.reason.contains(b.hex.prefix(12)) == true)
        // What is barred stays so, and nobody is asked again.
        #expect(ward.take(.tick(at: seconds(99), uptimeMs: 99_000)).prepares.isEmpty)
        for order in [ReleaseOrder(.activate(b)), .init(.canary(b, share: 0.5)), .init(.shadow(b))]
        {
            #expect(ward.take(.release(9, 4, order)).refusals == [.conflict])
        }
        #expect(ward.take(.rollback(9, 5, outcome: "death")).refusals == [.notFound])
    }

    @Test func `what is gone back to counts anew, and what is barred is never gone back to`() {
        var ward = ward([c, a, b])
        for number in 1...2 { assess(number, 1, in: &ward) }
        prove(assess(3, 1, in: &ward), in: &ward)
        #expect(ward.room.activations.map(\.artifact) == [a])
        for number in 4...5 { assess(number, 1, in: &ward) }
        #expect(ward.room.activations.map(\.artifact) == [a] && barred(ward) == [b])
        prove(assess(6, 1, in: &ward), in: &ward)
        #expect(ward.room.activations.map(\.artifact) == [c] && barred(ward) == [a, b].sorted())
        #expect(ward.room.releases(of: "death").map(\.artifact) == [c, a, b, a, c])
    }

    @Test func `with nothing to go back to it goes on, and one alarm says so`() {
        var ward = ward([a])
        for number in 1...2 { assess(number, 1, in: &ward) }
        #expect(assess(3, 1, in: &ward).alarms.count == 2)
        #expect(assess(4, 1, in: &ward).alarms.isEmpty)
        #expect(ward.take(.tick(at: seconds(99), uptimeMs: 99_000)).alarms.isEmpty)
        #expect(ward.room.activations.map(\.artifact) == [a])
        // A new one may come, and is not gone back from.
        prove(ward.take(.activate(9, 4, b)), in: &ward)
        #expect(ward.room.activations.map(\.artifact) == [b])
        #expect(ward.take(.rollback(9, 5, outcome: "death")).refusals == [.notFound])
    }

    @Test func `a canary that is barred ends, and what speaks beside it stays`() {
        var ward = ward([c, a])
        prove(ward.take(.release(9, 4, ReleaseOrder(.canary(b, share: 1)))), in: &ward)
        for number in 1...3 { assess(number, 1, in: &ward) }
        let releases = ward.room.releases(of: "death").suffix(2)
        #expect(releases.map(\.isEnded) == [false, true])
        #expect(releases.last?.cause == .guarded && barred(ward) == [b])
        #expect(ward.room.activations.map(\.artifact) == [a])
    }

    @Test func `a shadow that is barred ends, and what speaks stays`() {
        var ward = ward([c, a])
        for number in 1...4 { assess(number, 1, isValid: true, in: &ward) }
        var departures = prove(
            ward.take(.release(9, 4, ReleaseOrder(.shadow(b)))), in: &ward)
        for _ in 0..<3 { departures = answer(departures.orders, isValid: false, in: &ward) }
        #expect(ward.room.releases(of: "death").last?.cause == .guarded && barred(ward) == [b])
        #expect(ward.room.activations.map(\.artifact) == [a])
    }

    @Test func `a pardon lets it serve again, with a count of its own`() {
        var ward = ward([a, b])
        for number in 1...2 { assess(number, 1, in: &ward) }
        prove(assess(3, 1, in: &ward), in: &ward)
        #expect(ward.take(.pardonArtifact(9, 4, artifact("d"))).refusals == [.notFound])
        for request: TwinRoom.Request in 5...6 {
            let pardoned = ward.take(.pardonArtifact(9, request, b))
            guard case .stored(9, request, let info) = pardoned.first else {
                Issue.record("\(pardoned)")
                return
            }
            #expect(!info.isBarred && info.bar?.pardonedAt != nil)
        }
        prove(ward.take(.activate(9, 7, b)), in: &ward)
        for number in 4...5 { assess(number, 1, in: &ward) }
        #expect(ward.room.activations.map(\.artifact) == [b] && barred(ward).isEmpty)
        prove(assess(6, 1, in: &ward), in: &ward)
        #expect(ward.room.activations.map(\.artifact) == [a] && barred(ward) == [b])
    }

    @Test func `a worker that can't prove where to go back to is asked again after a while`() {
        var ward = ward([a, b])
        for number in 1...2 { assess(number, 1, in: &ward) }
        let prepares = assess(3, 1, in: &ward).prepares
        let failed = ward.take(
            .result(6, prepares[0].request, .failed(Refusal(.tooLarge, "no memory"))))
        #expect(failed.alarms.count == 1)
        #expect(ward.take(.tick(at: seconds(9), uptimeMs: 9_000)).prepares.isEmpty)
        prove(ward.take(.tick(at: seconds(11), uptimeMs: 11_000)), in: &ward)
        #expect(ward.room.activations.map(\.artifact) == [a])
    }

    @Test func `a restart goes on where it was on its way back`() {
        var barredInfo = info(b)
        barredInfo.bar = ArtifactBar(at: seconds(1), reason: "3 answers were not valid")
        let activations = [(a, 1), (b, 2)].map {
            Activation(outcome: "death", artifact: $0.0, epoch: $0.1, activatedAt: seconds(0))
        }
        var ward = Ward(
            Recovery(cursor: 9, artifacts: [info(a), barredInfo], activations: activations))
        ward.take(.tick(at: seconds(2), uptimeMs: 100))
        #expect(ward.room.activations.map(\.artifact) == [a])
        #expect(ward.room.releases(of: "death").last?.reason == barredInfo.bar?.reason)
    }

    @Test func `what is barred on its way to speak does not arrive`() {
        var ward = ward([a])
        prove(ward.take(.release(9, 4, ReleaseOrder(.canary(b, share: 1)))), in: &ward)
        for number in 1...2 { assess(number, 1, in: &ward) }
        let promotion = ward.take(.release(9, 5, ReleaseOrder(.promote(b)))).prepares
        #expect(promotion.count == 2)
        #expect(assess(3, 1, in: &ward).refusals == [.conflict])
        for order in promotion {
            ward.take(.result(order.peer, order.request, .prepared(order.artifacts)))
        }
        #expect(ward.room.activations.map(\.artifact) == [a])
    }
}
