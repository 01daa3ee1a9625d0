public import NIOCore
import Synchronization

/// What every server counts of its connections.
public protocol ConnectionCounts: Sendable {
    var accepted: UInt64 { get set }
    /// Closed at once because there were too many.
    var turnedAway: UInt64 { get set }
    var open: UInt64 { get set }

    init()
}

/// The connections that are open, and what was counted of them.
public final class ConnectionRegistry<Counts: ConnectionCounts>: Sendable {
    private struct State {
        var channels: [UInt64: any Channel] = [:]
        var counts = Counts()
    }

    private let countMax: Int
    private let state = Mutex(State())

    init(countMax: Int) { self.countMax = countMax }

    public var counts: Counts {
        state.withLock { state in
            state.counts.open = UInt64(state.channels.count)
            return state.counts
        }
    }

    /// The new connection's number; nil if there are too many.
    func add(_ channel: any Channel) -> UInt64? {
        state.withLock { state in
            guard state.channels.count < countMax else {
                state.counts.turnedAway += 1
                return nil
            }
            state.counts.accepted += 1
            state.channels[state.counts.accepted] = channel
            return state.counts.accepted
        }
    }

    func remove(_ id: UInt64) { state.withLock { $0.channels[id] = nil } }

    /// Changes what is counted, and returns what the change says of it.
    @discardableResult
    public func count<Said: Sendable>(_ change: (inout Counts) -> Said) -> Said {
        state.withLock { change(&$0.counts) }
    }

    public func channel(_ id: UInt64) -> (any Channel)? { state.withLock { $0.channels[id] } }

    func all() -> [any Channel] { state.withLock { Array($0.channels.values) } }
}
