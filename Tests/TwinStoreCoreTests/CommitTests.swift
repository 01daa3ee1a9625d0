import Testing
import TwinCore
import TwinStoreCore

struct CommitTests {
    @Test func `a commit is acknowledged once it is durable, and not before`() {
        var ward = Ward()
        ward.isHolding = true
        #expect(ward.take(.commit(1, 7, commit(1...3, [twin(1)]))).isEmpty)
        #expect(ward.take(.durable(2)).isEmpty)
        let expected = Committed(ingest: "ward-a", offset: 3)
        #expect(ward.take(.durable(3)) == [.committed(1, 7, expected)])
    }

    @Test func `every record that touches a twin is its next revision`() {
        var ward = Ward()
        ward.take(.commit(1, 1, commit(1...2, [twin(1), twin(2), twin(1)])))
        ward.take(.commit(1, 2, commit(3...3, [twin(2)])))
        let slices = ward.appended.flatMap { record -> [TwinSlice] in
            guard case .observations(_, _, let slices) = record.change else { return [] }
            return slices
        }
        #expect(slices.filter { $0.twin == twin(1) }.map(\.revision) == [1, 2])
        #expect(slices.filter { $0.twin == twin(1) }.map(\.observations.count) == [2, 2])
        #expect(slices.filter { $0.twin == twin(2) }.map(\.revision) == [1, 2, 3])
        #expect(ward.appended.map(\.cursor) == [1, 2, 3])
    }

    @Test func `a redelivery is acknowledged and has no effect`() {
        var ward = Ward()
        ward.take(.commit(1, 1, commit(1...3, [twin(1)])))
        #expect(ward.take(.commit(1, 2, commit(1...3, [twin(1)]))).committed == [3])
        #expect(ward.take(.commit(1, 3, commit(2...5, [twin(1)]))).committed == [5])
        #expect(ward.appended.count == 5)
        #expect(ward.room.status().observationCount == 5)
    }

    @Test func `a redelivery before the disk has answered waits for the disk too`() {
        var ward = Ward()
        ward.isHolding = true
        ward.take(.commit(1, 1, commit(1...1, [twin(1)])))
        #expect(ward.take(.commit(1, 2, commit(1...1, [twin(1)]))).isEmpty)
        #expect(ward.take(.durable(1)).committed == [1, 1])
    }

    @Test func `a redelivery after a restart has no effect`() {
        var ward = Ward(Recovery(cursor: 9, offsets: ["ward-a": 4]))
        #expect(ward.take(.commit(1, 1, commit(2...4, [twin(1)]))).committed == [4])
        #expect(ward.appended.isEmpty)
        ward.take(.commit(1, 2, commit(5...5, [twin(1)])))
        #expect(ward.appended.map(\.cursor) == [10])
    }

    @Test func `a gap is refused, so that nothing is skipped`() {
        var ward = Ward()
        #expect(ward.take(.commit(1, 1, commit(2...3, [twin(1)]))).refusals == [.conflict])
        ward.take(.commit(1, 2, commit(1...2, [twin(1)])))
        #expect(ward.take(.commit(1, 3, commit(4...4, [twin(1)]))).refusals == [.conflict])
        #expect(ward.appended.count == 2)
    }

    @Test func `offsets that do not count up from one are refused`() {
        var ward = Ward()
        var holed = commit(1...3, [twin(1)])
        holed.records.remove(at: 1)
        var end = commit(1...2, [twin(1)])
        end.records[0].offset = .max
        end.records[1].offset = 0
        #expect(ward.take(.commit(1, 1, holed)).refusals == [.malformed])
        #expect(ward.take(.commit(1, 2, end)).refusals == [.malformed])
        #expect(ward.take(.commit(1, 3, commit(0...0, [twin(1)]))).refusals == [.malformed])
        let unnamed = commit(1...1, [twin(1)], ingest: "")
        #expect(ward.take(.commit(1, 4, unnamed)).refusals == [.malformed])
        #expect(ward.appended.isEmpty)
    }

    @Test func `an empty record takes its place, an empty commit asks how far it has come`() {
        var ward = Ward()
        #expect(ward.take(.commit(1, 1, Commit(ingest: "a", records: []))).committed == [0])
        #expect(ward.take(.commit(1, 2, commit(1...1, [], ingest: "a"))).committed == [1])
        #expect(ward.take(.commit(1, 3, Commit(ingest: "a", records: []))).committed == [1])
        #expect(ward.room.status().twinCount == 0)
    }

    @Test func `outboxes count for themselves`() {
        var ward = Ward()
        ward.take(.commit(1, 1, commit(1...2, [twin(1)], ingest: "a")))
        #expect(ward.take(.commit(2, 1, commit(1...1, [twin(1)], ingest: "b"))).committed == [1])
        #expect(ward.appended.count == 3)
    }

    @Test func `what would grow without bound is pushed back`() {
        var settings = RoomSettings()
        settings.pendingObservationCountMax = 10
        settings.ingestCountMax = 2
        settings.recordCountMaxPerCommit = 20
        settings.twinCountMax = 3
        var ward = Ward(settings: settings)
        ward.isHolding = true
        #expect(ward.take(.commit(1, 1, commit(1...11, [twin(1)]))).refusals == [.tooLarge])
        #expect(ward.take(.commit(1, 1, commit(1...21, []))).refusals == [.tooLarge])
        ward.take(.commit(1, 1, commit(1...8, [twin(1)])))
        #expect(ward.take(.commit(1, 2, commit(9...11, [twin(1)]))).refusals == [.overloaded])
        ward.take(.durable(8))
        #expect(ward.take(.commit(1, 3, commit(9...11, [twin(1)]))).refusals.isEmpty)
        ward.take(.durable(11), .commit(2, 1, commit(1...1, [twin(2), twin(3)], ingest: "b")))
        #expect(
            ward.take(.commit(3, 1, commit(1...1, [], ingest: "c"))).refusals == [.overloaded])
        #expect(ward.take(.commit(1, 4, commit(12...12, []))).refusals == [.overloaded])
    }

    @Test func `a failed disk refuses everything that waits, and everything after`() {
        var ward = Ward()
        ward.isHolding = true
        ward.take(.commit(1, 1, commit(1...2, [twin(1)])))
        let departures = ward.take(.storageFailed("full"), .push(9, 1, info(artifact("a"))))
        #expect(departures.refusals == [.storageFailed, .storageFailed])
        #expect(departures.alarms.count == 1)
        #expect(ward.take(.commit(1, 2, commit(3...3, [twin(1)]))).refusals == [.storageFailed])
        #expect(ward.take(.connected(5, ready())).isEmpty)
    }

    @Test func `twins are listed in order, a page at a time`() {
        var ward = Ward()
        ward.take(.commit(1, 1, commit(1...1, [twin(5), twin(1), twin(3)])))
        #expect(ward.room.twins(after: nil, limit: 2).map(\.id) == [twin(1), twin(3)])
        ward.take(.commit(1, 2, commit(2...2, [twin(4), twin(2), twin(9), twin(1)])))
        #expect(ward.room.twins(after: twin(1), limit: 3).map(\.id) == [twin(2), twin(3), twin(4)])
        #expect(ward.room.twins(after: twin(4), limit: 9).map(\.id) == [twin(5), twin(9)])
        #expect(ward.room.twins(after: twin(9), limit: 9).isEmpty)
        #expect(ward.room.twins(after: nil, limit: 1).first?.revision == 2)
        #expect(ward.room.twins(after: nil, limit: -1).isEmpty)
    }
}
