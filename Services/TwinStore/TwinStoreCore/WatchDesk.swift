import TwinCore

/// Who follows the store's changes, and what they have not been told yet.
struct WatchDesk: Sendable {
    struct Key: Hashable, Comparable, Sendable {
        var peer: TwinRoom.Peer
        var request: TwinRoom.Request

        static func < (left: Key, right: Key) -> Bool {
            (left.peer, left.request) < (right.peer, right.request)
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
        var twin: TwinID?
        /// The last changes are on their way: it can be told more.
        var isReady = true
        var backlog: [Topic: Change] = [:]
    }

    /// How many changes are told at once, but for those of one cursor, which stay together.
    static let countMaxAtOnce = 1024

    private let recentCountMax: Int
    private let watcherCountMax: Int
    private let backlogCountMax: Int
    /// Changes that are appended and not durable.
    private var pending = Queue<Change>()
    /// Durable changes, the oldest first.
    private var recent = Queue<Change>()
    /// Changes up to this cursor can't be told any more.
    private var floor: UInt64
    private var watchers: [Key: Watcher] = [:]
    private var keysOfAll: Set<Key> = []
    private var keysOfTwin: [TwinID: Set<Key>] = [:]
    private var restless: Set<Key> = []

    init(_ settings: RoomSettings, floor: UInt64) {
        recentCountMax = max(1, settings.recentChangeCountMax)
        watcherCountMax = settings.watcherCountMax
        backlogCountMax = settings.backlogCountMax
        self.floor = floor
    }

    /// A change was appended; it is told once it is durable.
    mutating func append(_ change: Change) { pending.append(change) }

    /// Tells what has become durable; says which watchers fell too far behind to be told.
    mutating func becomeDurable(through cursor: UInt64) -> [Key] {
        var lost: [Key] = []
        while let change = pending.first, change.cursor <= cursor {
            _ = pending.popFirst()
            if recent.count == recentCountMax { floor = recent.popFirst()?.cursor ?? floor }
            recent.append(change)
            if watchers.isEmpty { continue }
            lost += tell(change, keysOfAll)
            if let keys = keysOfTwin[change.twin] { lost += tell(change, keys) }
        }
        return lost.sorted()
    }

    private mutating func tell(_ change: Change, _ keys: Set<Key>) -> [Key] {
        if keys.isEmpty { return [] }
        var lost: [Key] = []
        let topic = Topic(change)
        for key in keys {
            watchers[key]?.backlog[topic] = change
            restless.insert(key)
            guard watchers[key]?.backlog.count ?? 0 > backlogCountMax else { continue }
            remove(key)
            lost.append(key)
        }
        return lost
    }

    /// Starts to tell changes after `cursor`; says why not, where that can't be.
    mutating func watch(
        _ key: Key, after cursor: UInt64, durable: UInt64, twin: TwinID?
    )
        -> Refusal?
    {
        guard cursor >= floor, cursor <= durable else {
            return Refusal(
                .expired,
                "changes after \(cursor) can't be told, only after \(floor) to \(durable): "
                    + "list the twins, then watch from the status's cursor")
        }
        guard watchers[key] != nil || watchers.count < watcherCountMax else {
            return Refusal(.overloaded, "\(watcherCountMax) watchers", retryAfterMs: 1000)
        }
        remove(key)
        var watcher = Watcher(twin: twin)
        for distance in 0..<recent.count {
            guard let change = recent[distance], change.cursor > cursor,
                twin == nil || twin == change.twin
            else { continue }
            watcher.backlog[Topic(change)] = change
        }
        watchers[key] = watcher
        if let twin {
            keysOfTwin[twin, default: []].insert(key)
        } else {
            keysOfAll.insert(key)
        }
        restless.insert(key)
        return nil
    }

    mutating func taken(_ key: Key) {
        watchers[key]?.isReady = true
        restless.insert(key)
    }

    mutating func remove(_ key: Key) {
        guard let watcher = watchers.removeValue(forKey: key) else { return }
        keysOfAll.remove(key)
        restless.remove(key)
        guard let twin = watcher.twin else { return }
        keysOfTwin[twin]?.remove(key)
        if keysOfTwin[twin]?.isEmpty == true { keysOfTwin[twin] = nil }
    }

    mutating func remove(peer: TwinRoom.Peer) {
        for key in watchers.keys where key.peer == peer { remove(key) }
    }

    /// What is to be told now, to those who can take it.
    mutating func takeNews() -> [TwinRoom.Departure] {
        if restless.isEmpty { return [] }
        var news: [TwinRoom.Departure] = []
        for key in restless.sorted() {
            guard let watcher = watchers[key], watcher.isReady, !watcher.backlog.isEmpty else {
                continue
            }
            let changes = WatchDesk.oldest(watcher.backlog)
            for change in changes { watchers[key]?.backlog[Topic(change)] = nil }
            watchers[key]?.isReady = false
            news.append(.changes(key.peer, key.request, changes))
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
