import Synchronization

/// Counts what was seen, from any thread.
final class Seen: Sendable {
    private let notes = Mutex(0)

    var count: Int { notes.withLock { $0 } }
    func note() { notes.withLock { $0 += 1 } }
}
