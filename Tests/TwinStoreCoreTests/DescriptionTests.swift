import Testing
import TwinCore
import TwinStoreCore

struct DescriptionTests {
    @Test func `departures read as sentences`() {
        var room = TwinRoom(Recovery())
        let a = artifact("a")
        var story: [String] = []
        let arrivals: [TwinRoom.Arrival] = [
            .connected(5, ready()), .connected(6, ready(.model)), .push(9, 1, info(a)),
            .activate(9, 2, a), .result(6, 1, .prepared([a])), .watch(8, 1, cursor: 0, twin: nil),
            .commit(1, 7, commit(1...2, [twin(1), twin(2)], ingest: "ward-a")),
            .result(5, 2, .features(twin(1), featureSet(2))),
            .result(6, 4, .assessments(twin(1), revision: 2, epoch: 1, [assessment(2, a)])),
            .durable(4), .commit(1, 8, commit(9...9, [twin(1)])), .storageFailed("disk full"),
        ]
        for arrival in arrivals { story += room.receive([arrival]).map(\.description) }
        #expect(
            story == [
                "append 1 artifact aaaaaaaa for death",
                "order 1 to 6: prepare aaaaaaaa within 60000 ms",
                "append 2 aaaaaaaa speaks for death from epoch 1",
                "append 3 ward-a#1 WARD|P-1@1+1 WARD|P-2@1+1; 4 ward-a#2 WARD|P-1@2+1 WARD|P-2@2+1",
                "order 2 to 5: vitals features of WARD|P-1 from 0 to 2 within 10000 ms",
                "order 3 to 5: vitals features of WARD|P-2 from 0 to 2 within 10000 ms",
                "append 5 vitals features of WARD|P-1@2 by 1.0",
                "order 4 to 6: assess WARD|P-1 at 2 in epoch 1 with aaaaaaaa within 10000 ms",
                "append 6 assessments of WARD|P-1@2: death by aaaaaaaa",
                "tell 9 on 1: aaaaaaaa for death is stored",
                "tell 9 on 2: aaaaaaaa speaks for death from epoch 1",
                "tell 1 on 7: ward-a is committed to 2",
                "tell 8 on 1: 4 observations of WARD|P-1@2; 4 observations of WARD|P-2@2",
                "refuse 1 on 8: conflict: offset 3 comes next, not 9",
                "alarm: storage failed, nothing more is taken: disk full",
            ])
    }
}
