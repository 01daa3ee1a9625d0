import TwinCore
import TwinStoreCore

/// After a restart: what was heard of the devices before, made again of what is stored.
///
/// One twin after another, so that nobody waits for it.
struct Recall: Sendable {
    private static let reachMax: Revision = 4_096
    private static let observationCountMax = 100_000

    private var waiting: [(twin: TwinID, revision: Revision)] = []
    private var isBegun = false
    private var isUnderWay = false

    /// Takes the twins that are to be recalled, the first time.
    mutating func begin(_ twins: () -> [(twin: TwinID, revision: Revision)]) {
        guard !isBegun else { return }
        isBegun = true
        waiting = twins().reversed()
    }

    /// The next twin, once the last one is done.
    mutating func next() -> (twin: TwinID, revision: Revision)? {
        guard !isUnderWay, let next = waiting.popLast() else { return nil }
        isUnderWay = true
        return next
    }

    mutating func finished() { isUnderWay = false }

    /// What was heard last: further and further back, until it tells the rhythm of every source.
    static func hearings(
        of twin: TwinID, through revision: Revision, in engine: any TwinEngine
    ) -> [Hearing] {
        var reach: Revision = 64
        var best: [Hearing] = []
        while true {
            let after = revision > reach ? revision - reach : 0
            guard
                let stored = try? engine.observations(
                    of: twin, after: after, through: revision, limit: observationCountMax),
                stored.weight < observationCountMax
            else { return best }
            best = Hearing.live(stored.lazy.map(\.observation)).hearings
            let times = stored.map(\.observation.receiveTime)
            let span = times.max().flatMap { last in times.min().map { last.seconds(since: $0) } }
            // Two hours tell every rhythm that counts as regular.
            if after == 0 || reach >= reachMax || (span ?? 0) > 7_200 { return best }
            reach *= 8
        }
    }
}
