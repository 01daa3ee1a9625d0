import Testing
import TwinCore
import TwinStoreCore

struct ReleaseTests {
    let a = artifact("a")
    let b = artifact("b")
    let c = artifact("c")

    /// A ward with artifact a active, one feature and one model worker, and twin 1 assessed at 1.
    private func assessedWard() -> Ward {
        var ward = Ward.withActive(a)
        ward.take(.connected(5, ready()))
        ward.connectModel(6)
        let features = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        let model = ward.take(.result(5, features.request, .features(twin(1), featureSet(1))))
        #expect(model.sketches == [.assess(twin(1), revision: 1, epoch: 1, artifacts: [a])])
        ward.take(
            .result(
                6, model.orders[0].request,
                .assessments(twin(1), revision: 1, epoch: 1, [assessment(1, a)])))
        #expect(ward.room.status().dueCount == 0)
        return ward
    }

    @Test func `features go to the model before the disk has answered`() {
        var ward = Ward.withActive(a)
        ward.take(.connected(5, ready()))
        ward.connectModel(6)
        ward.isHolding = true
        let features = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        let model = ward.take(.result(5, features.request, .features(twin(1), featureSet(1))))
        #expect(model.sketches == [.assess(twin(1), revision: 1, epoch: 1, artifacts: [a])])
    }

    @Test func `an activation waits for every model worker's proof, and for the disk`() {
        var ward = assessedWard()
        ward.connectModel(7)
        ward.take(.push(9, 1, info(b)))
        let prepares = ward.take(.activate(9, 2, b)).prepares
        #expect(prepares.map(\.peer) == [6, 7])
        #expect(ward.take(.result(6, prepares[0].request, .prepared([b]))).isEmpty)
        #expect(ward.room.activations.map(\.artifact) == [a])
        ward.isHolding = true
        let proved = ward.take(.result(7, prepares[1].request, .prepared([b])))
        #expect(proved.activated.isEmpty)
        #expect(proved.sketches == [.assess(twin(1), revision: 1, epoch: 2, artifacts: [b])])
        let cursor = ward.appended.last?.cursor ?? 0
        #expect(ward.take(.durable(cursor)).activated.map(\.epoch) == [2])
    }

    @Test func `an artifact that one worker can't prove stays silent, and the old one goes on`() {
        var ward = assessedWard()
        ward.connectModel(7)
        ward.take(.push(9, 1, info(b)))
        let prepares = ward.take(.activate(9, 2, b)).prepares
        ward.take(.result(6, prepares[0].request, .prepared([b])))
        let refused = ward.take(
            .result(7, prepares[1].request, .failed(Refusal(.malformed, "golden row 3"))))
        #expect(refused == [.refuse(9, 2, Refusal(.malformed, "golden row 3"))])
        #expect(ward.room.activations.map(\.artifact) == [a])
        #expect(ward.room.status().dueCount == 0)
        // The next activation begins anew.
        #expect(ward.take(.activate(9, 3, b)).prepares.count == 2)
    }

    @Test func `a worker lost while it proves gives the activation up`() {
        var ward = assessedWard()
        ward.take(.push(9, 1, info(b)), .activate(9, 2, b))
        #expect(ward.take(.disconnected(6)).refusals == [.failed])
    }

    @Test func `a proof that does not come in time gives the activation up`() {
        var ward = assessedWard()
        ward.take(.push(9, 1, info(b)), .activate(9, 2, b))
        #expect(ward.take(.tick(at: seconds(1), uptimeMs: 59_999)).refusals.isEmpty)
        #expect(ward.take(.tick(at: seconds(1), uptimeMs: 60_050)).refusals == [.expired])
    }

    @Test func `one activation at a time`() {
        var ward = assessedWard()
        ward.take(.push(9, 1, info(b)), .push(9, 2, info(c)), .activate(9, 3, b))
        #expect(ward.take(.activate(9, 4, c)).refusals == [.overloaded])
    }

    @Test func `what is active already is activated again without effect`() {
        var ward = assessedWard()
        let count = ward.appended.count
        #expect(ward.take(.activate(9, 1, a)).activated.map(\.epoch) == [1])
        #expect(ward.take(.push(9, 2, info(a))) == [.stored(9, 2, info(a))])
        #expect(ward.appended.count == count)
        #expect(ward.take(.activate(9, 3, c)).refusals == [.notFound])
    }

    @Test func `a result of the old epoch is discarded, and the twin assessed anew`() {
        var ward = assessedWard()
        let features = ward.take(.commit(1, 2, commit(2...2, [twin(1)]))).orders[0]
        let old = ward.take(.result(5, features.request, .features(twin(1), featureSet(2)))).orders[
            0]
        let prepares = ward.take(.push(9, 1, info(b)), .activate(9, 2, b)).prepares
        ward.take(.result(6, prepares[0].request, .prepared([b])))
        let count = ward.appended.count
        let late = WorkResult.assessments(twin(1), revision: 2, epoch: 1, [assessment(2, a)])
        let again = ward.take(.result(6, old.request, late))
        #expect(ward.appended.count == count)
        #expect(again.sketches == [.assess(twin(1), revision: 2, epoch: 2, artifacts: [b])])
    }

    @Test func `assessments other than those asked for are a failure`() {
        let wrong: [[Assessment]] = [
            [], [assessment(2, a)], [assessment(1, b)], [assessment(1, a, outcome: "sepsis")],
            [assessment(1, a), assessment(1, a)],
        ]
        for made in wrong {
            var settings = RoomSettings()
            settings.failureCountMax = 1
            var ward = Ward.withActive(a, settings: settings)
            ward.take(.connected(5, ready()))
            ward.connectModel(6)
            let features = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
            let model = ward.take(.result(5, features.request, .features(twin(1), featureSet(1))))
            let result = WorkResult.assessments(twin(1), revision: 1, epoch: 1, made)
            #expect(ward.take(.result(6, model.orders[0].request, result)).alarms.count == 1)
        }
    }

    @Test func `a second outcome asks only for its own assessments`() {
        var ward = assessedWard()
        let prepares = ward.take(.push(9, 1, info(b, outcome: "sepsis")), .activate(9, 2, b))
            .prepares
        let orders = ward.take(.result(6, prepares[0].request, .prepared([b]))).orders
        #expect(orders.map(\.sketch) == [.assess(twin(1), revision: 1, epoch: 2, artifacts: [b])])
        ward.take(
            .result(
                6, orders[0].request,
                .assessments(
                    twin(1), revision: 1, epoch: 2, [assessment(1, b, outcome: "sepsis")])))
        let features = ward.take(.commit(1, 2, commit(2...2, [twin(1)]))).orders[0]
        let both = ward.take(.result(5, features.request, .features(twin(1), featureSet(2))))
        #expect(both.sketches == [.assess(twin(1), revision: 2, epoch: 2, artifacts: [a, b])])
    }

    @Test func `a rollback goes back, a second one further back, and then no more`() {
        var ward = Ward()
        ward.take(.push(9, 1, info(a)), .push(9, 2, info(b)), .push(9, 3, info(c)))
        ward.take(.activate(9, 4, a), .activate(9, 5, b), .activate(9, 6, c))
        #expect(ward.take(.rollback(9, 7, outcome: "death")).activated.map(\.artifact) == [b])
        #expect(ward.take(.rollback(9, 8, outcome: "death")).activated.map(\.artifact) == [a])
        #expect(ward.take(.rollback(9, 9, outcome: "death")).refusals == [.notFound])
        #expect(ward.take(.rollback(9, 9, outcome: "sepsis")).refusals == [.notFound])
        #expect(ward.room.activations.map(\.epoch) == [5])
    }

    @Test func `a rollback that names its epoch undoes it once, however often it is asked`() {
        var ward = Ward()
        ward.take(.push(9, 1, info(a)), .push(9, 2, info(b)), .push(9, 3, info(c)))
        ward.take(.activate(9, 4, a), .activate(9, 5, b), .activate(9, 6, c))
        for request: TwinRoom.Request in 7...9 {
            let taken = ward.take(.rollback(9, request, outcome: "death", undoing: 3))
            #expect(taken.activated.map(\.artifact) == [b] && taken.activated.map(\.epoch) == [4])
        }
        // What is long undone, or never was, is a mistake.
        for epoch: UInt64 in [1, 2, 99] {
            #expect(
                ward.take(.rollback(9, 10, outcome: "death", undoing: epoch)).refusals
                    == [.conflict])
        }
        // After a restart it is known as before.
        var again = Ward(
            Recovery(
                cursor: 7, artifacts: [info(a), info(b), info(c)],
                activations: [(a, 1), (b, 2), (c, 3), (b, 4)].map {
                    Activation(
                        outcome: "death", artifact: $0.0, epoch: $0.1, activatedAt: seconds(0))
                }))
        let taken = again.take(.rollback(9, 1, outcome: "death", undoing: 3))
        #expect(taken.activated.map(\.epoch) == [4])
        #expect(
            again.take(.rollback(9, 2, outcome: "death", undoing: 4)).activated.map(\.artifact)
                == [a])
    }

    @Test func `who asks for the activation that is under way is answered with it`() {
        var ward = Ward()
        ward.take(.push(9, 1, info(a)), .push(9, 2, info(b)))
        ward.take(.activate(9, 3, a), .activate(9, 4, b), .connected(6, ready(.model)))
        let prepares = ward.take(.rollback(9, 5, outcome: "death", undoing: 2)).prepares
        #expect(ward.take(.rollback(8, 1, outcome: "death", undoing: 2)).refusals.isEmpty)
        #expect(prepares.count == 1)
        let done = ward.take(.result(6, prepares[0].request, .prepared([a])))
        #expect(done.activated.map(\.epoch) == [3, 3])
    }

    @Test func `a signature may be added later, and is never taken away`() {
        var ward = Ward()
        var signed = info(a)
        signed.signature = ArtifactSignature(key: "k", value: "v")
        ward.take(.push(9, 1, info(a)), .push(9, 2, signed), .push(9, 3, info(a)))
        #expect(ward.room.artifacts == [signed])
    }

    @Test func `a model worker takes tasks only after it has proved what is active`() {
        var ward = Ward.withActive(a)
        ward.take(.connected(5, ready()))
        let features = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        ward.take(.result(5, features.request, .features(twin(1), featureSet(1))))
        let connected = ward.take(.connected(6, ready(.model)))
        #expect(connected.prepares.map(\.artifacts) == [[a]])
        #expect(connected.orders.isEmpty)
        let request = connected.prepares[0].request
        let failed = ward.take(.failed(6, request, Refusal(.failed, "no memory")))
        #expect(failed.alarms.count == 1)
        // It is asked again after a while.
        let again = ward.take(.tick(at: seconds(10), uptimeMs: 10_000)).prepares
        #expect(again.map(\.artifacts) == [[a]])
        #expect(
            ward.take(.result(6, again[0].request, .prepared([a]))).sketches
                == [.assess(twin(1), revision: 1, epoch: 1, artifacts: [a])])
    }

    @Test func `after an activation fresh data go first`() {
        let twins = (1...9).map {
            TwinProgress(
                twin: twin($0), revision: 1,
                features: [.vitals: FeatureProgress(revision: 1, version: "1.0")],
                assessments: ["death": AssessmentProgress(revision: 1, artifact: a)])
        }
        let active = Activation(outcome: "death", artifact: a, epoch: 1, activatedAt: seconds(0))
        var ward = Ward(
            Recovery(
                cursor: 99, offsets: ["ward-a": 1], twins: twins, artifacts: [info(a), info(b)],
                activations: [active], assessmentCount: 9))
        #expect(ward.room.status().dueCount == 0)
        ward.take(.connected(5, ready()))
        ward.connectModel(6, credits: 1)
        let prepares = ward.take(.activate(9, 1, b)).prepares
        let first = ward.take(.result(6, prepares[0].request, .prepared([b]))).orders
        #expect(first.count == 1)
        #expect(ward.room.status().dueCount == 9)
        let features = ward.take(.commit(1, 1, commit(2...2, [twin(9)]))).orders[0]
        ward.take(.result(5, features.request, .features(twin(9), featureSet(2))))
        let next = ward.take(
            .result(
                6, first[0].request,
                .assessments(twin(1), revision: 1, epoch: 2, [assessment(1, b)])))
        #expect(next.sketches == [.assess(twin(9), revision: 2, epoch: 2, artifacts: [b])])
    }

    @Test func `a restart asks for what was not assessed, and for nothing else`() {
        let activations = [
            Activation(outcome: "death", artifact: a, epoch: 1, activatedAt: seconds(0)),
            Activation(outcome: "sepsis", artifact: c, epoch: 2, activatedAt: seconds(0)),
            Activation(outcome: "death", artifact: b, epoch: 3, activatedAt: seconds(0)),
        ]
        let features = [Modality.vitals: FeatureProgress(revision: 2, version: "1.0")]
        let made = { (revision: Revision, id: ArtifactID) in
            AssessmentProgress(revision: revision, artifact: id)
        }
        let twins = [
            ["death": made(2, b), "sepsis": made(2, c)],
            ["death": made(2, a), "sepsis": made(2, c)],
            ["death": made(1, b), "sepsis": made(1, c)], ["death": made(2, b)], [:],
        ].enumerated().map { number, assessments in
            TwinProgress(
                twin: twin(number), revision: 2, features: features, assessments: assessments)
        }
        var ward = Ward(Recovery(cursor: 9, twins: twins, activations: activations))
        ward.take(.tick(at: seconds(0), uptimeMs: 0))
        let prepares = ward.take(.connected(6, ready(.model, credits: 16))).prepares
        #expect(prepares.map(\.artifacts) == [[b, c]])
        let sketches = ward.take(.result(6, prepares[0].request, .prepared([b, c]))).sketches
        #expect(
            sketches == [
                .assess(twin(1), revision: 2, epoch: 3, artifacts: [b]),
                .assess(twin(2), revision: 2, epoch: 3, artifacts: [b, c]),
                .assess(twin(3), revision: 2, epoch: 3, artifacts: [b, c]),
                .assess(twin(4), revision: 2, epoch: 3, artifacts: [b, c]),
            ])
    }

    @Test func `what an old artifact could not assess, the new one is asked for`() {
        var settings = RoomSettings()
        settings.failureCountMax = 1
        var ward = Ward.withActive(a, settings: settings)
        ward.take(.connected(5, ready()))
        ward.connectModel(6)
        let features = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        let model = ward.take(.result(5, features.request, .features(twin(1), featureSet(1))))
            .orders
        ward.take(.failed(6, model[0].request, Refusal(.failed, "no")))
        #expect(ward.room.status().poisonedCount == 1)
        let prepares = ward.take(.push(9, 1, info(b)), .activate(9, 2, b)).prepares
        #expect(ward.take(.result(6, prepares[0].request, .prepared([b]))).orders.count == 1)
    }
}
