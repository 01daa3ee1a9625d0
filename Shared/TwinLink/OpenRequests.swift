import DequeModule
import TwinCore

/// The requests of this side that have neither a reply nor a failure.
struct OpenRequests: Sendable {
    private struct Entry: Sendable {
        var payload: Payload
        var trace: UInt64
        var deadline: Instant?
        /// Tells this request from an earlier one of the same correlation.
        var sequence: UInt64
        /// Counts in the peer's window.
        var isInFlight = false
        var isQueued = true
        /// When it is sent (again); nil while it waits for its first sending.
        var dueAt: Instant?
        var resendMs: Int

        var heldByteCount: Int { payload.byteCount + LinkLimits.overheadByteCount }
    }

    private struct Slot: Sendable {
        var correlation: UInt64
        var sequence: UInt64
    }

    private let limits: LinkLimits
    private var entries: [UInt64: Entry] = [:]
    private var queue = Deque<Slot>()
    private var nextSequence: UInt64 = 0
    private var heldByteCount = 0
    private var flightCount = 0
    private var flightByteCount = 0
    /// Nothing expires and nothing is due before; spares looking at each at every tick.
    private var quietUntil = Instant(microsecondsSinceEpoch: .max)
    /// How many times a request was sent again.
    private(set) var resentCount: UInt64 = 0

    init(limits: LinkLimits) { self.limits = limits }

    var count: Int { entries.count }

    mutating func add(
        _ payload: Payload, correlation: UInt64, deadlineMs: UInt32, trace: UInt64, at now: Instant
    ) -> LinkFailure? {
        guard limits.takes(payload) else { return .tooLarge }
        guard entries[correlation] == nil else { return .repeated }
        var entry = Entry(
            payload: payload, trace: trace, sequence: nextSequence, resendMs: limits.resendMsFirst)
        // What is larger than the queue passes when the queue is empty.
        guard heldByteCount == 0 || heldByteCount + entry.heldByteCount <= limits.queueByteCountMax
        else { return .overloaded }
        if deadlineMs > 0 {
            let deadline = now.adding(milliseconds: Int(deadlineMs))
            entry.deadline = deadline
            quietUntil = min(quietUntil, deadline)
        }
        nextSequence &+= 1
        heldByteCount += entry.heldByteCount
        entries[correlation] = entry
        enqueue(Slot(correlation: correlation, sequence: entry.sequence))
        return nil
    }

    /// Ends a request; false if it is not open.
    mutating func remove(_ correlation: UInt64) -> Bool {
        guard let entry = entries.removeValue(forKey: correlation) else { return false }
        heldByteCount -= entry.heldByteCount
        if entry.isInFlight { land(entry.payload) }
        return true
    }

    /// Ends all of them, the oldest first.
    mutating func removeAll() -> [UInt64] {
        let correlations = oldestFirst.map(\.correlation)
        for correlation in correlations { _ = remove(correlation) }
        queue.removeAll()
        return correlations
    }

    /// The peer asked for patience: the request leaves its window and goes again later.
    mutating func postpone(_ correlation: UInt64, byMs delayMs: UInt32, at now: Instant) {
        guard let entry = entries[correlation], entry.isInFlight else { return }
        land(entry.payload)
        let dueAt = now.adding(milliseconds: Int(delayMs))
        entries[correlation]?.isInFlight = false
        entries[correlation]?.dueAt = dueAt
        quietUntil = min(quietUntil, dueAt)
    }

    /// Everything goes again, the oldest first: the peer may know none of it.
    mutating func requeue() {
        #if DEBUG
        if limits.plantedBug == .noResend { return }
        #endif
        queue.removeAll()
        for slot in oldestFirst {
            queue.append(slot)
            entries[slot.correlation]?.isQueued = true
            entries[slot.correlation]?.isInFlight = false
            entries[slot.correlation]?.resendMs = limits.resendMsFirst
        }
        flightCount = 0
        flightByteCount = 0
    }

    /// Ends what is too late and queues what is due; returns the ended.
    mutating func tick(at now: Instant) -> [UInt64] {
        guard now >= quietUntil else { return [] }
        var expired: [Slot] = []
        var due: [Slot] = []
        quietUntil = Instant(microsecondsSinceEpoch: .max)
        for (correlation, entry) in entries {
            let slot = Slot(correlation: correlation, sequence: entry.sequence)
            if let deadline = entry.deadline, deadline <= now {
                expired.append(slot)
                continue
            }
            if let dueAt = entry.dueAt, !entry.isQueued {
                if dueAt <= now { due.append(slot) } else { quietUntil = min(quietUntil, dueAt) }
            }
            if let deadline = entry.deadline { quietUntil = min(quietUntil, deadline) }
        }
        #if DEBUG
        if limits.plantedBug == .noResend { due = [] }
        #endif
        for slot in due.sorted(by: { $0.sequence < $1.sequence }) {
            entries[slot.correlation]?.isQueued = true
            enqueue(slot)
        }
        expired.sort { $0.sequence < $1.sequence }
        for slot in expired { _ = remove(slot.correlation) }
        return expired.map(\.correlation)
    }

    /// Whether `next` would give something.
    mutating func hasNext(for peer: Hello) -> Bool { sendable(for: peer) != nil }

    /// The next request that fits in the peer's window, and how much time is left for it.
    mutating func next(
        for peer: Hello, at now: Instant
    ) -> (
        correlation: UInt64, deadlineMs: UInt32, trace: UInt64, payload: Payload
    )? {
        guard let slot = sendable(for: peer), var entry = entries[slot.correlation] else {
            return nil
        }
        _ = queue.popFirst()
        if entry.dueAt != nil { resentCount &+= 1 }
        if !entry.isInFlight {
            flightCount += 1
            flightByteCount += entry.payload.byteCount
        }
        let dueAt = now.adding(milliseconds: entry.resendMs)
        entry.isInFlight = true
        entry.isQueued = false
        entry.dueAt = dueAt
        entry.resendMs = min(entry.resendMs * 2, limits.resendMsMax)
        entries[slot.correlation] = entry
        quietUntil = min(quietUntil, dueAt)
        return (slot.correlation, leftMs(entry.deadline, at: now), entry.trace, entry.payload)
    }

    private mutating func sendable(for peer: Hello) -> Slot? {
        while let slot = queue.first {
            guard let entry = entries[slot.correlation], entry.sequence == slot.sequence else {
                _ = queue.popFirst()
                continue
            }
            // With nothing in flight even what does not fit is sent: the peer refuses it and says
            // why, which is better than waiting for ever.
            let fits =
                entry.isInFlight || flightCount == 0
                || (flightCount < Int(peer.windowCount)
                    && UInt64(flightByteCount + entry.payload.byteCount) <= peer.windowByteCount)
            return fits ? slot : nil
        }
        return nil
    }

    private var oldestFirst: [Slot] {
        entries.map { Slot(correlation: $0.key, sequence: $0.value.sequence) }
            .sorted { $0.sequence < $1.sequence }
    }

    private mutating func land(_ payload: Payload) {
        flightCount -= 1
        flightByteCount -= payload.byteCount
    }

    private mutating func enqueue(_ slot: Slot) {
        queue.append(slot)
        // Ended requests stay in the queue until they come to its head.
        if queue.count > 2 * entries.count + 64 {
            queue.removeAll { slot in entries[slot.correlation]?.sequence != slot.sequence }
        }
    }

    /// At least 1: 0 would mean that there is no deadline.
    private func leftMs(_ deadline: Instant?, at now: Instant) -> UInt32 {
        guard let deadline else { return 0 }
        let left = deadline.microsecondsSinceEpoch.subtractingReportingOverflow(
            now.microsecondsSinceEpoch)
        return left.overflow ? .max : UInt32(clamping: max(1, left.partialValue / 1000))
    }
}
