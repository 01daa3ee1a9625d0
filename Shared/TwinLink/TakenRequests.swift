import DequeModule
import TwinCore

/// The peer's requests that are in work here, and the replies that it may ask for again.
struct TakenRequests: Sendable {
    enum Taking {
        case new(ticket: UInt64)
        /// In work, answered again, or not to be taken now: the peer asks again if it must.
        case nothing
        case refused(Refusal)
    }

    private struct Work: Sendable {
        var correlation: UInt64
        var byteCount: Int
        var deadline: Instant?
    }

    struct Reply: Sendable {
        var correlation: UInt64
        var payload: Payload

        var heldByteCount: Int { payload.byteCount + LinkLimits.overheadByteCount }
    }

    private let limits: LinkLimits
    private var works: [UInt64: Work] = [:]
    private var tickets: [UInt64: UInt64] = [:]
    private var workByteCount = 0
    private var nextTicket: UInt64 = 1
    private var unsent = Deque<Reply>()
    private var unsentByteCount = 0
    private var remembered: [UInt64: Payload] = [:]
    private var memory = Deque<Reply>()
    private var memoryByteCount = 0
    private var quietUntil = Instant(microsecondsSinceEpoch: .max)

    init(limits: LinkLimits) { self.limits = limits }

    var hasReply: Bool { !unsent.isEmpty }
    /// The peer does not read its replies: nothing more is taken from it.
    var isPaused: Bool { unsentByteCount > limits.queueByteCountMax }

    /// Tickets, not the peer's correlations, go to who answers: a late answer to a peer that has
    /// come back without memory must not pass for the answer to its new request.
    mutating func take(_ header: LinkHeader, _ payload: Payload, at now: Instant) -> Taking {
        guard tickets[header.correlation] == nil, !isPaused else { return .nothing }
        if let reply = remembered[header.correlation] {
            enqueue(Reply(correlation: header.correlation, payload: reply))
            return .nothing
        }
        if let refusal = refusal(of: payload) { return .refused(refusal) }
        let ticket = newTicket(for: header.correlation)
        var work = Work(correlation: header.correlation, byteCount: payload.byteCount)
        if header.deadlineMs > 0 {
            let deadline = now.adding(milliseconds: Int(header.deadlineMs))
            work.deadline = deadline
            quietUntil = min(quietUntil, deadline)
        }
        works[ticket] = work
        tickets[header.correlation] = ticket
        workByteCount += work.byteCount
        return .new(ticket: ticket)
    }

    private func refusal(of payload: Payload) -> Refusal? {
        if limits.windowCount == 0 {
            return Refusal(.unsupported, "this side takes no requests")
        }
        guard limits.takes(payload), UInt64(payload.byteCount) <= limits.windowByteCount else {
            return Refusal(
                .tooLarge,
                "a request of \(payload.byteCount) bytes; at most \(limits.windowByteCount) bytes "
                    + "in frames of at most \(limits.frameByteCountMax) bytes are taken")
        }
        guard works.count < Int(limits.windowCount),
            UInt64(workByteCount + payload.byteCount) <= limits.windowByteCount
        else {
            return Refusal(
                .overloaded, "the window of unanswered requests is full",
                retryAfterMs: UInt32(clamping: limits.resendMsFirst))
        }
        return nil
    }

    /// Queues the reply; returns what the peer is told instead if the reply can't travel.
    ///
    /// A ticket that is no longer open has no effect.
    mutating func reply(_ payload: Payload, ticket: UInt64) -> (UInt64, Refusal)? {
        guard let work = end(ticket) else { return nil }
        guard limits.takes(payload) else {
            return (work.correlation, Refusal(.tooLarge, "the reply is larger than the link takes"))
        }
        let reply = Reply(correlation: work.correlation, payload: payload)
        enqueue(reply)
        remember(reply)
        return nil
    }

    mutating func nextReply() -> Reply? {
        guard let reply = unsent.popFirst() else { return nil }
        unsentByteCount -= reply.heldByteCount
        return reply
    }

    /// Ends what came too late to answer.
    mutating func tick(at now: Instant) {
        guard now >= quietUntil else { return }
        quietUntil = Instant(microsecondsSinceEpoch: .max)
        for (ticket, work) in works {
            guard let deadline = work.deadline else { continue }
            if deadline <= now { _ = end(ticket) } else { quietUntil = min(quietUntil, deadline) }
        }
    }

    /// The peer has come back without memory: what it asked before concerns nobody.
    mutating func forget() {
        let ticket = nextTicket
        self = TakenRequests(limits: limits)
        nextTicket = ticket
    }

    private mutating func newTicket(for correlation: UInt64) -> UInt64 {
        #if DEBUG
        if limits.plantedBug == .staleAnswer { return correlation }
        #endif
        defer { nextTicket &+= 1 }
        return nextTicket
    }

    private mutating func end(_ ticket: UInt64) -> Work? {
        guard let work = works.removeValue(forKey: ticket) else { return nil }
        tickets[work.correlation] = nil
        workByteCount -= work.byteCount
        return work
    }

    private mutating func enqueue(_ reply: Reply) {
        unsent.append(reply)
        unsentByteCount += reply.heldByteCount
    }

    private mutating func remember(_ reply: Reply) {
        guard reply.heldByteCount <= limits.replyMemoryByteCountMax else { return }
        memoryByteCount += reply.heldByteCount
        remembered[reply.correlation] = reply.payload
        memory.append(reply)
        while memoryByteCount > limits.replyMemoryByteCountMax, let oldest = memory.popFirst() {
            memoryByteCount -= oldest.heldByteCount
            remembered[oldest.correlation] = nil
        }
    }
}
