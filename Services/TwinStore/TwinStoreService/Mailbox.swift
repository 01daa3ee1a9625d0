import Dispatch
import Synchronization

/// Letters from any thread to one, in bulk.
final class Mailbox<Letter: Sendable>: Sendable {
    private struct Box: Sendable {
        var letters: [Letter] = []
        var isClosed = false
    }

    private let box = Mutex(Box())
    private let bell = DispatchSemaphore(value: 0)

    func post(_ letters: [Letter]) {
        if letters.isEmpty { return }
        let wasEmpty = box.withLock { box in
            if box.isClosed { return false }
            defer { box.letters += letters }
            return box.letters.isEmpty
        }
        if wasEmpty { bell.signal() }
    }

    /// The letters that are there, after at most `waitingMs`; nil once it is closed and empty.
    func take(waitingMs: Int) -> [Letter]? {
        _ = bell.wait(timeout: .now() + .milliseconds(waitingMs))
        return box.withLock { box in
            if box.letters.isEmpty, box.isClosed { return nil }
            defer { box.letters = [] }
            return box.letters
        }
    }

    /// What comes from now on is not taken.
    func close() {
        box.withLock { $0.isClosed = true }
        bell.signal()
    }
}
