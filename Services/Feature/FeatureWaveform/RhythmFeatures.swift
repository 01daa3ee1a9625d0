import TwinCore
import TwinWaveform

/// What the beats of an ECG say.
enum RhythmFeatures {
    /// Below this quality a rhythm is not told from noise.
    static let qualityMin = 0.3
    /// With fewer of their intervals normal, a rhythm's variability is that of its ectopy.
    static let normalShareMin = 0.5
    private static let rateSeconds = 60.0

    private struct Lead {
        var window: SignalWindow
        var beats: [Beat]
        var quality: SignalQuality
    }

    /// The features of the lead of the highest quality; of equals of the first.
    static func features(ofBestOf windows: [SignalWindow]) -> [Feature] {
        var best: Lead?
        for window in windows {
            guard
                let beats = try? BeatDetector.beats(
                    of: window.samples, samplesPerSecond: window.samplesPerSecond),
                let quality = SignalQuality(
                    window.samples, in: window.samples.indices, beats: beats,
                    samplesPerSecond: window.samplesPerSecond)
            else { continue }
            if best.map({ $0.quality.index < quality.index }) ?? true {
                best = Lead(window: window, beats: beats, quality: quality)
            }
        }
        return best.map(features) ?? []
    }

    private static func features(of lead: Lead) -> [Feature] {
        var list = FeatureList(prefix: "ecg", flags: lead.window.flags)
        let index = lead.quality.index
        list.add("quality", index, "1")
        list.add("missing_share", lead.quality.missingShare, "1")
        list.add("flat_share", lead.quality.flatShare, "1")
        list.add("window_s", lead.window.durationSeconds, "s")
        list.add("beat_count", Double(lead.beats.count), "1")
        let isReadable = index >= qualityMin
        let beats = isReadable ? lead.beats : []
        addRate(beats, lead.window, &list)
        addEctopy(beats, &list)
        addVariability(beats, lead.window, &list)
        let from = lead.window.start(ofLast: rateSeconds)
        let breath = RespirationRate(
            beats.filter { $0.sample >= from }, samplesPerSecond: lead.window.samplesPerSecond)
        list.add("resp_rate", breath?.perMinute, "/min")
        list.add("resp_quality", breath?.quality, "1")
        return list.features
    }

    /// The rate of all beats of the last minute, and how unlike one another their intervals are.
    private static func addRate(
        _ beats: [Beat], _ window: SignalWindow, _ list: inout FeatureList
    ) {
        let from = window.start(ofLast: rateSeconds)
        let recent = beats.filter { $0.sample >= from }
        let intervals = zip(recent, recent.dropFirst()).filter { !$1.followsGap }.map {
            Double($1.sample - $0.sample) / window.samplesPerSecond
        }
        let isEnough = intervals.count >= 3
        let mean = isEnough ? HeartRateVariability.mean(intervals) : nil
        list.add("heart_rate", mean.map { 60 / $0 }, "/min")
        let steps = zip(intervals.dropFirst(), intervals).map { $0 - $1 }
        let spread =
            steps.count >= 15 ? HeartRateVariability.mean(steps.map { $0 * $0 }).squareRoot() : nil
        list.add("rr_irregularity", mean.flatMap { mean in spread.map { $0 / mean } }, "1")
    }

    private static func addEctopy(_ beats: [Beat], _ list: inout FeatureList) {
        let ectopic = beats.count { $0.kind == .ectopic }
        let known = beats.count { $0.kind != .unknown }
        let isEnough = known >= 20
        list.add("ectopic_share", isEnough ? Double(ectopic) / Double(known) : nil, "1")
        list.add("ectopic_count", isEnough ? Double(ectopic) : nil, "1")
    }

    private static func addVariability(
        _ beats: [Beat], _ window: SignalWindow, _ list: inout FeatureList
    ) {
        let series = BeatIntervals(beats, samplesPerSecond: window.samplesPerSecond)
        let share = series.usableShare
        let isUsable = (share ?? 0) >= normalShareMin && series.intervals.count >= 30
        let time = isUsable ? HeartRateVariability(series) : nil
        let spectrum = isUsable ? HeartRateSpectrum(series) : nil
        list.add("nn_count", Double(series.intervals.count), "1")
        list.add("nn_share", share, "1")
        list.add("nn_mean", time?.meanMs, "ms")
        list.add("sdnn", time?.sdnnMs, "ms")
        list.add("rmssd", time?.rmssdMs, "ms")
        list.add("sdsd", time?.sdsdMs, "ms")
        list.add("pnn50", time?.pnn50Percent, "%")
        list.add("vlf", spectrum?.vlfMs2, "ms2")
        list.add("lf", spectrum?.lfMs2, "ms2")
        list.add("hf", spectrum?.hfMs2, "ms2")
        list.add("lf_hf", spectrum?.lfToHf, "1")
        list.add("lf_nu", spectrum?.lfNormalPercent, "%")
    }
}
