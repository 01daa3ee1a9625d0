import TwinCore

/// Remembers who was merged into whom lately, so that a merge that closes a circle is found while
/// its sender can still be told.
///
/// Only that: whatever it has forgotten, the store makes no circle of.
struct RecentMerges: Sendable {
    private struct Entry {
        var survivor: TwinID
        var at: Instant
    }

    static let countMax = 65_536

    private var entries: [TwinID: Entry] = [:]

    /// Takes note of a merge, or of the undo that names the patient himself; false where it would
    /// close a circle.
    ///
    /// The one that was recorded last holds, whatever the order of arrival.
    mutating func note(_ retired: TwinID, into survivor: TwinID, at time: Instant) -> Bool {
        if let known = entries[retired], known.at > time { return true }
        if retired != survivor {
            var next: TwinID? = survivor
            for _ in 0...entries.count {
                guard let twin = next else { break }
                if twin == retired { return false }
                let onward = entries[twin]?.survivor
                next = onward == twin ? nil : onward
            }
        }
        if entries.count >= RecentMerges.countMax, entries[retired] == nil,
            let oldest = entries.min(by: { $0.value.at < $1.value.at })
        {
            entries[oldest.key] = nil
        }
        entries[retired] = Entry(survivor: survivor, at: time)
        return true
    }
}
