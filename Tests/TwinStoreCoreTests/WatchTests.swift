import Testing
import TwinCore
import TwinStoreCore

struct WatchTests {
    @Test func `changes are told once they are durable`() {
        var ward = Ward()
        ward.take(.watch(8, 1, cursor: 0, twin: nil))
        ward.isHolding = true
        #expect(ward.take(.commit(1, 1, commit(1...1, [twin(1), twin(2)]))).changes.isEmpty)
        let changes = ward.take(.durable(1)).changes
        #expect(changes.map(\.twin) == [twin(1), twin(2)])
        #expect(changes.map(\.cursor) == [1, 1])
        #expect(changes.map(\.kind) == [.observations, .observations])
    }

    @Test func `a watcher catches up from its cursor`() {
        var ward = Ward()
        ward.take(
            .commit(1, 1, commit(1...2, [twin(1), twin(2)])),
            .commit(1, 2, commit(3...3, [twin(1)])))
        #expect(ward.take(.watch(8, 1, cursor: 1, twin: nil)).changes.map(\.cursor) == [2, 3])
        #expect(ward.take(.watch(8, 2, cursor: 0, twin: twin(2))).changes.map(\.cursor) == [2])
        #expect(ward.take(.watch(8, 3, cursor: 3, twin: nil)).isEmpty)
    }

    @Test func `a cursor that is too old, or of another store, is expired`() {
        var settings = RoomSettings()
        settings.recentChangeCountMax = 4
        var ward = Ward(Recovery(cursor: 100), settings: settings)
        #expect(ward.take(.watch(8, 1, cursor: 99, twin: nil)).refusals == [.expired])
        #expect(ward.take(.watch(8, 1, cursor: 101, twin: nil)).refusals == [.expired])
        ward.take(.commit(1, 1, commit(1...6, [twin(1)])))
        // The newer change of the twin says all that the older ones said.
        #expect(ward.take(.watch(8, 1, cursor: 100, twin: nil)).changes.map(\.cursor) == [106])
        for number in 2...5 {
            let offset = UInt64(number + 5)
            ward.take(.commit(1, offset, commit(offset...offset, [twin(number)])))
        }
        // Four twins are remembered, and twin 1 is not one of them.
        #expect(ward.take(.watch(9, 1, cursor: 105, twin: nil)).refusals == [.expired])
        #expect(
            ward.take(.watch(9, 1, cursor: 106, twin: nil)).changes.map(\.cursor)
                == [107, 108, 109, 110])
    }

    @Test func `what is said again and again takes the room of what is said once`() {
        var ward = Ward()
        for offset in UInt64(1)...20_000 {
            ward.take(.commit(1, offset, commit(offset...offset, [twin(Int(offset % 3))])))
        }
        #expect(ward.room.recentPlaceCount < 200)
        #expect(ward.take(.watch(8, 1, cursor: 7, twin: nil)).changes.count == 3)
    }

    @Test func `a request is answered once, and what happens until the next one coalesces`() {
        var settings = RoomSettings()
        settings.recentChangeCountMax = 4
        var ward = Ward(settings: settings)
        ward.take(.watch(8, 1, cursor: 0, twin: nil))
        #expect(ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).changes.count == 1)
        for offset in UInt64(2)...50 {
            let departures = ward.take(
                .commit(1, offset, commit(offset...offset, [twin(1), twin(2)])))
            #expect(departures.changes.isEmpty)
        }
        let changes = ward.take(.watch(8, 2, cursor: 1, twin: nil)).changes
        #expect(changes.map(\.revision) == [50, 49])
        #expect(changes.map(\.cursor) == [50, 50])
    }

    @Test func `a lost answer is told again`() {
        var ward = Ward()
        ward.take(.watch(8, 1, cursor: 0, twin: nil))
        let told = ward.take(.commit(1, 1, commit(1...2, [twin(1)]))).changes
        #expect(ward.take(.watch(8, 2, cursor: 0, twin: nil)).changes == told)
    }

    @Test func `a second request for the same takes the first one's place`() {
        var ward = Ward()
        ward.take(.watch(8, 1, cursor: 0, twin: nil))
        #expect(ward.take(.watch(8, 2, cursor: 0, twin: nil)) == [.changes(8, 1, [])])
        let departures = ward.take(.commit(1, 1, commit(1...1, [twin(1)])))
        #expect(departures.changes.map(\.cursor) == [1])
    }

    @Test func `a watcher that falls too far behind begins anew`() {
        var settings = RoomSettings()
        settings.backlogCountMax = 10
        settings.recentChangeCountMax = 5
        settings.watcherCountMax = 1
        var ward = Ward(settings: settings)
        ward.take(.watch(8, 1, cursor: 0, twin: nil))
        #expect(ward.take(.watch(9, 1, cursor: 0, twin: nil)).refusals == [.overloaded])
        ward.take(.commit(1, 1, commit(1...1, [twin(0)])))
        ward.take(.commit(1, 2, commit(2...2, (1...11).map(twin))))
        #expect(ward.take(.watch(8, 2, cursor: 1, twin: nil)).refusals == [.expired])
        #expect(ward.take(.watch(9, 2, cursor: 2, twin: nil)).isEmpty)
    }

    @Test func `many changes come in parts that do not part a cursor`() {
        var ward = Ward()
        ward.take(.commit(1, 1, commit(1...1, (0..<1000).map(twin))))
        ward.take(.commit(1, 2, commit(2...2, (1000..<2500).map(twin))))
        ward.take(.commit(1, 3, commit(3...3, (2500..<3000).map(twin))))
        let first = ward.take(.watch(8, 1, cursor: 0, twin: nil)).changes
        let second = ward.take(.watch(8, 2, cursor: 2, twin: nil)).changes
        #expect(first.count == 2500)
        #expect(second.count == 500)
        #expect(ward.take(.watch(8, 3, cursor: 3, twin: nil)).isEmpty)
    }

    @Test func `who stops watching, or goes, is told nothing more`() {
        var ward = Ward()
        ward.take(
            .watch(8, 1, cursor: 0, twin: nil), .watch(8, 2, cursor: 0, twin: twin(1)),
            .watch(9, 1, cursor: 0, twin: twin(1)))
        ward.take(.unwatch(8, twin: nil), .disconnected(9))
        let departures = ward.take(.commit(1, 1, commit(1...1, [twin(1), twin(2)])))
        let told = departures.compactMap { departure -> UInt64? in
            guard case .changes(let peer, let request, let changes) = departure else { return nil }
            #expect(peer == 8)
            #expect(changes.map(\.twin) == [twin(1)])
            return request
        }
        #expect(told == [2])
    }

    @Test func `assessments travel with their change`() {
        let a = artifact("a")
        var ward = Ward.withActive(a)
        ward.take(.connected(5, ready()))
        ward.connectModel(6)
        let features = ward.take(.commit(1, 1, commit(1...1, [twin(1)]))).orders[0]
        let model = ward.take(.result(5, features.request, .features(twin(1), featureSet(1))))
            .orders[0]
        ward.take(.tick(at: seconds(7), uptimeMs: 0))
        ward.take(.watch(8, 1, cursor: 4, twin: twin(1)))
        let changes = ward.take(
            .result(
                6, model.request,
                .assessments(twin(1), revision: 1, epoch: 1, [assessment(1, a)]))
        ).changes
        let stored = StoredAssessment(assessment: assessment(1, a), commitTime: seconds(7))
        #expect(changes.map(\.assessments) == [[stored]])
    }
}
