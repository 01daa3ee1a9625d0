import Foundation
import Synchronization

/// What waits for one thread: handed in from any thread one or many at a time, taken in bulk.
///
/// The count is not bounded here: who posts is bounded by the credits it was given.
public final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var isNudged = false
        var isClosed = false
        /// Whether the bell was rung and nobody has answered it.
        var isRung = false

        /// Says whether to ring.
        mutating func ring() -> Bool {
            defer { isRung = true }
            return !isRung
        }
    }

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    public init() {}

    /// Hands in; after the end nothing is taken any more.
    public func post(_ elements: [Element]) {
        let rings = state.withLock { state in
            guard !state.isClosed, !elements.isEmpty else { return false }
            state.waiting += elements
            return state.ring()
        }
        if rings { bell.signal() }
    }

    /// Lets `take` return, with nothing if nothing waits; false after the end.
    public func nudge() -> Bool {
        let (isOpen, rings) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.isNudged = true
            return (true, state.ring())
        }
        if rings { bell.signal() }
        return isOpen
    }

    /// Lets `take` return nil once everything was taken.
    public func close() {
        let rings = state.withLock { state in
            state.isClosed = true
            return state.ring()
        }
        if rings { bell.signal() }
    }

    /// Takes what is there already, and waits for nothing; nil after the end.
    public func takeAtOnce() -> [Element]? {
        state.withLock { state in
            if state.waiting.isEmpty, state.isClosed { return nil }
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Waits for something and takes all of it; nil after the end.
    public func take() -> [Element]? {
        while true {
            let (taken, isNudged, isClosed) = state.withLock { state in
                defer {
                    state.waiting = []
                    state.isNudged = false
                }
                return (state.waiting, state.isNudged, state.isClosed)
            }
            if !taken.isEmpty { return taken }
            if isClosed { return nil }
            if isNudged { return [] }
            bell.wait()
            state.withLock { $0.isRung = false }
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
