import TwinCore

/// How replies leave: in each sender's order, and never before what they promise is durable.
extension IngestRoom {
    mutating func resolve(_ token: IngestToken, failure: Refusal?) -> [Departure] {
        var departures: [Departure] = []
        for slot in slots.resolve(token, failure: failure) {
            if failure != nil { forget(slot, token) }
            departures += flush(slot.peer)
        }
        return departures
    }

    /// A message that was not kept must be taken when it comes again.
    private mutating func forget(_ slot: Slot, _ token: IngestToken) {
        for part in slot.parts where part.dependsOn.contains(token) {
            guard let memory = part.memory else { continue }
            recent.forget(identity: memory.identity, fingerprint: memory.fingerprint)
        }
    }

    /// Everything that the sender may be told now.
    mutating func flush(_ peer: Peer) -> [Departure] {
        var departures: [Departure] = []
        while let slot = slots.popReady(peer) {
            let own = slot.parts.map { departure(of: $0, in: slot) }
            departures += joined(own, slot) ?? own
        }
        return departures
    }

    /// The one departure of an input that is answered whole; nil where each message is answered.
    private func joined(_ departures: [Departure], _ slot: Slot) -> [Departure]? {
        guard let format = slot.format, let adapter = adapters[format] else { return nil }
        var replies: [[UInt8]] = []
        var isTaken = false
        for departure in departures {
            switch departure {
            case .acknowledge(_, .bytes(let bytes)):
                isTaken = true
                replies.append(bytes)
            case .refuse(_, .bytes(let bytes)): replies.append(bytes)
            default: return nil
            }
        }
        guard let reply = adapter.reply(joining: replies) else { return nil }
        return [
            isTaken ? .acknowledge(slot.peer, .bytes(reply)) : .refuse(slot.peer, .bytes(reply))
        ]
    }

    private mutating func departure(of part: Part, in slot: Slot) -> Departure {
        if case .refused(let reply) = part.outcome {
            counts.refused += 1
            return .refuse(slot.peer, reply)
        }
        let failure = part.dependsOn.lazy.compactMap { slot.failures[$0] }.first
        if failure == nil { counts.acknowledged += 1 } else { counts.refused += 1 }
        let reply: Reply
        if let format = slot.format, let adapter = adapters[format] {
            reply = .bytes(adapter.reply(to: part.context, refusal: failure, at: now))
        } else {
            reply =
                failure.map { .refused(correlation: slot.correlation, $0) }
                ?? .accepted(correlation: slot.correlation, count: slot.observationCount)
        }
        return failure == nil ? .acknowledge(slot.peer, reply) : .refuse(slot.peer, reply)
    }
}
