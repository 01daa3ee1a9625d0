import TwinCleaning
import TwinCore

/// The usable numbers of a series: those that the rules of their neighbourhood let through, and
/// apart from them those that they keep out.
struct Columns: Sendable {
    private(set) var times: [Instant] = []
    private(set) var numbers: [Double] = []
    private(set) var flags: [QualityFlags] = []
    /// Which of the series' origins each of `numbers` has.
    private(set) var origins: [UInt32] = []
    private(set) var heldTimes: [Instant] = []
    private(set) var heldFlags: [QualityFlags] = []

    /// Nil where nothing is judged: then what is usable is let through as it comes.
    private let rules: CodeRules?
    /// The numbers of each source; a source keeps its place while it has any.
    private(set) var tracks: [SourceTrack] = []
    private var trackBySource: [Source: Int] = [:]
    /// Everything that is judged, in canonical order.
    private var judged = Judged()
    /// What is let through is to be told anew from here.
    private var changedFrom: Instant?

    private struct Judged {
        var times: [Instant] = []
        var numbers: [Double] = []
        var flags: [QualityFlags] = []
        var tracks: [Int32] = []
        var origins: [UInt32] = []
    }

    private let flaw: TimelineFlaw?

    init(rules: CodeRules?, flaw: TimelineFlaw?) {
        self.rules = rules
        self.flaw = flaw
    }

    var byteCount: Int {
        let stride = MemoryLayout<Instant>.stride + MemoryLayout<Double>.stride + 8
        return (times.capacity + heldTimes.capacity) * stride
            + judged.times.capacity * (stride + 4)
            + tracks.reduce(0) { $0 + $1.byteCount + 64 }
    }

    /// Adds a number, which comes after all others in canonical order; `settle` must follow.
    mutating func append(
        _ number: Double, at time: Instant, flags: QualityFlags, source: Source, origin: UInt32
    ) {
        guard let rules else { return pass(number, at: time, flags, origin) }
        if tracks.isEmpty || trackBySource[source] == nil {
            trackBySource[source] = tracks.count
            tracks.append(SourceTrack(source: source, rules: rules))
        }
        let track = trackBySource[source] ?? 0
        tracks[track].append(number, at: time)
        judged.times.append(time)
        judged.numbers.append(number)
        judged.flags.append(flags)
        judged.tracks.append(Int32(truncatingIfNeeded: track))
        judged.origins.append(origin)
    }

    private mutating func pass(
        _ number: Double, at time: Instant, _ flags: QualityFlags, _ origin: UInt32
    ) {
        times.append(time)
        numbers.append(number)
        self.flags.append(flags)
        origins.append(origin)
    }

    /// The origins that any number has.
    var knownOrigins: Set<UInt32> { Set(origins).union(judged.origins) }

    /// Gives each origin the number that the series has for it now.
    mutating func renumber(_ known: [UInt32: UInt32]) {
        for index in origins.indices { origins[index] = known[origins[index]] ?? 0 }
        for index in judged.origins.indices {
            judged.origins[index] = known[judged.origins[index]] ?? 0
        }
    }

    /// Takes out what was measured at `time` or later.
    mutating func removeAll(from time: Instant) {
        unpublish(from: time)
        guard rules != nil else { return }
        let kept = judged.times.partitioningIndex { $0 >= time }
        judged.times.removeSubrange(kept...)
        judged.numbers.removeSubrange(kept...)
        judged.flags.removeSubrange(kept...)
        judged.tracks.removeSubrange(kept...)
        judged.origins.removeSubrange(kept...)
        for index in tracks.indices { tracks[index].removeAll(from: time) }
        changedFrom = min(changedFrom ?? time, time)
    }

    private mutating func unpublish(from time: Instant) {
        let kept = times.partitioningIndex { $0 >= time }
        times.removeSubrange(kept...)
        numbers.removeSubrange(kept...)
        flags.removeSubrange(kept...)
        origins.removeSubrange(kept...)
        let heldCount = heldTimes.partitioningIndex { $0 >= time }
        heldTimes.removeSubrange(heldCount...)
        heldFlags.removeSubrange(heldCount...)
    }

    /// Takes out what was measured at `time` or before, where nothing is judged.
    mutating func removeAll(through time: Instant) {
        guard rules == nil else { return }
        let count = times.partitioningIndex { $0 > time }
        times.removeSubrange(..<count)
        numbers.removeSubrange(..<count)
        flags.removeSubrange(..<count)
        origins.removeSubrange(..<count)
    }

    /// Judges as if there had never been anything up to `time`.
    ///
    /// What is said of a value must not hang on how long ago its older neighbours were let go of.
    mutating func judgeNothing(through time: Instant) {
        guard rules != nil, let first = judged.times.first, first <= time else { return }
        let count = judged.times.partitioningIndex { $0 > time }
        judged.times.removeSubrange(..<count)
        judged.numbers.removeSubrange(..<count)
        judged.flags.removeSubrange(..<count)
        judged.tracks.removeSubrange(..<count)
        judged.origins.removeSubrange(..<count)
        for index in tracks.indices { tracks[index].removeAll(through: time) }
        changedFrom = Instant(microsecondsSinceEpoch: .min)
        forgetEmptyTracks()
    }

    private mutating func forgetEmptyTracks() {
        guard tracks.contains(where: { $0.times.isEmpty }) else { return }
        let kept = tracks.indices.filter { !tracks[$0].times.isEmpty }
        var places = [Int32](repeating: 0, count: tracks.count)
        for (new, old) in kept.enumerated() { places[old] = Int32(truncatingIfNeeded: new) }
        tracks = kept.map { tracks[$0] }
        trackBySource = Dictionary(
            uniqueKeysWithValues: tracks.enumerated().map { ($1.source, $0) })
        for index in judged.tracks.indices {
            judged.tracks[index] = places[Int(judged.tracks[index])]
        }
    }

    /// Brings what is let through up to what was added and taken out.
    mutating func settle() {
        guard rules != nil else { return }
        for index in tracks.indices {
            let earliest = tracks[index].judge()
            if flaw != .judgesOnce { note(earliest) }
        }
        publish()
    }

    /// Lets the numbers of a source be in dispute in these spans, and in no other.
    mutating func dispute(_ track: Int, in spans: [ClosedRange<Instant>]) {
        note(tracks[track].dispute(in: spans))
        publish()
    }

    private mutating func note(_ time: Instant?) {
        if let time { changedFrom = min(changedFrom ?? time, time) }
    }

    private mutating func publish() {
        guard let from = changedFrom else { return }
        changedFrom = nil
        unpublish(from: from)
        var places = tracks.map { $0.index(of: from) }
        for index in judged.times.partitioningIndex(where: { $0 >= from })..<judged.times.count {
            let track = Int(judged.tracks[index])
            let said = tracks[track].flags(at: places[track])
            places[track] += 1
            if said.contains(.suspect) {
                heldTimes.append(judged.times[index])
                heldFlags.append(said)
            } else {
                pass(
                    judged.numbers[index], at: judged.times[index], judged.flags[index].union(said),
                    judged.origins[index])
            }
        }
    }

    func heldCount(from time: Instant) -> Int {
        heldTimes.count - heldTimes.partitioningIndex { $0 >= time }
    }
}
