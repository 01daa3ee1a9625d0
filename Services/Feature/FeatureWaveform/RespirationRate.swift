/// How often a patient breathes, as an ECG's or a pulse's beats tell: breathing moves the height
/// of the beats and the rhythm.
public struct RespirationRate: Hashable, Sendable {
    public static let perMinuteRange = 6.0...42.0

    /// What breathing was seen to move.
    public enum Source: Hashable, Sendable, CaseIterable {
        case heights
        case rhythm
    }

    public var perMinute: Double
    public var source: Source
    /// The share of the band's power around the rate: 1 where nothing else moves the beats.
    public var quality: Double

    /// Of the beats of half a minute or more; nil where there are too few, where samples are
    /// missing, or where no rate stands out.
    public init?(_ beats: [Beat], samplesPerSecond: Double) {
        let usable = beats.filter { $0.kind != .ectopic && $0.quality > 0.5 }
        guard usable.count >= 16, Double(usable.count) >= 0.7 * Double(beats.count),
            !beats.dropFirst().contains(where: \.followsGap)
        else { return nil }
        let times = usable.map { Double($0.sample) / samplesPerSecond }
        let heights = usable.map(\.amplitude)
        let intervals = zip(times.dropFirst(), times).map { $0 - $1 }
        let byHeight = RespirationRate.peak(times, heights)
        let byRhythm = RespirationRate.peak(Array(times.dropFirst()), intervals)
        // A recorder whose speed wavers moves the rhythm too, at a rate of its own: it speaks where
        // the heights say little, or much less.
        let isByHeight =
            (byHeight?.share ?? 0) >= 0.4
            && (byRhythm?.share ?? 0) < (byHeight?.share ?? 0) + 0.25
        guard let peak = isByHeight ? byHeight : byRhythm, peak.share >= 0.4 else { return nil }
        (perMinute, quality) = (peak.frequency * 60, min(1, peak.share))
        source = isByHeight ? .heights : .rhythm
    }

    private static func peak(
        _ times: [Double], _ values: [Double]
    ) -> (frequency: Double, share: Double)? {
        guard let series = ResampledSeries(times: times, values: values, samplesPerSecond: 4),
            series.durationSeconds >= 30
        else { return nil }
        // Less than half a per cent is rounding, not breath.
        let mean = HeartRateVariability.mean(values)
        guard HeartRateVariability.deviation(values) > 0.005 * abs(mean) else { return nil }
        // Above half the heart's rate nothing can be told from beats.
        let beatsPerSecond = Double(times.count - 1) / series.durationSeconds
        let high = min(perMinuteRange.upperBound / 60, beatsPerSecond / 2)
        return SpectralDensity(series.values, samplesPerSecond: 4, windowSeconds: 60)
            .peak(from: perMinuteRange.lowerBound / 60, to: high)
    }
}
