import DequeModule
import TwinCore

/// Who follows the store's changes, and what they have not been told yet.
///
/// A watch request is answered once, with changes; between one request and the next the watcher's
/// changes coalesce.
struct WatchDesk: Sendable {
    /// A peer follows one twin, or all, by one request at a time.
    struct Key: Hashable, Comparable, Sendable {
        var peer: TwinRoom.Peer
        var twin: TwinID?

        static func < (left: Key, right: Key) -> Bool {
            (left.peer, left.twin?.text ?? "") < (right.peer, right.twin?.text ?? "")
        }
    }

    /// Of two changes with the same topic the newer says everything that the older said.
    private struct Topic: Hashable {
        var twin: TwinID
        var kind: Change.Kind
        var outcomes: [String]

        init(_ change: Change) {
            twin = change.twin
            kind = change.kind
            outcomes = change.assessments.map(\.assessment.outcome)
        }
    }

    private struct Watcher {
        /// What is to be answered; nil while the watcher has not asked again.
        var request: TwinRoom.Request?
        /// It was told everything up to here.
        var toldCursor: UInt64
        var backlog: [Topic: Change] = [:]
    }

    /// A durable change; nil once a newer one of its topic says everything that it said.
    private struct Recent {
        var cursor: UInt64
        var change: Change?
    }

    /// How many changes are told at once, but for those of one cursor, which stay together.
    static let countMaxAtOnce = 1024
    /// So many places may hold nothing, however few changes there are.
    private static let emptyCountMin = 64

    private let recentCountMax: Int
    private let watcherCountMax: Int
    private let backlogCountMax: Int
    /// Changes that are appended and not durable.
    private var pending = Deque<Change>()
    /// Durable changes, the oldest first.
    private var recent = Deque<Recent>()
    /// How many went from the front of `recent`, and where each topic's newest is, counted with them.
    private var goneCount = 0
    private var newest: [Topic: Int] = [:]
    /// How many places of `recent` hold no change any more.
    private var emptyCount = 0
    /// Changes up to this cursor can't be told any more.
    private var floor: UInt64
    private var watchers: [Key: Watcher] = [:]
    private var keysOfAll: Set<Key> = []
    private var keysOfTwin: [TwinID: Set<Key>] = [:]
    private var restless: Set<Key> = []

    /// How many places the recent changes take.
    var placeCount: Int { recent.count }

    init(_ settings: RoomSettings, floor: UInt64) {
        recentCountMax = max(1, settings.recentChangeCountMax)
        watcherCountMax = settings.watcherCountMax
        backlogCountMax = settings.backlogCountMax
        self.floor = floor
    }

    /// A change was appended; it is told once it is durable.
    mutating func append(_ change: Change) { pending.append(change) }

    /// Takes note of what may be told now.
    mutating func becomeDurable(through cursor: UInt64) {
        while let change = pending.first, change.cursor <= cursor {
            _ = pending.popFirst()
            keep(change)
            if watchers.isEmpty { continue }
            note(change, for: keysOfAll)
            if let keys = keysOfTwin[change.twin] { note(change, for: keys) }
        }
    }

    /// What is said again and again, as every twin's assessments are at a swap, is held once.
    private mutating func keep(_ change: Change) {
        let topic = Topic(change)
        if newest[topic] == nil, newest.count == recentCountMax { forgetOldest() }
        if let place = newest.updateValue(goneCount + recent.count, forKey: topic) {
            recent[place - goneCount].change = nil
            emptyCount += 1
        }
        recent.append(Recent(cursor: change.cursor, change: change))
        if emptyCount > max(WatchDesk.emptyCountMin, newest.count) { closeUp() }
    }

    /// The oldest change that is held can't be told any more.
    private mutating func forgetOldest() {
        while let oldest = recent.popFirst() {
            goneCount += 1
            guard let change = oldest.change else {
                emptyCount -= 1
                continue
            }
            floor = oldest.cursor
            newest[Topic(change)] = nil
            return
        }
    }

    /// Takes out the places that hold nothing: memory is for topics, and not for how often each
    /// was spoken of.
    private mutating func closeUp() {
        recent.removeAll { $0.change == nil }
        (goneCount, emptyCount) = (0, 0)
        for (place, kept) in recent.enumerated() {
            if let change = kept.change { newest[Topic(change)] = place }
        }
    }

    private mutating func note(_ change: Change, for keys: Set<Key>) {
        if keys.isEmpty { return }
        let topic = Topic(change)
        for key in keys {
            watchers[key]?.backlog[topic] = change
            restless.insert(key)
            // One that asks is told at once: only one that has not asked again falls behind.
            if watchers[key]?.backlog.count ?? 0 > backlogCountMax { remove(key) }
        }
    }

    /// A watcher asks for the changes after `cursor`; what is answered at once.
    mutating func watch(
        _ key: Key, _ request: TwinRoom.Request, after cursor: UInt64, durable: UInt64
    ) -> [TwinRoom.Departure] {
        var departures: [TwinRoom.Departure] = []
        if let former = watchers[key]?.request {
            departures.append(.changes(key.peer, former, []))
        }
        if watchers[key]?.toldCursor != cursor {
            remove(key)
            if let refusal = admit(key, after: cursor, durable: durable) {
                return departures + [.refuse(key.peer, request, refusal)]
            }
        }
        watchers[key]?.request = request
        restless.insert(key)
        return departures
    }

    private mutating func admit(_ key: Key, after cursor: UInt64, durable: UInt64) -> Refusal? {
        guard cursor >= floor, cursor <= durable else {
            return Refusal(
                .expired,
                "changes after \(cursor) can't be told, only after \(floor) to \(durable): "
                    + "list the twins, then watch from the status's cursor")
        }
        guard watchers.count < watcherCountMax else {
            return Refusal(.overloaded, "\(watcherCountMax) watchers", retryAfterMs: 1000)
        }
        var watcher = Watcher(toldCursor: cursor)
        for distance in firstRecent(after: cursor)..<recent.count {
            guard let change = recent[distance].change,
                key.twin == nil || key.twin == change.twin
            else { continue }
            watcher.backlog[Topic(change)] = change
        }
        watchers[key] = watcher
        if let twin = key.twin {
            keysOfTwin[twin, default: []].insert(key)
        } else {
            keysOfAll.insert(key)
        }
        return nil
    }

    private func firstRecent(after cursor: UInt64) -> Int {
        var (low, high) = (0, recent.count)
        while low < high {
            let middle = low + (high - low) / 2
            if recent[middle].cursor > cursor { high = middle } else { low = middle + 1 }
        }
        return low
    }

    mutating func remove(_ key: Key) {
        guard watchers.removeValue(forKey: key) != nil else { return }
        keysOfAll.remove(key)
        restless.remove(key)
        guard let twin = key.twin else { return }
        keysOfTwin[twin]?.remove(key)
        if keysOfTwin[twin]?.isEmpty == true { keysOfTwin[twin] = nil }
    }

    mutating func remove(peer: TwinRoom.Peer) {
        for key in watchers.keys where key.peer == peer { remove(key) }
    }

    /// What is to be told now, to those who ask.
    mutating func takeNews() -> [TwinRoom.Departure] {
        if restless.isEmpty { return [] }
        var news: [TwinRoom.Departure] = []
        for key in restless.sorted() {
            guard let watcher = watchers[key], let request = watcher.request,
                !watcher.backlog.isEmpty
            else { continue }
            let changes = WatchDesk.oldest(watcher.backlog)
            for change in changes { watchers[key]?.backlog[Topic(change)] = nil }
            watchers[key]?.request = nil
            watchers[key]?.toldCursor = changes.last?.cursor ?? watcher.toldCursor
            news.append(.changes(key.peer, request, changes))
        }
        restless = []
        return news
    }

    /// The oldest changes of a backlog, in order, without parting those of one cursor.
    private static func oldest(_ backlog: [Topic: Change]) -> [Change] {
        let ordered = backlog.values.sorted {
            ($0.cursor, $0.twin, $0.kind.rawValue) < ($1.cursor, $1.twin, $1.kind.rawValue)
        }
        guard ordered.count > countMaxAtOnce else { return ordered }
        let last = ordered[countMaxAtOnce - 1].cursor
        return Array(ordered.prefix { $0.cursor <= last })
    }
}
