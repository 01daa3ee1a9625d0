import TwinCleaning
public import TwinCore

/// The newest waveforms of one code of one twin, in canonical order, each once.
///
/// Like ``Series``, a function of the set that was added. Bounded by time, count and bytes: what
/// begins more than ``reachSeconds`` before the newest is not seen, nor what is beyond the newest
/// `countMax`, or the newest `byteCountMax` of bytes.
public struct WaveformTrack: Sendable {
    /// Enough for windows of five minutes, whatever the length of blocks.
    public static let reachSeconds: Int64 = 900
    static let countMax = 8192
    static let byteCountMax = 64 << 20

    public let code: Code
    /// In canonical order, as received at their event time; withdrawals and flagged ones too.
    private var kept: [Observation] = []
    /// What begins at this moment or before is not seen.
    private var cutTime: Instant?
    private let flaw: TimelineFlaw?

    init(code: Code, flaw: TimelineFlaw?) {
        self.code = code
        self.flaw = flaw
    }

    /// The usable ones in canonical order: unflagged, and not withdrawn or corrected by their source.
    public var blocks: [Observation] {
        let amendments = Dictionary(grouping: kept.filter(\.isAmendment), by: Moment.init)
        return kept.filter { one in
            guard case .waveform = one.value else { return false }
            if flaw == .trustsFlagged { return true }
            return one.flags.isDisjoint(with: .unusable)
                && !(amendments[Moment(one)] ?? []).contains { one.isSuperseded(by: $0) }
        }
    }

    /// When the newest usable one begins.
    var lastUsableTime: Instant? { blocks.last?.eventTime }

    var byteCount: Int {
        kept.reduce(0) { $0 + MemoryLayout<Observation>.stride + $1.value.weight * 64 }
    }

    private struct Moment: Hashable {
        var time: Instant
        var source: Source

        init(_ observation: Observation) {
            time = observation.eventTime
            source = observation.source
        }
    }

    /// Adds one; `settle` must follow before anything is read.
    mutating func add(_ observation: Observation) {
        if let cutTime, observation.eventTime <= cutTime { return }
        var observation = observation
        observation.receiveTime = observation.eventTime
        var place = kept.count
        if let last = kept.last, !Observation.canonicalOrder(last, observation),
            flaw != .trustsArrival
        {
            place = kept.partitioningIndex { !Observation.canonicalOrder($0, observation) }
        }
        if kept.indices.contains(place), kept[place] == observation, flaw != .keepsDuplicates {
            return
        }
        kept.insert(observation, at: place)
    }

    /// Applies the bounds.
    mutating func settle() {
        var cut: Instant?
        let newest = kept.last { one in
            guard case .waveform = one.value else { return false }
            return one.flags.isDisjoint(with: .unusable)
        }
        if let newest { cut = newest.eventTime.adding(seconds: -WaveformTrack.reachSeconds) }
        var byteCount = 0
        for (index, one) in kept.reversed().enumerated() {
            byteCount += one.value.weight * 64
            guard index >= WaveformTrack.countMax || byteCount > WaveformTrack.byteCountMax else {
                continue
            }
            cut = max(cut ?? one.eventTime, one.eventTime)
            break
        }
        guard let cut, cutTime.map({ $0 < cut }) ?? true else { return }
        cutTime = cut
        kept.removeSubrange(..<kept.partitioningIndex { $0.eventTime > cut })
    }
}
