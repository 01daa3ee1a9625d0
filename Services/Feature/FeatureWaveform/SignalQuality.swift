import TwinWaveform

/// How far a stretch of a signal can be relied on, from 0 to 1, and why.
public struct SignalQuality: Hashable, Sendable {
    /// The share of samples that are missing.
    public var missingShare: Double
    /// The share of samples that lie in runs of 1.5 s or more at one value: lead off, or saturated.
    ///
    /// Between the beats of a quiet heart a signal without noise rests for more than a second.
    public var flatShare: Double
    /// The mean quality of the beats; nil where none was found.
    public var beatQuality: Double?

    /// What is measured, moving, and quiet between the beats; 0 where no beat is.
    public var index: Double {
        (1 - min(1, missingShare + flatShare)) * (beatQuality ?? 0)
    }

    /// Of the samples of a range and the beats of the whole signal; nil for an empty range.
    public init?(
        _ samples: [Int32], in range: Range<Int>, beats: [Beat], samplesPerSecond: Double
    ) {
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= samples.count else {
            return nil
        }
        let long = max(2, Int(1.5 * samplesPerSecond))
        var missing = 0
        var flat = 0
        var run = 0
        for index in range {
            let sample = samples[index]
            guard sample != Waveform.missing else {
                missing += 1
                run = 0
                continue
            }
            run = index > range.lowerBound && sample == samples[index - 1] ? run + 1 : 1
            if run == long { flat += long } else if run > long { flat += 1 }
        }
        missingShare = Double(missing) / Double(range.count)
        flatShare = Double(flat) / Double(range.count)
        let own = beats.filter { range.contains($0.sample) }
        beatQuality = own.isEmpty ? nil : own.reduce(0) { $0 + $1.quality } / Double(own.count)
    }
}
