import TwinCleaning
public import TwinCore

/// The measurements of one code of one twin, in canonical order, each once.
///
/// Extractors see columns of what is usable: finite numbers and texts with no flag against them.
/// Where a source withdraws or corrects a measurement of one moment, what it had said of that
/// moment before is not usable any more, whichever of the two came first.
///
/// Bounded: only the newest `sampleCountMax` measurements are seen, less those that share the
/// moment of the newest one left out. That rule depends on the set alone, so it is order-free too.
public struct Series: Sendable {
    public let code: Code
    /// The event times of `numbers`, ascending.
    public var times: [Instant] { columns.times }
    public var numbers: [Double] { columns.numbers }
    /// What is to be known about each of `numbers`.
    public var flags: [QualityFlags] { columns.flags }
    /// The event times, ascending, of usable numbers that rules of their neighbourhood keep out.
    public var heldTimes: [Instant] { columns.heldTimes }
    /// What the rules say of each of them.
    public var heldFlags: [QualityFlags] { columns.heldFlags }
    /// The part of the columns that is seen.
    public private(set) var seen: Range<Int> = 0..<0
    /// Measurements up to this moment are not seen, because there are too many newer ones.
    public private(set) var cutTime: Instant?

    private let sampleCountMax: Int
    private let flaw: TimelineFlaw?
    private(set) var columns: Columns
    private var samples: [Sample] = []
    private var texts: [TimedText] = []
    private var textByteCount = 0
    /// Everything about a sample but its value and times, each once.
    private var origins: [Observation] = []
    private var indexByOrigin: [Observation: UInt32] = [:]
    private var sources: Set<Source> = []
    /// Added out of order since the last `settle`.
    private var pending: [Sample] = []
    /// The earliest event time that changed since the last `settle`.
    private var changedFrom: Instant?

    init(code: Code, sampleCountMax: Int, flaw: TimelineFlaw?, rules: CleaningRules) {
        self.code = code
        let isJudged = rules.needsSources(of: code)
        columns = Columns(
            rules: isJudged ? rules.byCode[code] ?? CodeRules() : nil, flaw: flaw)
        self.sampleCountMax = sampleCountMax
        self.flaw = flaw
    }

    /// The latest usable text; nil where there is none.
    public var lastText: TimedText? {
        guard let last = texts.last, cutTime.map({ $0 < last.time }) ?? true else { return nil }
        return last
    }

    /// When something was measured last that may enter a score.
    var lastBelievedTime: Instant? {
        let lastNumberTime = seen.isEmpty ? nil : times.last
        return [lastNumberTime, lastText?.time].compactMap(\.self).max()
    }

    /// When something usable was measured last, whatever its neighbours say against it: time has
    /// gone on, and with it the age of what was believed before.
    var lastUsableTime: Instant? {
        [lastBelievedTime, heldTimes.last].compactMap(\.self).max()
    }

    var byteCount: Int {
        samples.capacity * MemoryLayout<Sample>.stride
            + columns.byteCount
            + texts.capacity * MemoryLayout<TimedText>.stride + 2 * textByteCount
            + origins.count * 3 * MemoryLayout<Observation>.stride
    }
}

/// A text and when it was observed.
public struct TimedText: Hashable, Sendable {
    public var time: Instant
    public var text: String
    public var source: Source
    public var flags: QualityFlags
}

/// The newest number of one source.
public struct NewestNumber: Hashable, Sendable {
    public var time: Instant
    public var number: Double
    public var source: Source
    public var flags: QualityFlags
    /// The largest of the gaps between the source's newest numbers; nil where they are too few.
    public var gapSeconds: Double?
}

extension Series {
    /// How many of the newest numbers are looked at, so that a source that is long gone costs
    /// nothing.
    static let lookBackCount = 4096
    /// How many sources are told apart; of more, those heard last.
    static let sourceCountMax = 64
    /// How many numbers of a source tell its rhythm.
    static let rhythmCount = 5

    /// The newest number of each source that has one among the last few thousand, newest first.
    public var newestBySource: [NewestNumber] {
        var found: [NewestNumber] = []
        var (counts, earliest): ([Int], [Instant]) = ([], [])
        for index in seen.reversed().prefix(Series.lookBackCount) {
            let source = origins[Int(columns.origins[index])].source
            guard let place = found.firstIndex(where: { $0.source == source }) else {
                if found.count == Series.sourceCountMax { continue }
                found.append(
                    NewestNumber(
                        time: times[index], number: numbers[index], source: source,
                        flags: flags[index]))
                counts.append(1)
                earliest.append(times[index])
                continue
            }
            guard counts[place] < Series.rhythmCount else {
                let isDone = counts.allSatisfy { $0 == Series.rhythmCount }
                if isDone, found.count == sources.count { break }
                continue
            }
            let gap = earliest[place].seconds(since: times[index])
            found[place].gapSeconds = max(found[place].gapSeconds ?? 0, gap)
            counts[place] += 1
            earliest[place] = times[index]
        }
        for place in found.indices where counts[place] < Series.rhythmCount {
            found[place].gapSeconds = nil
        }
        return found
    }

    /// The newest number that is not newer than `time`.
    public func newest(upTo time: Instant) -> NewestNumber? {
        let end = times.partitioningIndex { $0 > time }
        guard end > seen.lowerBound, end <= seen.upperBound else { return nil }
        let index = end - 1
        return NewestNumber(
            time: times[index], number: numbers[index],
            source: origins[Int(columns.origins[index])].source, flags: flags[index])
    }
}

/// One measurement, without what many have in common.
private struct Sample: Hashable {
    var eventTime: Instant
    var value: ObservedValue
    var origin: UInt32
}

extension Series {
    /// Adds one measurement; `settle` must follow before anything is read.
    mutating func add(_ observation: Observation) {
        if let cutTime, observation.eventTime <= cutTime { return }
        let sample = Sample(
            eventTime: observation.eventTime, value: Series.normalised(observation.value),
            origin: origin(of: observation))
        guard pending.isEmpty, let last = samples.last else {
            if samples.isEmpty, pending.isEmpty { append(sample) } else { pending.append(sample) }
            return
        }
        if precedes(last, sample) || flaw == .trustsArrival {
            append(sample)
        } else if last != sample || flaw == .keepsDuplicates {
            pending.append(sample)
        }
    }

    /// Brings the columns up to what was added; answers whether anything is new.
    mutating func settle() -> Bool {
        mergePending()
        guard let changedFrom else { return false }
        readAgain(from: changedFrom)
        self.changedFrom = nil
        bound()
        return true
    }

    /// Lets the numbers of a source be in dispute in these spans, and in no other.
    mutating func dispute(_ track: Int, in spans: [ClosedRange<Instant>]) {
        columns.dispute(track, in: spans)
        see()
    }

    /// Of what was measured from `time` on: how many values there are to judge, and how many of
    /// them are kept out of scores.
    func judgement(from time: Instant) -> (all: Int, implausible: Int) {
        let start = max(time, cutTime.map { $0.adding(microseconds: 1) } ?? time)
        let places = samples.partitioningIndex { $0.eventTime >= start }
        var counts = (all: 0, implausible: 0)
        for sample in samples[places...] {
            let flags = origin(of: sample).flags
            guard flags.isDisjoint(with: Series.unmeasured) else { continue }
            counts.all += 1
            if !flags.isDisjoint(with: .unusable) { counts.implausible += 1 }
        }
        counts.implausible += columns.heldCount(from: start)
        return counts
    }

    /// What is no value to judge: nothing was measured, or its sender took it back.
    private static let unmeasured: QualityFlags = [
        .empty, .noResult, .deleted, .wrongPatient, .bound,
    ]

    private mutating func append(_ sample: Sample) {
        samples.append(sample)
        textByteCount += textBytes(of: samples.suffix(1))
        changedFrom = min(changedFrom ?? sample.eventTime, sample.eventTime)
    }

    private mutating func mergePending() {
        guard !pending.isEmpty else { return }
        let added = pending.sorted(by: precedes)
        pending = []
        let start = samples.partitioningIndex { !precedes($0, added[0]) }
        let tail = Array(samples[start...])
        textByteCount -= textBytes(of: tail[...])
        samples.removeSubrange(start...)
        var (left, right) = (tail[...], added[...])
        while let sample = popLesser(&left, &right) {
            if samples.last != sample || flaw == .keepsDuplicates { append(sample) }
        }
    }

    private func popLesser(
        _ left: inout ArraySlice<Sample>, _ right: inout ArraySlice<Sample>
    ) -> Sample? {
        guard let leftFirst = left.first else { return right.popFirst() }
        guard let rightFirst = right.first else { return left.popFirst() }
        return precedes(rightFirst, leftFirst) ? right.popFirst() : left.popFirst()
    }

    /// Makes the columns anew from `time` on.
    private mutating func readAgain(from time: Instant) {
        columns.removeAll(from: time)
        texts.removeSubrange(texts.partitioningIndex { $0.time >= time }...)
        var index = samples.partitioningIndex { $0.eventTime >= time }
        while index < samples.count {
            let end = endOfMoment(from: index)
            read(samples[index..<end])
            index = end
        }
    }

    /// The end of what one source says of one moment.
    private func endOfMoment(from start: Int) -> Int {
        let (time, source) = (samples[start].eventTime, origin(of: samples[start]).source)
        var end = start + 1
        while end < samples.count, samples[end].eventTime == time,
            origin(of: samples[end]).source == source
        {
            end += 1
        }
        return end
    }

    private mutating func read(_ moment: ArraySlice<Sample>) {
        let amendments = moment.filter { origin(of: $0).isAmendment }.map { whole($0) }
        for sample in moment {
            let origin = origin(of: sample)
            let isUsable =
                origin.comparator == .equal && origin.flags.isDisjoint(with: .unusable)
                && (amendments.isEmpty
                    || !amendments.contains { whole(sample).isSuperseded(by: $0) })
            guard isUsable || flaw == .trustsFlagged else { continue }
            switch sample.value {
            case .number(let number):
                columns.append(
                    number, at: sample.eventTime, flags: origin.flags, source: origin.source,
                    origin: sample.origin)
            case .text(let text):
                texts.append(
                    TimedText(
                        time: sample.eventTime, text: text, source: origin.source,
                        flags: origin.flags))
            case .absent, .waveform: break
            }
        }
    }

    /// Applies the bound; samples are let go of by the quarter, so that it costs little each time.
    private mutating func bound() {
        if samples.count > sampleCountMax {
            let cut = samples[samples.count - sampleCountMax - 1].eventTime
            cutTime = cut
            if samples.count > sampleCountMax + sampleCountMax / 4 { forget(upTo: cut) }
        }
        if let cutTime { columns.judgeNothing(through: cutTime) }
        columns.settle()
        see()
    }

    private mutating func see() {
        let start = cutTime.map { cut in times.partitioningIndex { $0 > cut } } ?? 0
        seen = start..<times.count
    }

    private mutating func forget(upTo cut: Instant) {
        let sampleCount = samples.partitioningIndex { $0.eventTime > cut }
        textByteCount -= textBytes(of: samples[..<sampleCount])
        samples.removeSubrange(..<sampleCount)
        columns.removeAll(through: cut)
        texts.removeSubrange(..<texts.partitioningIndex { $0.time > cut })
        forgetOrigins()
    }
}

extension Series {
    /// One form for what compares as equal, so that bits never depend on which came first.
    private static func normalised(_ value: ObservedValue) -> ObservedValue {
        // Waveforms have tracks of their own; here they say nothing.
        if case .waveform = value { return .absent }
        guard case .number(let number) = value else { return value }
        // Minus zero becomes zero; what is no number has no place in any order.
        return number.isFinite ? .number(number + 0) : .absent
    }

    private func origin(of sample: Sample) -> Observation { origins[Int(sample.origin)] }

    private mutating func origin(of observation: Observation) -> UInt32 {
        var stripped = observation
        stripped.value = .absent
        stripped.eventTime = Instant(microsecondsSinceEpoch: 0)
        stripped.receiveTime = stripped.eventTime
        stripped.reasons = []
        if let last = samples.last, origin(of: last) == stripped { return last.origin }
        return intern(stripped)
    }

    /// Lets go of origins that no sample has any more, once they outnumber the samples.
    private mutating func forgetOrigins() {
        guard origins.count > samples.count else { return }
        let old = origins
        origins = []
        indexByOrigin = [:]
        sources = []
        for index in samples.indices {
            samples[index].origin = intern(old[Int(samples[index].origin)])
        }
        var renumbered: [UInt32: UInt32] = [:]
        for number in columns.knownOrigins { renumbered[number] = intern(old[Int(number)]) }
        columns.renumber(renumbered)
    }

    private mutating func intern(_ origin: Observation) -> UInt32 {
        if let known = indexByOrigin[origin] { return known }
        let new = UInt32(truncatingIfNeeded: origins.count)
        origins.append(origin)
        sources.insert(origin.source)
        indexByOrigin[origin] = new
        return new
    }

    private func textBytes(of samples: ArraySlice<Sample>) -> Int {
        samples.reduce(0) { sum, sample in
            guard case .text(let text) = sample.value else { return sum }
            return sum + text.utf8.count
        }
    }

    private func precedes(_ left: Sample, _ right: Sample) -> Bool {
        if left.eventTime != right.eventTime { return left.eventTime < right.eventTime }
        if left.origin == right.origin, case .number(let leftNumber) = left.value,
            case .number(let rightNumber) = right.value
        {
            return leftNumber < rightNumber
        }
        return Observation.canonicalOrder(whole(left), whole(right))
    }

    private func whole(_ sample: Sample) -> Observation {
        var observation = origin(of: sample)
        observation.value = sample.value
        observation.eventTime = sample.eventTime
        return observation
    }
}
