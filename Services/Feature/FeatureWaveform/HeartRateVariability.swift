/// Heart rate variability in time, of normal-to-normal intervals alone.
public struct HeartRateVariability: Hashable, Sendable {
    public var intervalCount: Int
    public var meanMs: Double
    /// With n - 1.
    public var sdnnMs: Double
    /// Of successive differences.
    public var rmssdMs: Double
    public var sdsdMs: Double
    /// Per cent of successive differences above 50 ms.
    public var pnn50Percent: Double
    /// The spread of the means of five-minute blocks, and the mean of their spreads; nil without
    /// two blocks.
    public var sdannMs: Double?
    public var sdnnIndexMs: Double?

    /// Nil below three intervals: there is nothing to vary.
    public init?(_ series: BeatIntervals) {
        let values = series.intervals.map(\.durationMs)
        guard values.count >= 3 else { return nil }
        let differences = zip(values.dropFirst(), values).map { $0 - $1 }
        intervalCount = values.count
        meanMs = HeartRateVariability.mean(values)
        sdnnMs = HeartRateVariability.deviation(values)
        rmssdMs = HeartRateVariability.mean(differences.map { $0 * $0 }).squareRoot()
        sdsdMs = HeartRateVariability.deviation(differences)
        pnn50Percent =
            100 * Double(differences.count { abs($0) > 50 }) / Double(differences.count)
        let blocks = HeartRateVariability.blocks(series)
        guard blocks.count >= 2 else { return }
        sdannMs = HeartRateVariability.deviation(blocks.map(HeartRateVariability.mean))
        sdnnIndexMs = HeartRateVariability.mean(blocks.map(HeartRateVariability.deviation))
    }

    /// The five-minute blocks that are full and hold enough to speak of.
    private static func blocks(_ series: BeatIntervals) -> [[Double]] {
        guard let end = series.intervals.last?.endSeconds, end.isFinite, end < 1e9 else {
            return []
        }
        let count = Int(end / 300)
        var blocks = [[Double]](repeating: [], count: count)
        for interval in series.intervals where interval.endSeconds >= 0 {
            let block = Int(interval.endSeconds / 300)
            if block < count { blocks[block].append(interval.durationMs) }
        }
        return blocks.filter { $0.count >= 3 }
    }

    static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(values.count)
    }

    static func deviation(_ values: [Double]) -> Double {
        let mean = mean(values)
        let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (sum / Double(values.count - 1)).squareRoot()
    }
}
