import TwinCore

/// Remembers the newest messages, so that one that is sent again has no effect.
struct RecentMessages: Sendable {
    enum Verdict: Equatable {
        case new
        /// The same message again; it was taken with this slot.
        case duplicate(slot: UInt64)
        /// The same id with other content.
        case idReused
    }

    private struct Entry {
        var fingerprint: UInt64
        var slot: UInt64
        var at: Instant
    }

    let countMax: Int
    /// By identity; more than one where the id was used again.
    private var entries: [UInt64: [Entry]] = [:]
    private var order: [(identity: UInt64, fingerprint: UInt64, at: Instant)] = []
    private var oldest = 0

    init(countMax: Int) { self.countMax = max(1, countMax) }

    var count: Int { order.count - oldest }

    func verdict(identity: UInt64, fingerprint: UInt64) -> Verdict {
        guard let known = entries[identity] else { return .new }
        return known.first { $0.fingerprint == fingerprint }.map { .duplicate(slot: $0.slot) }
            ?? .idReused
    }

    mutating func remember(identity: UInt64, fingerprint: UInt64, slot: UInt64, at now: Instant) {
        while count >= countMax { forgetOldest() }
        entries[identity, default: []].append(Entry(fingerprint: fingerprint, slot: slot, at: now))
        order.append((identity, fingerprint, now))
    }

    /// Forgets a message that could not be kept after all.
    mutating func forget(identity: UInt64, fingerprint: UInt64) {
        guard var known = entries[identity] else { return }
        known.removeAll { $0.fingerprint == fingerprint }
        entries[identity] = known.isEmpty ? nil : known
    }

    mutating func forget(before instant: Instant) {
        while oldest < order.count, order[oldest].at < instant { forgetOldest() }
    }

    private mutating func forgetOldest() {
        guard oldest < order.count else { return }
        let first = order[oldest]
        oldest += 1
        if var known = entries[first.identity] {
            // One that was forgotten and sent again is younger than this line of the order.
            known.removeAll { $0.fingerprint == first.fingerprint && $0.at <= first.at }
            entries[first.identity] = known.isEmpty ? nil : known
        }
        if oldest >= 1024, oldest * 2 > order.count {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
