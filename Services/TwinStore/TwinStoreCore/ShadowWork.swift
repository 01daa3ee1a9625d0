import DequeModule
import TwinCore

/// How far one shadow has come with the twins.
///
/// It is kept apart from what the room knows of the twins: whatever happens to a shadow, no twin
/// is behind or poisoned because of it.
struct ShadowWork: Sendable {
    let release: Activation
    /// Twins with fresh features, the longest waiting first.
    private var fresh = Deque<TwinIndex>()
    private var queued: Set<TwinIndex> = []
    /// Twins from here on may not have been scored, though they are not queued.
    private var sweep = 0
    private var inFlight: Set<TwinIndex> = []
    /// By twin the count of its features that was scored; 0 for none.
    private var serials: [UInt32] = []
    /// Failures since the last success.
    var failureCount = 0
    var restUntilMs: UInt64 = 0
    /// Counts the orders, so that every shadow has its turn.
    private(set) var turnCount: UInt64 = 0

    init(_ release: Activation) { self.release = release }

    mutating func note(_ twin: TwinIndex) {
        if queued.insert(twin).inserted { fresh.append(twin) }
    }

    mutating func order(_ twin: TwinIndex) {
        inFlight.insert(twin)
        turnCount += 1
    }

    mutating func finish(_ twin: TwinIndex) { inFlight.remove(twin) }

    /// The features of that count need no more be scored.
    mutating func settle(_ twin: TwinIndex, _ serial: UInt32) {
        if serials.count <= Int(twin) {
            serials += Array(repeating: 0, count: Int(twin) + 1 - serials.count)
        }
        serials[Int(twin)] = serial
    }

    private func isDue(_ twin: TwinIndex, _ entries: [TwinEntry]) -> Bool {
        let serial = entries[Int(twin)].featureSerial
        let known = Int(twin) < serials.count ? serials[Int(twin)] : 0
        return serial > 0 && serial != known && !inFlight.contains(twin)
    }

    func dueCount(of entries: [TwinEntry]) -> Int {
        inFlight.count + entries.indices.count { isDue(TwinIndex($0), entries) }
    }

    /// The next twin to score.
    mutating func next(of entries: [TwinEntry]) -> TwinIndex? {
        while let twin = fresh.popFirst() {
            queued.remove(twin)
            if isDue(twin, entries) { return twin }
        }
        while sweep < entries.count {
            let twin = TwinIndex(sweep)
            sweep += 1
            if isDue(twin, entries) { return twin }
        }
        return nil
    }
}

/// An order to a shadow that is in flight.
struct ShadowTask: Sendable {
    let outcome: String
    /// Of the shadow's release.
    let epoch: UInt64
    let twin: TwinIndex
    let worker: TwinRoom.Peer
    let revision: Revision
    let featureSerial: UInt32
    let deadlineMs: UInt64
}
