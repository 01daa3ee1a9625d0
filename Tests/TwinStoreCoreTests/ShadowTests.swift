import Testing
import TwinCore
import TwinStoreCore

struct ShadowTests {
    let a = artifact("a")
    let b = artifact("b")
    let c = artifact("c")

    /// A ward where a speaks and every twin is assessed by it at revision 1, with one model worker.
    private func ward(
        _ twinCount: Int = 3, settings: RoomSettings = RoomSettings(),
        shadows: [Activation] = [], shadowed: Int = 0
    ) -> Ward {
        let twins = (0..<twinCount).map {
            TwinProgress(
                twin: twin($0), revision: 1,
                features: [.vitals: FeatureProgress(revision: 1, version: "1.0")],
                assessments: ["death": AssessmentProgress(revision: 1, artifact: a)],
                shadows: $0 < shadowed
                    ? ["death": AssessmentProgress(revision: 1, artifact: b)] : [:])
        }
        let active = Activation(outcome: "death", artifact: a, epoch: 1, activatedAt: seconds(0))
        var ward = Ward(
            Recovery(
                cursor: 99, offsets: ["ward-a": 1], twins: twins,
                artifacts: [info(a), info(b), info(c, outcome: "sepsis")],
                activations: [active] + shadows), settings: settings)
        ward.take(.connected(5, ready()))
        return ward
    }

    private let release = ReleaseOrder(.shadow(artifact("b")))

    /// The ward with shadow b, which has one order on its way to worker 6.
    private func shadowedWard(_ settings: RoomSettings = RoomSettings()) -> (Ward, Ordered) {
        var ward = ward(settings: settings)
        ward.connectModel(6)
        let prepares = ward.take(.release(9, 1, release)).prepares
        let taken = ward.take(.result(6, prepares[0].request, .prepared([b])))
        #expect(taken.activated.map(\.mode) == [.shadow])
        return (ward, taken.orders[0])
    }

    private func answer(_ order: Ordered, by id: ArtifactID) -> TwinRoom.Arrival {
        guard case .assess(let twin, let revision, let epoch, _) = order.sketch else {
            preconditionFailure("no assessment")
        }
        return .result(
            order.peer, order.request,
            .assessments(twin, revision: revision, epoch: epoch, [assessment(revision, id)]))
    }

    @Test func `a shadow scores every twin, one after the other, and shows nobody anything`() {
        var (ward, order) = shadowedWard()
        ward.take(.watch(9, 7, cursor: ward.appended.last?.cursor ?? 0, twin: nil))
        var asked: [WorkOrderSketch] = []
        while true {
            asked.append(order.sketch)
            let taken = ward.take(answer(order, by: b))
            #expect(taken.changes.isEmpty)
            guard let next = taken.orders.first else { break }
            order = next
        }
        #expect(
            asked
                == (0...2).map {
                    .assess(twin($0), revision: 1, epoch: 2, artifacts: [b])
                })
        let kept = ward.appended.compactMap { record -> TwinID? in
            guard case .shadows(let id, 1, let made) = record.change else { return nil }
            #expect(made == [assessment(1, b)])
            return id
        }
        #expect(kept == [twin(0), twin(1), twin(2)])
        #expect(ward.room.twins(after: nil, limit: 9).map(\.assessedRevision) == [1, 1, 1])
        #expect(ward.room.status().assessmentCount == 0)
    }

    @Test func `a worker has a shadow's order or others, never both; what speaks goes first`() {
        var (ward, order) = shadowedWard()
        let features = ward.take(.commit(1, 1, commit(2...2, [twin(2)]))).orders[0]
        // The worker is at the shadow: what speaks waits the short while.
        #expect(
            ward.take(.result(5, features.request, .features(twin(2), featureSet(2)))).orders
                .isEmpty)
        let next = ward.take(answer(order, by: b)).orders
        #expect(next.map(\.sketch) == [.assess(twin(2), revision: 2, epoch: 1, artifacts: [a])])
        order = ward.take(answer(next[0], by: a)).orders[0]
        #expect(order.sketch == .assess(twin(2), revision: 2, epoch: 2, artifacts: [b]))
    }

    @Test func `a shadow that ends its workers costs no twin a try, and is ended`() {
        var settings = RoomSettings()
        settings.failureCountMax = 1
        settings.shadowFailureCountMax = 3
        var (ward, _) = shadowedWard(settings)
        var uptimeMs: UInt64 = 0
        for peer: TwinRoom.Peer in 6...8 {
            let lost = ward.take(.disconnected(peer))
            #expect(lost.alarms.count == (peer == 8 ? 1 : 0))
            uptimeMs += 5000
            ward.take(.tick(at: seconds(5), uptimeMs: uptimeMs))
            for case .prepare(_, let request, let artifacts, _) in ward.take(
                .connected(peer + 1, ready(.model)))
            {
                for case .prepare(_, let second, let rest, _) in ward.take(
                    .result(peer + 1, request, .prepared(artifacts)))
                { ward.take(.result(peer + 1, second, .prepared(rest))) }
            }
        }
        let status = ward.room.status()
        #expect(status.poisonedCount == 0 && status.dueCount == 0 && status.trials.isEmpty)
        let last = ward.room.releases(of: "death").last
        #expect(last?.isEnded == true && last?.cause == .failed && last?.artifact == b)
    }

    @Test func `a shadow that dawdles lets its worker rest, and a late answer ends the rest`() {
        var (ward, order) = shadowedWard()
        ward.take(.tick(at: seconds(2), uptimeMs: 2050))
        let features = ward.take(.commit(1, 1, commit(2...2, [twin(2)]))).orders[0]
        #expect(
            ward.take(.result(5, features.request, .features(twin(2), featureSet(2)))).orders
                .isEmpty)
        let cursor = ward.appended.last?.cursor
        let late = ward.take(answer(order, by: b))
        #expect(late.sketches == [.assess(twin(2), revision: 2, epoch: 1, artifacts: [a])])
        #expect(ward.appended.last?.cursor == cursor)
        // The shadow rests a second, then goes on with the twin that it owes.
        #expect(ward.take(answer(late.orders[0], by: a)).orders.isEmpty)
        let again = ward.take(.tick(at: seconds(4), uptimeMs: 4000)).sketches
        #expect(again == [.assess(twin(0), revision: 1, epoch: 2, artifacts: [b])])
    }

    @Test func `what a shadow can't score it is asked for again only with new features`() {
        var (ward, order) = shadowedWard()
        ward.take(.result(6, order.request, .failed(Refusal(.malformed, "no"))))
        var sketches: [WorkOrderSketch] = []
        for second: Int64 in 2...9 {
            let taken = ward.take(.tick(at: seconds(second), uptimeMs: UInt64(second) * 1000))
            guard let next = taken.orders.first else { continue }
            order = next
            sketches.append(next.sketch)
            sketches += ward.take(answer(next, by: b)).orders.map(\.sketch)
        }
        #expect(
            sketches == [
                .assess(twin(1), revision: 1, epoch: 2, artifacts: [b]),
                .assess(twin(2), revision: 1, epoch: 2, artifacts: [b]),
            ])
    }

    @Test func `answers that were not asked for are not kept`() {
        let wrong: [[Assessment]] = [
            [], [assessment(1, a)], [assessment(2, b)], [assessment(1, b, outcome: "sepsis")],
            [assessment(1, b), assessment(1, b)],
        ]
        for made in wrong {
            var (ward, order) = shadowedWard()
            let cursor = ward.appended.last?.cursor
            ward.take(
                .result(
                    6, order.request, .assessments(twin(0), revision: 1, epoch: 2, made)))
            #expect(ward.appended.last?.cursor == cursor)
        }
    }

    @Test func `an ended shadow keeps nothing more, and one that begins to speak is none`() {
        var (ward, order) = shadowedWard()
        ward.take(.release(9, 2, ReleaseOrder(.endShadow(outcome: "death"), after: 2)))
        let cursor = ward.appended.last?.cursor
        #expect(ward.take(answer(order, by: b)).orders.isEmpty)
        #expect(ward.appended.last?.cursor == cursor)
        var (other, pending) = shadowedWard()
        let prepares = other.take(.release(9, 2, ReleaseOrder(.promote(b)))).prepares
        other.take(.result(6, prepares[0].request, .prepared([b])))
        #expect(other.room.status().trials.isEmpty)
        #expect(other.room.activations.map(\.artifact) == [b])
        let next = other.take(answer(pending, by: b)).orders
        #expect(
            next.map(\.sketch).allSatisfy {
                if case .assess(_, _, 3, [b]) = $0 { true } else { false }
            })
        #expect(!next.isEmpty)
        #expect(other.room.status().dueCount == 3)
    }

    @Test func `after a restart a shadow goes on where it was`() {
        let shadow = Activation(
            outcome: "death", artifact: b, epoch: 2, activatedAt: seconds(0), mode: .shadow)
        var ward = ward(shadows: [shadow], shadowed: 2)
        #expect(ward.room.status().dueCount == 0)
        let speaking = ward.take(.connected(6, ready(.model))).prepares
        #expect(speaking.map(\.artifacts) == [[a]])
        let rest = ward.take(.result(6, speaking[0].request, .prepared([a]))).prepares
        #expect(rest.map(\.artifacts) == [[b]])
        let orders = ward.take(.result(6, rest[0].request, .prepared([b]))).orders
        #expect(orders.map(\.sketch) == [.assess(twin(2), revision: 1, epoch: 2, artifacts: [b])])
        #expect(ward.take(answer(orders[0], by: b)).orders.isEmpty)
    }

    @Test func `a shadow needs nothing that speaks, and does not keep a worker from serving`() {
        var ward = Ward()
        ward.take(.push(9, 1, info(c, outcome: "sepsis")))
        ward.take(.release(9, 2, ReleaseOrder(.shadow(c))))
        #expect(ward.room.status().trials.map(\.outcome) == ["sepsis"])
        ward.take(.push(9, 3, info(a)), .activate(9, 4, a), .connected(5, ready()))
        let speaking = ward.take(.connected(6, ready(.model))).prepares
        let rest = ward.take(.result(6, speaking[0].request, .prepared([a]))).prepares
        let failed = ward.take(.result(6, rest[0].request, .failed(Refusal(.malformed, "no"))))
        #expect(failed.alarms.count == 1)
        let features = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        let orders = ward.take(.result(5, features.request, .features(twin(1), featureSet(1))))
        #expect(orders.sketches == [.assess(twin(1), revision: 1, epoch: 2, artifacts: [a])])
    }
}
