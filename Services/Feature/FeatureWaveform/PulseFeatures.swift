import TwinCore
import TwinWaveform

/// What the pulses of a plethysmogram say.
enum PulseFeatures {
    static func features(of window: SignalWindow) -> [Feature] {
        guard let finder = PulseFinder(window) else { return [] }
        var list = FeatureList(prefix: "pleth", flags: window.flags)
        add(finder.pulses(), window, &list)
        return list.features
    }

    /// Rate, quality and respiration, as every pulse has them; returns the quality.
    @discardableResult
    static func add(
        _ pulses: [Pulse], _ window: SignalWindow, _ list: inout FeatureList
    ) -> Double {
        let from = window.start(ofLast: 60)
        let recent = pulses.filter { $0.peak >= from }
        let quality = quality(recent, window, from)
        let intervals = intervals(recent, window)
        let isReadable = quality >= 0.3 && intervals.count >= 3
        list.add(
            "pulse_rate", isReadable ? 60 / HeartRateVariability.mean(intervals) : nil, "/min")
        list.add("quality", quality, "1")
        let beats = recent.map {
            Beat(
                sample: $0.peak, kind: .normal, amplitude: $0.height, quality: 1,
                followsGap: $0.followsGap)
        }
        let breath =
            isReadable
            ? RespirationRate(beats, samplesPerSecond: window.samplesPerSecond) : nil
        list.add("resp_rate", breath?.perMinute, "/min")
        list.add("resp_quality", breath?.quality, "1")
        return quality
    }

    static func intervals(_ pulses: [Pulse], _ window: SignalWindow) -> [Double] {
        zip(pulses, pulses.dropFirst()).filter { !$1.followsGap }.map {
            Double($1.peak - $0.peak) / window.samplesPerSecond
        }
    }

    /// The share of the time that is measured and moves, times that of pulses like their neighbours:
    /// within a third of the usual interval and half of the usual height.
    private static func quality(_ pulses: [Pulse], _ window: SignalWindow, _ from: Int) -> Double {
        guard pulses.count >= 4,
            let signal = SignalQuality(
                window.samples, in: from..<window.samples.count, beats: [],
                samplesPerSecond: window.samplesPerSecond)
        else { return 0 }
        let heights = BeatJudge.median(pulses.map(\.height))
        let all = intervals(pulses, window)
        guard !all.isEmpty else { return 0 }
        let usual = BeatJudge.median(all)
        let inTime = Double(all.count { abs($0 - usual) <= usual / 3 }) / Double(all.count)
        let alike =
            Double(pulses.count { abs($0.height - heights) <= heights / 2 }) / Double(pulses.count)
        // A pressure that is told to the whole millimetre stands still for moments.
        let flat = signal.flatShare > 0.5 ? signal.flatShare : 0
        return max(0, 1 - signal.missingShare - flat) * inTime * alike
    }
}
