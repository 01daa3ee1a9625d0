public import TwinCleaning
public import TwinCore

/// The measurements of one twin: one series a code, each measurement once.
///
/// A timeline is a function of the set of measurements that were merged into it: neither their
/// order nor their repetition leaves a trace. Two observations are one measurement where
/// everything but their receive time is equal.
public struct Timeline: Sendable {
    /// A day at one a second, and some more.
    public static let sampleCountMaxDefault = 90_000

    /// How many of the newest measurements of each code are seen.
    public let sampleCountMax: Int
    public let rules: CleaningRules
    private let flaw: TimelineFlaw?
    private(set) var series: [Series] = []
    private var indexByCode: [Code: Int] = [:]
    private var tracks: [Code: WaveformTrack] = [:]
    /// The sources that could be compared, in the order of the rules, then of their names.
    private(set) var comparisons: [SourceComparison] = []

    public init(
        sampleCountMax: Int = Timeline.sampleCountMaxDefault, rules: CleaningRules = .none
    ) {
        precondition(sampleCountMax > 0, "a timeline that keeps nothing says nothing")
        self.sampleCountMax = sampleCountMax
        self.rules = rules
        flaw = nil
    }

    #if DEBUG
    package init(flaw: TimelineFlaw?, rules: CleaningRules = .none) {
        sampleCountMax = Timeline.sampleCountMaxDefault
        self.rules = rules
        self.flaw = flaw
    }
    #endif

    /// Takes in those of the observations that the extractor reads.
    ///
    /// Cheap where they are newer than what is there; late ones cost a merge of what they precede.
    public mutating func merge(_ observations: [Observation], reading extractor: any Extractor) {
        let flaw = flaw
        for observation in observations {
            let code = observation.code
            if let index = index(of: code, reading: extractor) {
                series[index].add(observation)
            } else if extractor.readsWaveform(code) {
                tracks[code, default: WaveformTrack(code: code, flaw: flaw)].add(observation)
            }
        }
        var changed: Set<Code> = []
        for index in series.indices where series[index].settle() {
            changed.insert(series[index].code)
        }
        for code in Array(tracks.keys) { tracks[code]?.settle() }
        if rules.pairs.contains(where: { changed.contains($0.first) || changed.contains($0.second) }
        ) {
            compare()
        }
    }

    /// The measurements of one code; nil where there are none.
    public func series(of code: Code) -> Series? {
        indexByCode[code].map { series[$0] }
    }

    /// The waveforms of every code that has some, in ascending order of code.
    public var waveforms: [WaveformTrack] {
        tracks.values.sorted { $0.code < $1.code }
    }

    /// The latest event time of a usable measurement; nil where there is none.
    public var referenceTime: Instant? {
        (series.compactMap(\.lastUsableTime) + tracks.values.compactMap(\.lastUsableTime)).max()
    }

    /// About how much memory the timeline holds.
    public var byteCount: Int {
        series.reduce(0) { $0 + $1.byteCount } + tracks.values.reduce(0) { $0 + $1.byteCount }
    }

    /// How many pairs of sources one rule compares.
    private static let pairCountMax = 16

    /// Compares the sources that should agree, and tells their numbers where they do not.
    private mutating func compare() {
        comparisons = []
        var disputes: [Code: [Source: [ClosedRange<Instant>]]] = [:]
        for rule in rules.pairs {
            guard let first = series(of: rule.first), let second = series(of: rule.second) else {
                continue
            }
            for (one, other) in Timeline.pairs(first, second).prefix(Timeline.pairCountMax) {
                guard let comparison = SourceComparison(one, other, by: rule) else { continue }
                comparisons.append(comparison)
                let spans = comparison.disputed
                disputes[rule.first, default: [:]][one.source, default: []] += spans.first
                disputes[rule.second, default: [:]][other.source, default: []] += spans.second
            }
        }
        for index in series.indices {
            let known = disputes[series[index].code] ?? [:]
            for (place, track) in series[index].columns.tracks.enumerated() {
                series[index].dispute(place, in: Timeline.united(known[track.source] ?? []))
            }
        }
    }

    /// Every source of the one with every source of the other; of one code, each two once.
    private static func pairs(_ first: Series, _ second: Series) -> [(SourceTrack, SourceTrack)] {
        func ordered(_ series: Series) -> [SourceTrack] {
            series.columns.tracks.filter { !$0.times.isEmpty }.sorted { $0.source < $1.source }
        }
        let (ones, others) = (ordered(first), ordered(second))
        return ones.enumerated().flatMap { place, one in
            (first.code == second.code ? others.dropFirst(place + 1) : others[...]).map {
                (one, $0)
            }
        }
    }

    /// The same moments as spans that ascend and lie apart.
    private static func united(_ spans: [ClosedRange<Instant>]) -> [ClosedRange<Instant>] {
        var united: [ClosedRange<Instant>] = []
        for span in spans.sorted(by: {
            ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
        }) {
            guard let last = united.last, span.lowerBound <= last.upperBound else {
                united.append(span)
                continue
            }
            united[united.count - 1] =
                last.lowerBound...max(last.upperBound, span.upperBound)
        }
        return united
    }

    private mutating func index(of code: Code, reading extractor: any Extractor) -> Int? {
        if let known = indexByCode[code] { return known }
        guard extractor.reads(code) else { return nil }
        series.append(
            Series(code: code, sampleCountMax: sampleCountMax, flaw: flaw, rules: rules))
        indexByCode[code] = series.count - 1
        return series.count - 1
    }
}

/// Planted bugs: each breaks one promise, so that a test can prove that it would notice.
///
/// Only debug builds have the initialiser that plants one.
package enum TimelineFlaw: Hashable, Sendable, CaseIterable {
    /// Keeps what arrives in the order of arrival.
    case trustsArrival
    /// Counts a redelivered measurement again.
    case keepsDuplicates
    /// Lets flagged and withdrawn values into the columns.
    case trustsFlagged
    /// What was once let through stays so, whatever later neighbours show.
    case judgesOnce
}
