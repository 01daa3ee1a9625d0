import Testing
import TwinCore
import TwinStoreCore

struct WatchPropertyTests {
    /// A client that follows the store: it lists the twins, watches on, and begins anew when told to.
    private struct Client {
        var request: TwinRoom.Request = 0
        var cursor: UInt64 = 0
        var revisions: [TwinID: Revision] = [:]
        var isWatching = false

        mutating func list(_ room: inout TwinRoom) {
            cursor = room.durableCursor
            for summary in room.twins(after: nil, limit: 100) {
                revisions[summary.id] = summary.revision
            }
        }

        mutating func take(_ departures: [TwinRoom.Departure]) -> [String] {
            var violations: [String] = []
            for departure in departures {
                switch departure {
                case .refuse(8, request, _): isWatching = false
                case .changes(8, request, let changes):
                    isWatching = false
                    for change in changes {
                        if change.cursor < cursor { violations.append("the cursor went back") }
                        cursor = change.cursor
                        revisions[change.twin] = change.revision
                    }
                default: break
                }
            }
            return violations
        }
    }

    @Test(arguments: UInt64(1)...30)
    func `a client that watches ends up knowing every twin's revision`(seed: UInt64) {
        var chance = Chance(seed: seed)
        var settings = RoomSettings()
        // Fewer than there are twins.
        settings.recentChangeCountMax = 6
        settings.backlogCountMax = 5
        var ward = Ward(settings: settings)
        var client = Client()
        var violations: [String] = []
        var offset: UInt64 = 0
        var known: [TwinID: Revision] = [:]
        func attend(_ isPatient: Bool) {
            if client.isWatching, isPatient || chance.happens(80) { return }
            if !isPatient, chance.happens(20) { client.list(&ward.room) }
            client.request += 1
            client.isWatching = true
            let departures = ward.take(
                .watch(8, client.request, cursor: client.cursor, twin: nil))
            if departures.refusals == [.expired] { client.list(&ward.room) }
            violations += client.take(departures)
        }
        for _ in 0..<400 {
            if chance.happens(70) {
                offset += 1
                let id = twin(chance.below(8))
                known[id, default: 0] += 1
                violations += client.take(
                    ward.take(.commit(1, offset, commit(offset...offset, [id]))))
            } else {
                attend(false)
            }
        }
        for _ in 0..<30 { attend(true) }
        #expect(violations.isEmpty, "seed \(seed)")
        #expect(client.revisions == known, "seed \(seed)")
    }
}
