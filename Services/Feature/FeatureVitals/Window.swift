import FeatureCore
import TwinCore

/// A span of time that ends at the reference time, both ends included.
struct Window {
    /// As it stands in feature names.
    let name: String
    let seconds: Double

    /// Each holds the one before it.
    static let all = [
        Window(name: "1h", seconds: 3_600), Window(name: "6h", seconds: 21_600),
        Window(name: "24h", seconds: 86_400), Window(name: "start", seconds: .infinity),
    ]
}

/// What a window says of a series.
struct WindowSummary {
    var count = 0.0
    var low = Double.infinity
    var high = -Double.infinity
    var flags: QualityFlags = []
    /// Sums of time in hours since the last sample, and of value less the last one: with the
    /// offsets taken off, nothing is lost to cancellation, and a constant has spread and slope 0.
    private var sumTime = 0.0
    private var sumTimeSquared = 0.0
    private var sumValue = 0.0
    private var sumValueSquared = 0.0
    private var sumTimeValue = 0.0
    private var offset = 0.0

    /// The summaries of all windows, in one pass from the newest sample to the oldest.
    ///
    /// The pass is made in canonical order backwards, so that the bits are those of the set.
    static func all(of series: Samples, at reference: Instant) -> [WindowSummary] {
        var running = WindowSummary()
        var summaries: [WindowSummary] = []
        guard let lastTime = series.lastTime, let last = series.last else { return [] }
        running.offset = last
        var edgeSeconds = Window.all[0].seconds
        for index in series.seen.reversed() {
            let time = series.times[index]
            while reference.seconds(since: time) > edgeSeconds {
                summaries.append(running)
                edgeSeconds = Window.all[summaries.count].seconds
            }
            let hours = -lastTime.seconds(since: time) / 3_600
            running.add(series.numbers[index], hours: hours, flags: series.flags[index])
        }
        while summaries.count < Window.all.count { summaries.append(running) }
        // What was left out is told of what it was left out of.
        for (time, said) in zip(series.heldTimes, series.heldFlags) {
            let age = reference.seconds(since: time)
            for (index, window) in Window.all.enumerated() where age <= window.seconds {
                summaries[index].flags.formUnion(said.intersection(.ofNeighbours))
            }
        }
        if let cutTime = series.cutTime {
            let seenSeconds = reference.seconds(since: cutTime)
            for (index, window) in Window.all.enumerated() where window.seconds >= seenSeconds {
                summaries[index].flags.insert(.incomplete)
            }
        }
        return summaries
    }

    private mutating func add(_ number: Double, hours: Double, flags: QualityFlags) {
        let value = number - offset
        count += 1
        low = min(low, number)
        high = max(high, number)
        sumTime += hours
        sumTimeSquared += hours * hours
        sumValue += value
        sumValueSquared += value * value
        sumTimeValue += hours * value
        self.flags.formUnion(flags)
    }

    /// What can be asked of a window; the raw value is the word in feature names.
    enum Measure: String, CaseIterable {
        case count, mean, slope, sum
        case low = "min"
        case high = "max"
        case deviation = "sd"

        func unit(of unit: String) -> String {
            switch self {
            case .count: "1"
            case .slope: "\(unit)/h"
            default: unit
            }
        }
    }

    /// Nil where the window holds too few samples to tell; the count is always known.
    func value(of measure: Measure) -> Double? {
        switch measure {
        case .count: return count
        case .deviation: return deviation
        case .slope: return slope
        default:
            guard count > 0 else { return nil }
            switch measure {
            case .low: return low
            case .high: return high
            case .sum: return offset * count + sumValue
            default: return offset + sumValue / count
            }
        }
    }

    /// The standard deviation of a sample, with n - 1.
    private var deviation: Double? {
        guard count >= 2 else { return nil }
        let squares = sumValueSquared - sumValue * sumValue / count
        return (max(0, squares) / (count - 1)).squareRoot()
    }

    /// Least squares, per hour; nil where all samples are of one moment.
    private var slope: Double? {
        guard count >= 2 else { return nil }
        let spread = sumTimeSquared - sumTime * sumTime / count
        // Below this, spread is nothing but what rounding left of it.
        guard spread > 1e-12 * sumTimeSquared else { return nil }
        return (sumTimeValue - sumTime * sumValue / count) / spread
    }
}
