import TwinCore

/// One message of an input on its way to its reply.
struct Part: Sendable {
    enum Outcome: Sendable {
        /// Taken as soon as everything that it waits for is durable.
        case taken
        case refused(Reply)
    }

    /// What the adapter needs to write the reply.
    var context: [UInt8]
    var outcome: Outcome
    /// How it is remembered, if it is.
    var memory: (identity: UInt64, fingerprint: UInt64)?
    /// The tokens that its acknowledgement depends on.
    var dependsOn: [IngestToken] = []
}

/// One input on its way to its replies.
struct Slot: Sendable {
    /// What the room keeps for an input beside its bytes, roughly.
    static let overheadByteCount = 512

    var format: Format?
    var peer: Peer
    var byteCount: Int
    var correlation: UInt64 = 0
    var observationCount = 0
    var parts: [Part] = []
    /// Tokens that have not come back yet.
    var waitsFor: [IngestToken] = []
    var failures: [IngestToken: Refusal] = [:]
}

/// The inputs without replies, and the order in which each sender's replies must leave.
struct SlotBook: Sendable {
    private struct Queue {
        var ids: [UInt64] = []
        var head = 0
    }

    private(set) var byteCount = 0
    private var slots: [UInt64: Slot] = [:]
    private var queues: [Peer: Queue] = [:]
    /// The slots that wait for a token besides the one that made it.
    private var followers: [IngestToken: [UInt64]] = [:]
    private var lastID: UInt64 = 0

    var nextID: UInt64 { lastID + 1 }

    /// The token of a slot's append; that of the quarantine entry number `index` follows it.
    static func token(slot: UInt64, entry index: Int? = nil) -> IngestToken {
        (slot << 12) | UInt64(index.map { min($0 + 1, 4095) } ?? 0)
    }

    /// What has not come back yet of the slot.
    func tokens(slotWaitsFor id: UInt64) -> [IngestToken] { slots[id]?.waitsFor ?? [] }

    /// Adds the slot whose id was ``nextID``.
    mutating func add(_ slot: Slot) {
        lastID += 1
        byteCount += slot.byteCount
        for token in slot.waitsFor where token >> 12 != lastID {
            followers[token, default: []].append(lastID)
        }
        slots[lastID] = slot
        queues[slot.peer, default: Queue()].ids.append(lastID)
    }

    /// Notes that a token came back: the slots that it concerned.
    mutating func resolve(_ token: IngestToken, failure: Refusal?) -> [Slot] {
        var touched: [Slot] = []
        for id in [token >> 12] + (followers.removeValue(forKey: token) ?? []) {
            guard let index = slots[id]?.waitsFor.firstIndex(of: token) else { continue }
            slots[id]?.waitsFor.remove(at: index)
            if let failure { slots[id]?.failures[token] = failure }
            if let slot = slots[id] { touched.append(slot) }
        }
        return touched
    }

    /// The next slot of the sender whose replies may leave, taken out; nil while it must wait.
    mutating func popReady(_ peer: Peer) -> Slot? {
        guard var queue = queues[peer], let slot = slots[queue.ids[queue.head]],
            slot.waitsFor.isEmpty
        else { return nil }
        slots[queue.ids[queue.head]] = nil
        byteCount -= slot.byteCount
        queue.head += 1
        if queue.head == queue.ids.count {
            queues[peer] = nil
        } else {
            if queue.head >= 64, queue.head * 2 > queue.ids.count {
                queue.ids.removeFirst(queue.head)
                queue.head = 0
            }
            queues[peer] = queue
        }
        return slot
    }
}
