import Testing
import TwinCore
import TwinStoreCore

struct DispatchTests {
    @Test func `a twin that is behind waits for a worker, and nothing is lost`() {
        var ward = Ward()
        #expect(ward.take(.commit(1, 1, commit(1...3, [twin(1)]))).sketches.isEmpty)
        #expect(ward.room.status().dueCount == 1)
        #expect(
            ward.take(.connected(5, ready())).sketches == [
                .features(twin(1), .vitals, from: 0, to: 3)
            ])
    }

    @Test func `what arrives meanwhile is one task more, from where the worker's state is`() {
        var ward = Ward()
        ward.take(.connected(5, ready()))
        let first = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders
        #expect(first.count == 1)
        #expect(ward.take(.commit(1, 2, commit(2...9, [twin(1)]))).orders.isEmpty)
        let next = ward.take(.result(5, first[0].request, .features(twin(1), featureSet(1))))
        #expect(next.sketches == [.features(twin(1), .vitals, from: 1, to: 9)])
        let last = ward.take(.result(5, next.orders[0].request, .features(twin(1), featureSet(9))))
        #expect(last.isEmpty)
        #expect(ward.room.status().dueCount == 0)
    }

    @Test func `due twins are served in the order in which they became due`() {
        var ward = Ward()
        ward.take(.commit(1, 1, commit(1...1, [twin(3), twin(1), twin(2)])))
        var served: [WorkOrderSketch] = []
        var departures = ward.take(.connected(5, ready(credits: 1)))
        while let order = departures.orders.first {
            served.append(order.sketch)
            guard case .features(let id, _, _, let to) = order.sketch else { break }
            departures = ward.take(
                .commit(1, 2, commit(1...1, [])),
                .result(5, order.request, .features(id, featureSet(to))))
        }
        #expect(
            served == [3, 1, 2].map { .features(twin($0), .vitals, from: 0, to: 1) })
    }

    @Test func `the worker that had the twin last is preferred, while it has credit`() {
        var ward = Ward()
        ward.take(.connected(5, ready(credits: 1)), .connected(6, ready(credits: 1)))
        let first = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        ward.take(.result(first.peer, first.request, .features(twin(1), featureSet(1))))
        for offset in UInt64(2)...5 {
            let order = ward.take(.commit(1, offset, commit(offset...offset, [twin(1)]))).orders[0]
            #expect(order.peer == first.peer)
            ward.take(.result(order.peer, order.request, .features(twin(1), featureSet(offset))))
        }
        let both = ward.take(.commit(1, 6, commit(6...6, [twin(2), twin(1)]))).orders
        #expect(Set(both.map(\.peer)) == [5, 6])
    }

    @Test func `credits are never exceeded`() {
        var ward = Ward()
        ward.take(.connected(5, ready(credits: 3)))
        #expect(ward.take(.commit(1, 1, commit(1...1, (1...9).map(twin)))).orders.count == 3)
        ward.take(.connected(5, ready(credits: 5)))
        #expect(ward.room.status().peers.first?.inFlight == 5)
    }

    @Test func `a worker that lost the twin's state gets the whole slice, without blame`() {
        var settings = RoomSettings()
        settings.failureCountMax = 1
        var ward = Ward(settings: settings)
        ward.take(.connected(5, ready()))
        let first = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        ward.take(.result(5, first.request, .features(twin(1), featureSet(1))))
        let second = ward.take(.commit(1, 2, commit(2...2, [twin(1)]))).orders[0]
        let needSlice = WorkResult.failed(Refusal(.needSlice, "evicted"))
        let again = ward.take(.result(5, second.request, needSlice))
        #expect(again.sketches == [.features(twin(1), .vitals, from: 0, to: 2)])
        // The whole slice was sent: to ask again is a failure.
        #expect(ward.take(.result(5, again.orders[0].request, needSlice)).alarms.count == 1)
    }

    @Test func `a dead worker's tasks go elsewhere`() {
        var ward = Ward()
        ward.take(.connected(5, ready()))
        ward.take(.commit(1, 1, commit(1...1, [twin(1), twin(2)])))
        let departures = ward.take(.connected(6, ready()), .disconnected(5))
        #expect(departures.orders.map(\.peer) == [6, 6])
    }

    @Test func `a task past its deadline goes elsewhere, and the late answer has no effect`() {
        var ward = Ward()
        ward.take(.tick(at: seconds(1), uptimeMs: 1000), .connected(5, ready()))
        let first = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        ward.take(.connected(6, ready()))
        #expect(ward.take(.tick(at: seconds(2), uptimeMs: 10_900)).isEmpty)
        let again = ward.take(.tick(at: seconds(3), uptimeMs: 11_000)).orders
        #expect(again.map(\.peer) == [6])
        #expect(ward.take(.result(5, first.request, .features(twin(1), featureSet(1)))).isEmpty)
        #expect(ward.appended.count == 1)
        ward.take(.result(6, again[0].request, .features(twin(1), featureSet(1))))
        #expect(ward.appended.count == 2)
    }

    @Test func `the clock on the wall may be set back without ending a task`() {
        var ward = Ward()
        ward.take(.tick(at: seconds(1_000_000), uptimeMs: 1000), .connected(5, ready()))
        ward.take(.commit(1, 1, commit(1...1, [twin(1)])))
        #expect(ward.take(.tick(at: seconds(5), uptimeMs: 1100)).isEmpty)
        #expect(ward.take(.tick(at: seconds(99_000_000), uptimeMs: 1200)).isEmpty)
    }

    @Test func `three failures poison a task until there are new data`() {
        var ward = Ward()
        ward.take(.connected(5, ready()), .connected(6, ready()))
        var departures = ward.take(.commit(1, 1, commit(1...1, [twin(1)])))
        var tried: [TwinRoom.Peer] = []
        for _ in 1...3 {
            let order = departures.orders[0]
            tried.append(order.peer)
            departures = ward.take(.failed(order.peer, order.request, Refusal(.failed, "no")))
        }
        #expect(departures.alarms.count == 1)
        #expect(departures.orders.isEmpty)
        #expect(tried[0] != tried[1])
        #expect(!departures.alarms[0].contains("P-1"))
        #expect(ward.room.status().poisonedCount == 1)
        departures = ward.take(.commit(1, 2, commit(2...2, [twin(1)])))
        #expect(departures.sketches == [.features(twin(1), .vitals, from: 0, to: 2)])
        departures = ward.take(
            .failed(departures.orders[0].peer, departures.orders[0].request, Refusal(.failed, "no"))
        )
        #expect(departures.alarms.count == 1)
        departures = ward.take(.pardon(twin(1)))
        let order = departures.orders[0]
        ward.take(.result(order.peer, order.request, .features(twin(1), featureSet(2))))
        #expect(ward.room.status().poisonedCount == 0)
        #expect(ward.room.status().dueCount == 0)
    }

    @Test func `a twin that kills workers is found among its neighbours`() {
        var ward = Ward()
        var peer: TwinRoom.Peer = 100
        var alarms = 0
        var waiting: [Ordered] = ward.take(
            .commit(1, 1, commit(1...1, (1...20).map(twin))),
            .connected(peer, ready(credits: 16))
        ).orders
        while !waiting.isEmpty {
            let order = waiting.removeFirst()
            guard case .features(let id, _, _, let to) = order.sketch else { continue }
            var departures: [TwinRoom.Departure]
            if id == twin(7) {
                departures = ward.take(.disconnected(order.peer))
                waiting = []
                peer += 1
                departures += ward.take(.connected(peer, ready(credits: 16)))
            } else {
                departures = ward.take(
                    .result(order.peer, order.request, .features(id, featureSet(to))))
            }
            alarms += departures.alarms.count
            waiting += departures.orders
        }
        #expect(alarms == 1)
        #expect(peer == 103)
        #expect(ward.room.status().poisonedCount == 1)
        #expect(ward.room.status().dueCount == 1)
    }

    @Test func `an overloaded worker rests, and the twin is not to blame`() {
        var settings = RoomSettings()
        settings.failureCountMax = 1
        var ward = Ward(settings: settings)
        ward.take(.connected(5, ready()))
        let first = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        let refusal = Refusal(.overloaded, "busy", retryAfterMs: 200)
        #expect(ward.take(.failed(5, first.request, refusal)).isEmpty)
        #expect(ward.take(.tick(at: seconds(0), uptimeMs: 199)).isEmpty)
        #expect(ward.take(.tick(at: seconds(0), uptimeMs: 200)).orders.count == 1)
    }

    @Test func `features that were not asked for are a failure`() {
        let wrong: [WorkResult] = [
            .features(twin(2), featureSet(1)), .features(twin(1), featureSet(2)),
            .features(twin(1), featureSet(0)), .features(twin(1), featureSet(1, version: "2.0")),
            .features(twin(1), featureSet(1, modality: .genome)), .prepared([]),
            .assessments(twin(1), revision: 1, epoch: 0, []),
        ]
        for result in wrong {
            var settings = RoomSettings()
            settings.failureCountMax = 1
            var ward = Ward(settings: settings)
            ward.take(.connected(5, ready()))
            let order = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
            #expect(ward.take(.result(5, order.request, result)).alarms.count == 1)
            #expect(ward.appended.count == 1)
        }
    }

    @Test func `a worker may stop on its way, and goes on from there`() {
        var ward = Ward()
        ward.take(.commit(1, 1, commit(1...9, [twin(1)])))
        let first = ward.take(.connected(5, ready())).orders[0]
        let next = ward.take(.result(5, first.request, .features(twin(1), featureSet(4))))
        #expect(next.sketches == [.features(twin(1), .vitals, from: 4, to: 9)])
    }

    @Test func `features of an older extractor are made again, after those of fresh data`() {
        var ward = Ward(
            Recovery(
                cursor: 9, offsets: ["ward-a": 1],
                twins: (1...3).map {
                    TwinProgress(
                        twin: twin($0), revision: 1,
                        features: [.vitals: FeatureProgress(revision: 1, version: "1.9")])
                }))
        ward.take(.commit(1, 1, commit(2...2, [twin(3)])))
        let first = ward.take(.connected(5, ready(version: "1.10", credits: 12)))
        #expect(
            first.sketches == [
                .features(twin(3), .vitals, from: 0, to: 2),
                .features(twin(1), .vitals, from: 0, to: 1),
                .features(twin(2), .vitals, from: 0, to: 1),
            ])
        // An older extractor leaves the work to the newer one.
        ward.take(.connected(6, ready(version: "1.9", credits: 12)))
        ward.take(
            .result(5, first.orders[1].request, .features(twin(1), featureSet(1, version: "1.10"))))
        #expect(ward.take(.commit(1, 2, commit(3...3, [twin(4)]))).orders.map(\.peer) == [5])
        #expect(ward.room.status().dueCount == 3)
    }

    @Test func `each modality has its own workers and its own task`() {
        var settings = RoomSettings()
        settings.modalities = [.vitals, .genome]
        var ward = Ward(settings: settings)
        ward.take(.connected(5, ready()), .connected(6, ready(.feature(.genome))))
        let orders = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders
        #expect(
            orders.map(\.sketch) == [
                .features(twin(1), .vitals, from: 0, to: 1),
                .features(twin(1), .genome, from: 0, to: 1),
            ])
        #expect(orders.map(\.peer) == [5, 6])
    }
}

struct PressureTests {
    @Test func `while the disk is behind with results, no more are ordered`() {
        var settings = RoomSettings()
        settings.pendingResultCountMax = 2
        var ward = Ward(settings: settings)
        ward.take(.connected(5, ready(credits: 1)))
        var order = ward.take(.commit(1, 1, commit(1...1, (1...5).map(twin)))).orders[0]
        ward.isHolding = true
        for number in 1...2 {
            let next = ward.take(
                .result(5, order.request, .features(twin(number), featureSet(1)))
            ).orders
            if number == 1 { order = next[0] } else { #expect(next.isEmpty) }
        }
        #expect(ward.take(.durable(2)).orders.count == 1)
    }

    @Test func `a withdrawn order is made again, and nobody is to blame`() {
        var settings = RoomSettings()
        settings.failureCountMax = 1
        var ward = Ward(settings: settings)
        ward.take(.connected(5, ready()))
        let order = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        let again = ward.take(.withdrawn(5, order.request))
        #expect(again.sketches == [order.sketch])
        #expect(ward.take(.withdrawn(5, order.request)).isEmpty)
    }
}
