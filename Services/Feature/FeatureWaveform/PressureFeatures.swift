import TwinCore
import TwinWaveform

/// What the pulses of an arterial pressure say.
enum PressureFeatures {
    private static let recentSeconds = 30.0
    private static let pulseCountMin = 8
    /// What a living patient's artery can have, in mm[Hg].
    private static let plausible = 20.0...350.0

    static func features(of window: SignalWindow) -> [Feature] {
        guard let finder = PulseFinder(window) else { return [] }
        let factor = window.unit == "kPa" ? 7.500_62 : 1
        var list = FeatureList(prefix: "abp", flags: window.flags)
        let pulses = finder.pulses()
        let quality = PulseFeatures.add(pulses, window, &list)
        let from = window.start(ofLast: recentSeconds)
        let recent = pulses.filter { $0.foot >= from }
        let isReadable = recent.count >= pulseCountMin && quality >= 0.3
        func median(_ values: [Double]) -> Double? {
            isReadable && !values.isEmpty ? BeatJudge.median(values) * factor : nil
        }
        let systolic = median(recent.map(\.peakValue))
        let isPlausible = systolic.map(plausible.contains) ?? true
        let own: QualityFlags = isPlausible ? [] : .outOfRange
        list.add("sbp", systolic, "mm[Hg]", own)
        list.add("dbp", median(recent.map(\.footValue)), "mm[Hg]", own)
        let means = zip(recent, recent.dropFirst()).filter { !$1.followsGap }.map {
            finder.mean($0.foot..<$1.foot)
        }
        list.add("map", median(means), "mm[Hg]", own)
        list.add("pulse_pressure", median(recent.map(\.height)), "mm[Hg]", own)
        list.add("pulse_pressure_variation", isReadable ? variation(recent) : nil, "%", own)
        return list.features
    }

    /// How much the pulse pressure swings, in per cent of its middle.
    ///
    /// The outermost twentieth is left out on both sides: one odd pulse is no swing.
    private static func variation(_ pulses: [Pulse]) -> Double? {
        let heights = pulses.map(\.height).sorted()
        let edge = heights.count / 20
        let (low, high) = (heights[edge], heights[heights.count - 1 - edge])
        return low + high > 0 ? 200 * (high - low) / (high + low) : nil
    }
}
