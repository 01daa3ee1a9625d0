import Testing
import TwinCore

@testable import TwinStoreCore

struct LinkTests {
    private let start: Int64 = 1_768_212_000

    /// Values of one device, `gap` seconds apart.
    private func values(
        _ count: Int, gap: Int64, from offset: Int64 = 0, source: Source = "monitor",
        lag: Int64 = 0, flags: QualityFlags = []
    ) -> [Observation] {
        (0..<Int64(count)).map { index in
            var value = observation(
                twin(1), 80, at: start + offset + index * gap - lag, flags: flags, source: source)
            value.receiveTime = seconds(start + offset + index * gap)
            return value
        }
    }

    private func room(_ observations: [Observation]) -> TwinRoom {
        var room = TwinRoom(Recovery())
        let records = observations.enumerated().map {
            OutboxRecord(offset: UInt64($0.offset + 1), batch: ObservationBatch([$0.element]))
        }
        _ = room.receive([
            .tick(at: seconds(start), uptimeMs: 0),
            .commit(1, 1, Commit(ingest: "ward-a", records: records)),
        ])
        return room
    }

    private func tick(_ room: inout TwinRoom, at offset: Int64) -> [String] {
        let uptimeMs = UInt64(offset) * 1_000
        return room.receive([.tick(at: seconds(start + offset), uptimeMs: uptimeMs)]).compactMap {
            if case .alarm(let text) = $0 { text } else { nil }
        }
    }

    @Test func `a regular source that is silent is an alarm, told once, until it is heard`() {
        var room = room(values(7, gap: 60))
        #expect(tick(&room, at: 475).isEmpty)
        #expect(room.links(of: twin(1)).map(\.isSilent) == [false])
        let alarms = tick(&room, at: 481)
        #expect(alarms.count == 1 && alarms.allSatisfy { $0.contains("monitor") })
        #expect(alarms.allSatisfy { !$0.contains("P-1") })
        #expect(tick(&room, at: 600).isEmpty)
        #expect(room.links(of: twin(1)).map(\.isSilent) == [true])
        #expect(room.status().silentLinkCount == 1 && room.status().linkCount == 1)
        #expect(room.status().silentLinks.first?.twin == twin(1))
        let record = OutboxRecord(
            offset: 8, batch: ObservationBatch(values(1, gap: 1, from: 605)))
        _ = room.receive([.commit(1, 2, Commit(ingest: "ward-a", records: [record]))])
        #expect(tick(&room, at: 606).isEmpty)
        #expect(room.status().silentLinkCount == 0)
        #expect(room.links(of: twin(1)).allSatisfy { !$0.isSilent })
    }

    @Test(
        arguments: [
            // Too few, too seldom, in one minute only, or long after they were measured.
            (5, 60, 0, false), (7, 901, 0, false), (50, 1, 0, false), (7, 60, 301, false),
            (6, 60, 0, true), (6, 900, 0, true), (400, 1, 0, true), (7, 60, 300, true),
        ] as [(Int, Int64, Int64, Bool)])
    func `only what is sent regularly as it is measured is a link`(
        count: Int, gap: Int64, lag: Int64, isLink: Bool
    ) {
        var room = room(values(count, gap: gap, lag: lag))
        _ = tick(&room, at: Int64(count) * gap)
        #expect(room.status().linkCount == (isLink ? 1 : 0))
    }

    @Test func `a clock without a zone is live though hours off`() {
        var live = room(values(7, gap: 60, lag: 7_200, flags: .zoneUnknown))
        _ = tick(&live, at: 400)
        #expect(live.status().linkCount == 1)
    }

    @Test func `a slow source is given twice its longest gap`() {
        var room = room(values(6, gap: 600))
        #expect(tick(&room, at: 3_000 + 1_200).isEmpty)
        #expect(tick(&room, at: 3_000 + 1_206).count == 1)
    }

    @Test func `after a day nobody waits, and after a discharge nobody either`() {
        var forgotten = room(values(7, gap: 60))
        _ = tick(&forgotten, at: 1_000)
        #expect(forgotten.status().silentLinkCount == 1)
        _ = tick(&forgotten, at: 86_400 + 361)
        #expect(forgotten.status().linkCount == 0)
        var discharge = observation(twin(1), 0, at: start + 400)
        discharge.code = Statement.encounterStatus.code
        discharge.value = .text("discharged")
        var discharged = room(values(7, gap: 60) + [discharge])
        #expect(tick(&discharged, at: 1_000).isEmpty)
        #expect(discharged.status().linkCount == 0)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `what was heard is a function of the set of what was received`(seed: UInt64) {
        var chance = Chance(seed: seed)
        var moments = (0..<40).map { _ in seconds(start + Int64(chance.below(1_500))) }
        var (one, other) = (HeardLink("m"), HeardLink("m"))
        for moment in moments { one.hear(at: moment) }
        moments.shuffle(using: &chance)
        for moment in moments + moments.prefix(9) { other.hear(at: moment) }
        #expect(one.moments == other.moments)
        #expect(one.moments.count == HeardLink.minuteCount)
        #expect(one.moments == one.moments.sorted())
    }

    @Test func `sources of a twin are bounded`() {
        var book = LinkBook()
        for number in 0..<100 {
            for minute in 0..<Int64(7) {
                book.hear(
                    [Hearing(source: "m\(number)", receiveTime: seconds(start + minute * 60))],
                    of: 0)
            }
        }
        #expect(book.links(of: 0, at: seconds(start + 400)).count <= LinkBook.sourceCountMax)
    }
}
