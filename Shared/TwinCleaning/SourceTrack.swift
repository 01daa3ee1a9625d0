public import TwinCore

/// What the rules that look at neighbours say of one value.
public struct Verdict: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let rate = Verdict(rawValue: 1)
    public static let flatLine = Verdict(rawValue: 2)
    public static let spike = Verdict(rawValue: 4)
}

/// The usable values of one code from one source in the order of time, and what the rules say.
///
/// What is said is a function of the values that are there, however they came: a value that is put
/// in or taken out later is judged as if it had always, or never, been there.
public struct SourceTrack: Sendable {
    public let source: Source
    let rules: CodeRules
    public private(set) var times: [Instant] = []
    public private(set) var numbers: [Double] = []
    private(set) var verdicts: [Verdict] = []
    /// Where the line of about the same value begins that each value is part of.
    private var lineStarts: [Int32] = []
    /// So many from the start are judged, and nothing before them has changed since.
    private var judgedCount = 0
    /// Spans in which another source disagrees, ascending, apart from each other.
    private var disputes: [ClosedRange<Instant>] = []

    public init(source: Source, rules: CodeRules) {
        self.source = source
        self.rules = rules
    }

    public var byteCount: Int {
        times.capacity * (MemoryLayout<Instant>.stride + MemoryLayout<Double>.stride + 5)
    }

    /// Adds a value, which is not earlier than the last.
    public mutating func append(_ number: Double, at time: Instant) {
        times.append(time)
        numbers.append(number)
    }

    /// Takes out what was measured at `time` or later.
    public mutating func removeAll(from time: Instant) {
        let kept = index(of: time)
        times.removeSubrange(kept...)
        numbers.removeSubrange(kept...)
        judgedCount = min(judgedCount, kept)
    }

    /// Takes out what was measured at `time` or before; all that is left is judged anew.
    public mutating func removeAll(through time: Instant) {
        let count = times.partitioningIndex { $0 > time }
        guard count > 0 else { return }
        times.removeSubrange(..<count)
        numbers.removeSubrange(..<count)
        verdicts = []
        lineStarts = []
        judgedCount = 0
    }

    /// Where the first value of `time` or later is.
    public func index(of time: Instant) -> Int { times.partitioningIndex { $0 >= time } }

    /// Judges what is new and what that changes; answers the earliest time of which something else
    /// is said than before, or of which nothing was said yet.
    public mutating func judge() -> Instant? {
        let start = judgedCount
        guard start < times.count || start < verdicts.count else { return nil }
        guard rules.looksAtNeighbours else {
            verdicts.removeSubrange(min(start, verdicts.count)...)
            verdicts += repeatElement([], count: times.count - start)
            judgedCount = times.count
            return start < times.count ? times[start] : nil
        }
        let first = max(0, start - rules.lookahead)
        let lineStart = start > 0 ? Int(lineStarts[start - 1]) : 0
        let from = min(lineStart, first)
        let before = Array(verdicts[from..<start])
        verdicts.removeSubrange(min(first, verdicts.count)...)
        verdicts += repeatElement([], count: times.count - verdicts.count)
        if let rate = rules.rate { judge(rate, from: first) }
        if let spike = rules.spike { judge(spike, from: first) }
        lineStarts.removeSubrange(min(start, lineStarts.count)...)
        for index in from..<first { verdicts[index].remove(.flatLine) }
        if let flatLine = rules.flatLine { judge(flatLine, from: from, start) }
        if lineStarts.count < times.count {
            lineStarts += (lineStarts.count..<times.count).map { Int32(truncatingIfNeeded: $0) }
        }
        judgedCount = times.count
        let changed = (from..<start).first { before[$0 - from] != verdicts[$0] }
        let earliest = changed ?? start
        return earliest < times.count ? times[earliest] : nil
    }

    /// What is said of the value at `index`, as flags.
    public func flags(at index: Int) -> QualityFlags {
        flags(of: verdicts[index]).union(disputeFlags(at: times[index]))
    }

    func flags(of verdict: Verdict) -> QualityFlags {
        var flags: QualityFlags = []
        if verdict.contains(.rate) {
            flags.formUnion(SourceTrack.flags(.rateOfChange, rules.rate?.effect))
        }
        if verdict.contains(.flatLine) {
            flags.formUnion(SourceTrack.flags(.flatLine, rules.flatLine?.effect))
        }
        if verdict.contains(.spike) {
            flags.formUnion(SourceTrack.flags(.spike, rules.spike?.effect))
        }
        return flags
    }

    static func flags(_ flag: QualityFlags, _ effect: RuleEffect?) -> QualityFlags {
        effect == .exclude ? flag.union(.suspect) : flag
    }

    private func disputeFlags(at time: Instant) -> QualityFlags {
        guard !disputes.isEmpty else { return [] }
        let place = disputes.partitioningIndex { $0.upperBound >= time }
        guard place < disputes.count, disputes[place].lowerBound <= time else { return [] }
        return .disagreement
    }

    /// Puts the spans in which another source disagrees in the place of those before; answers the
    /// earliest time at which they differ.
    public mutating func dispute(in spans: [ClosedRange<Instant>]) -> Instant? {
        let common = zip(disputes, spans).prefix { $0 == $1 }.count
        let places = [disputes, spans].compactMap {
            common < $0.count ? $0[common].lowerBound : nil
        }
        disputes = spans
        return places.min()
    }
}

extension SourceTrack {
    private func allowed(_ rule: RateRule, from: Int, to: Int) -> Double {
        rule.change * max(1, times[to].seconds(since: times[from]) / rule.seconds)
    }

    /// Whether the values from `index` on hold to it, so many in a row that it is believed.
    private func settles(_ rule: RateRule, at index: Int) -> Bool {
        guard index + rule.settle <= times.count else { return false }
        return (index + 1..<index + rule.settle).allSatisfy {
            (numbers[$0] - numbers[$0 - 1]).magnitude <= allowed(rule, from: $0 - 1, to: $0)
        }
    }

    /// The last value before `index` whose change was believed.
    func believed(before index: Int) -> Int? {
        (0..<index).last { !verdicts[$0].contains(.rate) }
    }

    private mutating func judge(_ rule: RateRule, from first: Int) {
        var last = believed(before: first)
        for index in first..<times.count {
            if let last {
                let change = (numbers[index] - numbers[last]).magnitude
                if change > allowed(rule, from: last, to: index), !settles(rule, at: index) {
                    verdicts[index].insert(.rate)
                    continue
                }
            }
            last = index
        }
    }

    private mutating func judge(_ rule: FlatLineRule, from first: Int, _ start: Int) {
        // Lines before `start` are known; that which reaches it begins at `first` or later.
        var line = start > 0 ? Int(lineStarts[start - 1]) : 0
        lineStarts.reserveCapacity(times.count)
        for index in start..<times.count {
            if (numbers[index] - numbers[line]).magnitude > rule.spread { line = index }
            lineStarts.append(Int32(truncatingIfNeeded: line))
        }
        var index = first
        while index < times.count {
            let begin = Int(lineStarts[index])
            let end = endOfLine(from: index)
            if end - begin >= rule.samples,
                times[end - 1].seconds(since: times[begin]) >= rule.seconds
            {
                for place in index..<end { verdicts[place].insert(.flatLine) }
            }
            index = end
        }
    }

    /// The end of the line that the value at `index` is part of.
    func endOfLine(from index: Int) -> Int {
        var end = index + 1
        while end < times.count, lineStarts[end] == lineStarts[index] { end += 1 }
        return end
    }

    func startOfLine(at index: Int) -> Int { Int(lineStarts[index]) }

    /// The neighbours that a spike is told by, the value itself included; nil if they are too few.
    func neighbourhood(_ rule: SpikeRule, of index: Int) -> Range<Int>? {
        let time = times[index]
        var low = max(0, index - rule.neighbours)
        var high = min(times.count, index + rule.neighbours + 1)
        while times[low].seconds(since: time) < -rule.seconds { low += 1 }
        while times[high - 1].seconds(since: time) > rule.seconds { high -= 1 }
        let least = min(2, rule.neighbours)
        guard index - low >= least, high - index > least else { return nil }
        return low..<high
    }

    private mutating func judge(_ rule: SpikeRule, from first: Int) {
        for index in first..<times.count {
            guard let range = neighbourhood(rule, of: index) else { continue }
            var (low, high) = (Double.infinity, -Double.infinity)
            for place in range where place != index {
                low = min(low, numbers[place])
                high = max(high, numbers[place])
            }
            // The median lies between them: most values are told to be none by that alone.
            let number = numbers[index]
            guard max(number - low, high - number) > rule.least else { continue }
            if distance(rule, of: index, in: range).isSpike { verdicts[index].insert(.spike) }
        }
    }

    func distance(
        _ rule: SpikeRule, of index: Int, in range: Range<Int>
    ) -> (isSpike: Bool, median: Double, limit: Double) {
        let middle = numbers[range].median
        let spread = numbers[range].map { ($0 - middle).magnitude }.median
        let limit = max(rule.least, rule.deviations * 1.4826 * spread)
        return ((numbers[index] - middle).magnitude > limit, middle, limit)
    }
}

extension Collection<Double> {
    /// The middle one, or the mean of the two; at least one must be there.
    var median: Double {
        let ordered = sorted()
        let middle = ordered.count / 2
        guard ordered.count.isMultiple(of: 2) else { return ordered[middle] }
        return (ordered[middle - 1] + ordered[middle]) / 2
    }
}

extension Array {
    /// The index of the first element of the second part; the array is so parted.
    package func partitioningIndex(where belongsInSecondPart: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if belongsInSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
