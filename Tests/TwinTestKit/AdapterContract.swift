public import IngestCore
public import TwinCore

/// What every adapter promises, whatever its format: run it over the roster.
///
/// Each check returns the promises that were broken, in words; none is what one hopes for.
public struct AdapterContract: Sendable {
    public let adapter: any Adapter
    /// A good input with at least one observation.
    public let sample: [UInt8]
    public let receivedAt: Instant

    public init(_ adapter: any Adapter, sample: [UInt8], receivedAt: Instant) {
        self.adapter = adapter
        self.sample = sample
        self.receivedAt = receivedAt
    }

    /// The sample is read into observations, the same each time, and has a reply.
    public func sampleIsRead() -> [String] {
        let first = describe(sample)
        var broken = judge(sample, "the sample")
        if first.observationCount == 0 { broken.append("the sample holds no observation") }
        if first != describe(sample) { broken.append("reading twice gives two things") }
        for message in adapter.read(sample, channel: Channel(), receivedAt: receivedAt) {
            let taken = adapter.reply(
                to: message.replyContext, refusal: nil, at: receivedAt)
            let refused = adapter.reply(
                to: message.replyContext, refusal: Refusal(.storageFailed, "full"),
                at: receivedAt)
            if taken.isEmpty || taken == refused {
                broken.append("a sender can't tell taken from refused")
            }
        }
        return broken
    }

    /// An empty input is refused, with a reply.
    public func emptyIsRefused() -> [String] {
        let broken = judge([], "an empty input")
        return describe([]).refusedCount == 1 ? broken : broken + ["an empty input is not refused"]
    }

    /// Every cut, every changed byte and `count` random damages are read or refused, never a trap.
    public func damageIsSurvived(count: Int, seed: UInt64, step: Int = 1) -> [String] {
        var broken: [String] = []
        let check: ([UInt8]) -> Void = { bytes in broken += judge(bytes, "a damaged input") }
        Mutations.truncations(of: sample, step: step, check)
        Mutations.singleByteChanges(
            of: sample, changes: [0, 0x0D, 0x7C, 0x5C, 0xFF], step: step, check)
        Mutations.random(of: [sample], count: count, seed: seed, check)
        return broken
    }

    private struct Description: Equatable {
        var fingerprints: [UInt64] = []
        var observations: [[RawObservation]] = []
        var refusedCount = 0
        var observationCount: Int { observations.reduce(0) { $0 + $1.count } }
    }

    private func describe(_ bytes: [UInt8]) -> Description {
        var description = Description()
        for message in adapter.read(bytes, channel: Channel(), receivedAt: receivedAt) {
            description.fingerprints.append(message.fingerprint)
            switch message.content {
            case .observations(let raw): description.observations.append(raw.observations)
            case .refused: description.refusedCount += 1
            case .setAside: break
            }
        }
        return description
    }

    /// What holds of every input: a message at least, places that exist, a reply to a refusal.
    private func judge(_ bytes: [UInt8], _ name: String) -> [String] {
        let messages = adapter.read(bytes, channel: Channel(), receivedAt: receivedAt)
        var broken = messages.isEmpty ? ["\(name) vanished"] : []
        for message in messages {
            if message.inputRange.upperBound > bytes.count {
                broken.append("\(name): a message outside of the input")
            }
            switch message.content {
            case .refused(_, let reply):
                if reply.isEmpty { broken.append("\(name): a refusal without reply") }
            case .observations(let raw):
                if !raw.observations.allSatisfy({ isInside($0, raw.text.count) }) {
                    broken.append("\(name): a place outside of the text")
                }
            case .setAside: break
            }
        }
        return broken
    }

    private func isInside(_ observation: RawObservation, _ count: Int) -> Bool {
        var places = [observation.source]
        for code in [observation.code, observation.alternateCode, observation.unit] {
            places += [code.value, code.text, code.system]
        }
        if case .text(let place) = observation.value { places.append(place) }
        return places.allSatisfy { $0.start <= $0.end && $0.range.upperBound <= count }
    }
}
