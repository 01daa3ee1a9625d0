import Foundation
import Synchronization

/// What waits for one thread: handed in from any thread one or many at a time, taken in bulk.
///
/// The count is not bounded here: who posts is bounded by the credits it was given.
public final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    public init() {}

    public func post(_ elements: [Element]) {
        let wasEmpty = state.withLock { state in
            let wasEmpty = state.waiting.isEmpty && !state.isClosed
            state.waiting += elements
            return wasEmpty
        }
        if wasEmpty, !elements.isEmpty { bell.signal() }
    }

    /// Lets `take` return nil once everything was taken.
    public func close() {
        state.withLock { $0.isClosed = true }
        bell.signal()
    }

    /// Waits for something and takes all of it; nil after the end.
    public func take() -> [Element]? {
        while true {
            let (taken, isClosed) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isClosed)
            }
            if !taken.isEmpty { return taken }
            if isClosed { return nil }
            bell.wait()
        }
    }
}

/// A thread that runs one loop and can be waited for.
public final class LoopThread: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    /// Starts at once.
    public init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread { [ended] in
            body()
            ended.signal()
        }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Waits for the end; once.
    public func join() { ended.wait() }
}
