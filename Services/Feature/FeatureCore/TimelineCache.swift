import TwinCore

/// Timelines of the twins that were worked on last.
///
/// It only ever saves work: whatever it forgets, the store sends again.
struct TimelineCache: Sendable {
    struct Key: Hashable, Sendable {
        var twin: TwinID
        var modality: Modality
    }

    struct Entry: Sendable {
        var timeline: Timeline
        /// The twin's revision up to which the timeline holds everything.
        var revision: Revision
    }

    private struct Slot: Sendable {
        var entry: Entry
        var byteCount: Int
        var stamp: UInt64
    }

    private let twinCountMax: Int
    private let byteCountMax: Int
    private var slots: [Key: Slot] = [:]
    private var keyByStamp: [UInt64: Key] = [:]
    /// No stamp in use is less.
    private var oldestStamp: UInt64 = 0
    private var nextStamp: UInt64 = 0
    private(set) var byteCount = 0

    init(twinCountMax: Int, byteCountMax: Int) {
        self.twinCountMax = twinCountMax
        self.byteCountMax = byteCountMax
    }

    var count: Int { slots.count }

    func revision(of key: Key) -> Revision? { slots[key]?.entry.revision }

    /// Hands an entry over, so that it can be changed in place.
    mutating func take(_ key: Key) -> Entry? {
        guard let slot = slots.removeValue(forKey: key) else { return nil }
        keyByStamp[slot.stamp] = nil
        byteCount -= slot.byteCount
        return slot.entry
    }

    /// Keeps an entry, and forgets those longest unused until the bounds hold.
    mutating func put(_ key: Key, _ entry: Entry) {
        _ = take(key)
        let slot = Slot(entry: entry, byteCount: entry.timeline.byteCount, stamp: nextStamp)
        nextStamp += 1
        slots[key] = slot
        keyByStamp[slot.stamp] = key
        byteCount += slot.byteCount
        while slots.count > twinCountMax || byteCount > byteCountMax, forgetOldest() {}
    }

    private mutating func forgetOldest() -> Bool {
        while oldestStamp < nextStamp {
            let key = keyByStamp[oldestStamp]
            oldestStamp += 1
            if let key {
                _ = take(key)
                return true
            }
        }
        return false
    }
}
