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
        // The rhythm is asked last: a recorder whose speed wavers moves it too, at a rate of its own.
        if let peak = RespirationRate.peak(times, heights), peak.share >= 0.4 {
            (perMinute, quality, source) = (peak.frequency * 60, min(1, peak.share), .heights)
        } else if let peak = RespirationRate.peak(Array(times.dropFirst()), intervals),
            peak.share >= 0.4
        {
            (perMinute, quality, source) = (peak.frequency * 60, min(1, peak.share), .rhythm)
        } else {
            return nil
        }
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
