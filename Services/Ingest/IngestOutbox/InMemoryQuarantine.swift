public import TwinCore
import TwinJournal

/// A quarantine in memory, with the same promises but one: it ends with its process.
public final class InMemoryQuarantine: Quarantine {
    private struct State {
        var entries: [UInt64: QuarantinedInput] = [:]
        var nextID: UInt64 = 1
        var heldByteCount = 0
    }

    private let limits: QuarantineLimits
    private let state = Monitor(State())

    public init(limits: QuarantineLimits = QuarantineLimits()) { self.limits = limits }

    public func add(
        _ bytes: [UInt8], refusal: Refusal, receiveTime: Instant, source: Source, format: String
    ) throws(QuarantineError) -> UInt64 {
        try state.withLock { state throws(QuarantineError) in
            try limits.check(
                bytes.count, heldByteCount: state.heldByteCount, entryCount: state.entries.count)
            let id = state.nextID
            let summary = QuarantineSummary(
                id: id, refusal: refusal, receiveTime: receiveTime, source: source,
                format: format, byteCount: bytes.count)
            state.entries[id] = QuarantinedInput(summary: summary, bytes: bytes)
            state.heldByteCount += bytes.count
            state.nextID += 1
            return id
        }
    }

    public func list(after id: UInt64, limit: Int) -> [QuarantineSummary] {
        state.look { state in
            let ids = state.entries.keys.filter { $0 > id }.sorted().prefix(max(0, limit))
            return ids.compactMap { state.entries[$0]?.summary }
        }
    }

    public func entry(_ id: UInt64) -> QuarantinedInput? { state.look { $0.entries[id] } }

    public func remove(_ id: UInt64) {
        state.withLock { state in
            state.heldByteCount -= state.entries.removeValue(forKey: id)?.bytes.count ?? 0
        }
    }

    public var entryCount: Int { state.look { $0.entries.count } }
    public var heldByteCount: Int { state.look { $0.heldByteCount } }
}
