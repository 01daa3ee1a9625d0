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
    private let flaw: TimelineFlaw?
    private var series: [Series] = []
    private var indexByCode: [Code: Int] = [:]
    private var tracks: [Code: WaveformTrack] = [:]

    public init(sampleCountMax: Int = Timeline.sampleCountMaxDefault) {
        precondition(sampleCountMax > 0, "a timeline that keeps nothing says nothing")
        self.sampleCountMax = sampleCountMax
        flaw = nil
    }

    #if DEBUG
    package init(flaw: TimelineFlaw?) {
        sampleCountMax = Timeline.sampleCountMaxDefault
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
        for index in series.indices { series[index].settle() }
        for code in Array(tracks.keys) { tracks[code]?.settle() }
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

    private mutating func index(of code: Code, reading extractor: any Extractor) -> Int? {
        if let known = indexByCode[code] { return known }
        guard extractor.reads(code) else { return nil }
        series.append(Series(code: code, sampleCountMax: sampleCountMax, flaw: flaw))
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
}
