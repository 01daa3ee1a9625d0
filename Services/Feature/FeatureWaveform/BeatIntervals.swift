/// The intervals between normal beats: each from one normal beat to the next beat, also normal,
/// with no sample missing between.
public struct BeatIntervals: Hashable, Sendable {
    public struct Interval: Hashable, Sendable {
        /// When it ends, from the start of the recording.
        public var endSeconds: Double
        public var durationMs: Double

        public init(endSeconds: Double, durationMs: Double) {
            self.endSeconds = endSeconds
            self.durationMs = durationMs
        }
    }

    public var intervals: [Interval]
    /// How many intervals were left out: at ectopic or unknown beats, or over gaps.
    public var excludedCount: Int

    public init(intervals: [Interval], excludedCount: Int = 0) {
        self.intervals = intervals
        self.excludedCount = excludedCount
    }

    /// The normal-to-normal intervals of beats, at the rate that the signal's file states.
    public init(_ beats: [Beat], samplesPerSecond: Double) {
        intervals = []
        excludedCount = 0
        for (before, beat) in zip(beats, beats.dropFirst()) {
            guard before.kind == .normal, beat.kind == .normal, !beat.followsGap else {
                excludedCount += 1
                continue
            }
            intervals.append(
                Interval(
                    endSeconds: Double(beat.sample) / samplesPerSecond,
                    durationMs: Double(beat.sample - before.sample) / samplesPerSecond * 1000))
        }
    }

    /// The share of intervals that could be used; nil where there are none at all.
    public var usableShare: Double? {
        let all = intervals.count + excludedCount
        return all == 0 ? nil : Double(intervals.count) / Double(all)
    }
}
