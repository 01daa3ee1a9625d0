import Testing
import TwinCore
import TwinStoreCore
import TwinStoreService

struct LoopTests {
    @Test func `a reading becomes an assessment that a client sees`() throws {
        var bench = try Bench()
        _ = bench.connect(5)
        _ = bench.connect(6, .model)
        let pushed = bench.ask(.push(outcome: "death", kind: "forest"), bytes: [7])
        let id = Bench.name([7])
        let info = ArtifactInfo(
            id: id, outcome: "death", kind: "forest", byteCount: 1,
            pushedAt: Instant(microsecondsSinceEpoch: 5))
        #expect(pushed == .answer(.artifact(info)))
        let prepare = bench.turn(.query(70, 1, .activate(id))).orders
        #expect(prepare.map(\.order) == [.prepare(PrepareTask(artifacts: [id]))])
        let activated = bench.turn(.room(.result(6, prepare[0].request, .prepared([id]))))
        let activation = Activation(
            outcome: "death", artifact: id, epoch: 1,
            activatedAt: Instant(microsecondsSinceEpoch: 5), cause: .ordered)
        #expect(activated.replies == [.answer(.activated(activation))])

        let committed = bench.commit(1, [reading("W|1", 80), reading("W|1", 90)])
        #expect(committed.replies == [.committed(Committed(ingest: "ward", offset: 1))])
        let features = committed.orders[0]
        #expect(
            features.order
                == .features(
                    FeatureTask(
                        twin: patient("W|1"), modality: .vitals, fromRevision: 0, toRevision: 1,
                        observations: [reading("W|1", 80), reading("W|1", 90)])))
        let model = bench.turn(.room(.result(5, features.request, answer(features.order)))).orders[
            0]
        guard case .assess(let task) = model.order else {
            Issue.record("no model task")
            return
        }
        #expect(task.features.first?.features.first?.value == 2)
        bench.turn(.room(.result(6, model.request, answer(model.order))))
        guard case .answer(.twin(let state), nil) = bench.ask(.twin(id: patient("1"), asOf: nil))
        else {
            Issue.record("no twin")
            return
        }
        #expect(state.latest.map(\.observation.number) == [90])
        #expect(state.assessments.map(\.assessment.artifact) == [id])
        guard case .answer(.status(let status), nil) = bench.ask(.status) else {
            Issue.record("no status")
            return
        }
        #expect(status.assessmentCount == 1 && status.dueCount == 0)
    }

    /// Commits at random to a store that keeps little at hand; each task must be whole.
    @Test(arguments: UInt64(1)...20, [0, 3, 1000])
    func `every task has exactly the observations of its revisions`(
        seed: UInt64, atHand: Int
    ) throws {
        var settings = ServiceSettings()
        settings.recentObservationCountMax = atHand
        settings.recentFeatureCountMax = atHand
        settings.taskObservationCountMax = 5
        var bench = try Bench(settings: settings)
        var state = seed
        func chance(_ count: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % count
        }
        var slices: [TwinID: [[Observation]]] = [:]
        var waiting: [(peer: TwinRoom.Peer, request: TwinRoom.Request, order: WorkOrder)] = []
        var value = 0.0
        waiting += bench.connect(5).orders
        for offset in UInt64(1)...60 {
            if chance(3) == 0 { bench.engine.hold() }
            if chance(3) == 0 { bench.engine.release() }
            let observations = (0..<chance(4)).map { _ -> Observation in
                value += 1
                return reading("W|\(chance(3))", value)
            }
            for twin in Set(observations.map(\.twin)) {
                slices[twin, default: []].append(observations.filter { $0.twin == twin })
            }
            waiting += bench.commit(offset, observations).orders
            while !waiting.isEmpty, chance(3) > 0 {
                let order = waiting.remove(at: Int(chance(UInt64(waiting.count))))
                check(order.order, slices)
                waiting += bench.turn(.room(.result(5, order.request, answer(order.order)))).orders
            }
        }
        bench.engine.release()
        waiting += bench.turn().orders
        while let order = waiting.popLast() {
            check(order.order, slices)
            waiting += bench.turn(.room(.result(5, order.request, answer(order.order)))).orders
        }
        guard case .answer(.status(let status), _) = bench.ask(.status) else { return }
        #expect(bench.alarms.isEmpty, "seed \(seed)")
        #expect(status.dueCount == 0, "seed \(seed)")
        #expect(status.poisonedCount == 0, "seed \(seed)")
    }

    private func check(_ order: WorkOrder, _ slices: [TwinID: [[Observation]]]) {
        guard case .features(let task) = order else { return }
        let expected = slices[task.twin, default: []]
        let (from, to) = (Int(task.fromRevision), Int(task.toRevision))
        #expect(from < to && to <= expected.count)
        #expect(task.observations == Array(expected[from..<to].joined()))
    }

    @Test func `a long slice comes in parts`() throws {
        var settings = ServiceSettings()
        settings.taskObservationCountMax = 10
        settings.recentObservationCountMax = 0
        var bench = try Bench(settings: settings)
        for offset in UInt64(1)...9 {
            _ = bench.commit(offset, (0..<4).map { reading("1", Double(offset * 10) + Double($0)) })
        }
        var sizes: [Int] = []
        var orders = bench.connect(5).orders
        while let order = orders.first {
            if case .features(let task) = order.order { sizes.append(task.observations.count) }
            orders = bench.turn(.room(.result(5, order.request, answer(order.order)))).orders
        }
        #expect(sizes == [8, 8, 8, 8, 4])
    }

    @Test func `what the engine can't read fails the task, not the store`() throws {
        var settings = ServiceSettings()
        settings.recentObservationCountMax = 0
        var bench = try Bench(settings: settings)
        _ = bench.commit(1, [reading("1", 1)])
        bench.engine.failReads("a bad sector")
        let departures = bench.connect(5)
        #expect(departures.orders.isEmpty)
        #expect(departures.contains { if case .alarm = $0 { true } else { false } })
        bench.engine.failReads(nil)
        #expect(bench.commit(2, [reading("1", 2)]).featureTasks.map(\.toRevision) == [2])
    }

    @Test func `a full disk refuses the commit and says so once`() throws {
        var bench = try Bench()
        bench.engine.failNextCommit("no space")
        let departures = bench.commit(1, [reading("1", 1)])
        #expect(departures.replies.map(\.refusal) == [.storageFailed])
        #expect(departures.count { if case .alarm = $0 { true } else { false } } == 1)
        #expect(bench.commit(2, []).replies.map(\.refusal) == [.storageFailed])
    }

    @Test func `what is not durable is not acknowledged, and gone after a crash`() throws {
        var bench = try Bench()
        bench.engine.hold()
        #expect(bench.commit(1, [reading("1", 1)]).replies.isEmpty)
        bench.engine.release(1)
        #expect(bench.turn().replies == [.committed(Committed(ingest: "ward", offset: 1))])
        #expect(bench.commit(2, [reading("1", 2)]).replies.isEmpty)
        var next = try Bench(engine: bench.engine.crash())
        #expect(next.commit(3, []).replies.map(\.refusal) == [.conflict])
        let again = next.commit(2, [reading("1", 2)])
        #expect(again.replies == [.committed(Committed(ingest: "ward", offset: 2))])
        #expect(next.connect(5).featureTasks.map(\.observations.count) == [2])
    }

    @Test func `a model task has the features of every modality, at hand or not`() throws {
        var settings = ServiceSettings()
        settings.room.modalities = [.vitals, .genome]
        var former = try Bench(settings: settings)
        for order in former.commit(1, [reading("1", 1)]).orders + former.connect(5).orders
            + former.connect(7, .feature(.genome)).orders
        { former.turn(.room(.result(order.peer, order.request, answer(order.order)))) }
        var bench = try Bench(engine: former.engine, settings: settings)
        _ = bench.ask(.push(outcome: "death", kind: "forest"), bytes: [7])
        _ = bench.ask(.activate(Bench.name([7])))
        _ = bench.connect(5)
        let order = bench.commit(2, [reading("1", 2)]).orders[0]
        bench.turn(.room(.result(5, order.request, answer(order.order))))
        let prepare = bench.connect(6, .model).orders[0]
        let orders = bench.turn(.room(.result(6, prepare.request, answer(prepare.order)))).orders
        guard case .assess(let task) = orders.first?.order else {
            Issue.record("no model task")
            return
        }
        #expect(task.features.map(\.modality) == [.vitals, .genome])
        #expect(task.features.map(\.revision) == [2, 1])
    }

    @Test func `a task whose features have moved on is made anew`() throws {
        var settings = ServiceSettings()
        settings.recentFeatureCountMax = 0
        settings.room.modalities = [.vitals, .genome]
        var bench = try Bench(settings: settings)
        _ = bench.connect(5)
        _ = bench.connect(7, .feature(.genome))
        _ = bench.ask(.push(outcome: "death", kind: "forest"), bytes: [7])
        _ = bench.ask(.activate(Bench.name([7])))
        let first = bench.commit(1, [reading("1", 1)]).orders
        for order in first {
            bench.turn(.room(.result(order.peer, order.request, answer(order.order))))
        }
        // The model worker comes, and before its order is read from the engine there are new features.
        let prepare = bench.connect(6, .model).orders[0]
        let next = bench.commit(2, [reading("1", 2)]).orders
        let arrivals: [StoreArrival] = [.room(.result(6, prepare.request, answer(prepare.order)))]
        bench.loop.turn(arrivals, at: Instant(microsecondsSinceEpoch: 6), uptimeMs: 0)
        let held = bench.jobs.take()
        bench.turn(.room(.result(next[0].peer, next[0].request, answer(next[0].order))))
        for job in held {
            guard case .order(let work) = job else { continue }
            work()
        }
        let orders = bench.turn().orders
        #expect(orders.count == 1)
        guard case .assess(let task) = orders.first?.order else {
            Issue.record("no model task")
            return
        }
        #expect(task.revision == 2)
        #expect(task.features.map(\.revision).max() == 2)
    }
}
