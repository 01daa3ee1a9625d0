/// Heart rate variability in frequency, of normal-to-normal intervals alone, in ms2.
///
/// A cubic spline through the intervals is sampled four times a second; Welch's method with
/// five-minute windows (half a window apart, Hann, straight line taken away) gives the density,
/// whose bands are summed: VLF 0.003 to 0.04 Hz, LF to 0.15, HF to 0.40.
public struct HeartRateSpectrum: Hashable, Sendable {
    public static let samplesPerSecond = 4.0
    static let windowSeconds = 300.0

    public var vlfMs2: Double
    public var lfMs2: Double
    public var hfMs2: Double

    public var totalMs2: Double { vlfMs2 + lfMs2 + hfMs2 }
    /// Nil without power in HF.
    public var lfToHf: Double? { hfMs2 > 0 ? lfMs2 / hfMs2 : nil }
    /// LF / (LF + HF) in per cent; nil without power in either.
    public var lfNormalPercent: Double? {
        lfMs2 + hfMs2 > 0 ? 100 * lfMs2 / (lfMs2 + hfMs2) : nil
    }

    /// Nil below two minutes, and where less than four fifths of the time is covered by normal
    /// intervals: what lies between would be made up.
    public init?(_ series: BeatIntervals) {
        guard
            let resampled = ResampledSeries(
                times: series.intervals.map(\.endSeconds),
                values: series.intervals.map(\.durationMs),
                samplesPerSecond: HeartRateSpectrum.samplesPerSecond),
            resampled.durationSeconds >= 120
        else { return nil }
        let covered = series.intervals.dropFirst().reduce(0) { $0 + $1.durationMs / 1000 }
        guard covered >= 0.8 * resampled.durationSeconds else { return nil }
        let density = SpectralDensity(
            resampled.values, samplesPerSecond: HeartRateSpectrum.samplesPerSecond,
            windowSeconds: HeartRateSpectrum.windowSeconds)
        vlfMs2 = density.power(from: 0.003, to: 0.04)
        lfMs2 = density.power(from: 0.04, to: 0.15)
        hfMs2 = density.power(from: 0.15, to: 0.40)
    }
}

/// Values at uneven times, brought to an even rate by a natural cubic spline.
struct ResampledSeries {
    static let countMax = 1 << 22
    var values: [Double]
    var durationSeconds: Double

    /// Nil unless there are four values at ascending times, and a bounded time between the ends.
    init?(times: [Double], values: [Double], samplesPerSecond: Double) {
        guard times.count >= 4, times.count == values.count, let start = times.first,
            let end = times.last, (times + values).allSatisfy(\.isFinite),
            zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }),
            (end - start) * samplesPerSecond < Double(ResampledSeries.countMax)
        else { return nil }
        durationSeconds = end - start
        let bends = ResampledSeries.bends(times, values)
        var segment = 0
        self.values = (0...Int(durationSeconds * samplesPerSecond)).map { step in
            let time = start + Double(step) / samplesPerSecond
            while segment + 2 < times.count, times[segment + 1] < time { segment += 1 }
            let width = times[segment + 1] - times[segment]
            let left = (times[segment + 1] - time) / width
            let right = (time - times[segment]) / width
            let bend =
                (left * left * left - left) * bends[segment]
                + (right * right * right - right) * bends[segment + 1]
            return left * values[segment] + right * values[segment + 1]
                + bend * width * width / 6
        }
    }

    /// The second derivatives at the knots: one sweep down, one up.
    private static func bends(_ times: [Double], _ values: [Double]) -> [Double] {
        let count = times.count
        var bends = [Double](repeating: 0, count: count)
        var carried = [Double](repeating: 0, count: count)
        for index in 1..<count - 1 {
            let before = times[index] - times[index - 1]
            let after = times[index + 1] - times[index]
            let share = before / (before + after)
            let pivot = share * bends[index - 1] + 2
            bends[index] = (share - 1) / pivot
            let turn =
                (values[index + 1] - values[index]) / after
                - (values[index] - values[index - 1]) / before
            carried[index] =
                (6 * turn / (before + after) - share * carried[index - 1]) / pivot
        }
        bends[count - 1] = 0
        for index in stride(from: count - 2, through: 0, by: -1) {
            bends[index] = bends[index] * bends[index + 1] + carried[index]
        }
        return bends
    }
}
