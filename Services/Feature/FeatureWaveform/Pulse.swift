import TwinWaveform

/// One pulse wave: where it begins and where it is highest.
struct Pulse {
    var foot: Int
    var peak: Int
    var footValue: Double
    var peakValue: Double
    /// Samples are missing between the pulse before and this one.
    var followsGap: Bool

    var height: Double { peakValue - footValue }
}

/// Finds the pulses of a plethysmogram or an arterial pressure by how much it rises.
///
/// The sum of what a smoothed signal rose within an eighth of a second has one hill at each
/// upstroke; the notch behind it rises less. A hill counts by its height among those around it.
struct PulseFinder {
    static let rates = 20.0...4000.0
    private static let smoothSeconds = 0.06
    private static let riseSeconds = 0.128
    private static let apartSeconds = 0.3
    private static let aroundSeconds = 5.0
    private static let shareMin = 0.45

    private let samplesPerSecond: Double
    private let values: [Double]
    /// How many samples are missing up to each place.
    private let missingCounts: [Int]

    /// Nil for a rate at which pulses can't be told, or a signal without a sample.
    init?(_ window: SignalWindow) {
        guard PulseFinder.rates.contains(window.samplesPerSecond),
            let first = window.samples.first(where: { $0 != Waveform.missing })
        else { return nil }
        samplesPerSecond = window.samplesPerSecond
        var held = window.scale.value(of: first)
        var missing = 0
        var (values, counts): ([Double], [Int]) = ([], [])
        values.reserveCapacity(window.samples.count)
        for sample in window.samples {
            if sample == Waveform.missing {
                missing += 1
            } else {
                held = window.scale.value(of: sample)
            }
            values.append(held)
            counts.append(missing)
        }
        self.values = values
        missingCounts = counts
    }

    /// The mean value of a range.
    func mean(_ range: Range<Int>) -> Double {
        values[range].reduce(0, +) / Double(range.count)
    }

    func pulses() -> [Pulse] {
        let rises = rises(smoothed())
        var pulses: [Pulse] = []
        for hill in hills(rises) {
            guard let pulse = pulse(at: hill, after: pulses.last) else { continue }
            pulses.append(pulse)
        }
        return pulses
    }

    private func count(_ seconds: Double) -> Int { max(1, Int(seconds * samplesPerSecond)) }

    private func smoothed() -> [Double] {
        let half = count(PulseFinder.smoothSeconds) / 2
        guard half > 0 else { return values }
        var smooth = values
        var sum = values.prefix(half).reduce(0, +)
        var held = min(half, values.count)
        for index in values.indices {
            if index + half < values.count {
                sum += values[index + half]
                held += 1
            }
            if index - half - 1 >= 0 {
                sum -= values[index - half - 1]
                held -= 1
            }
            smooth[index] = sum / Double(held)
        }
        return smooth
    }

    private func rises(_ smooth: [Double]) -> [Double] {
        let reach = count(PulseFinder.riseSeconds)
        var rises = [Double](repeating: 0, count: smooth.count)
        var sum = 0.0
        for index in smooth.indices.dropFirst() {
            sum += max(0, smooth[index] - smooth[index - 1])
            if index > reach { sum -= max(0, smooth[index - reach] - smooth[index - reach - 1]) }
            rises[index] = max(0, sum)
        }
        return rises
    }

    /// The places that are the highest within the time that two pulses are apart at least, and
    /// nearly as high as such places around them are.
    private func hills(_ rises: [Double]) -> [Int] {
        var finder = HillFinder(reach: count(PulseFinder.apartSeconds))
        var hills: [Hill] = []
        for rise in rises { if let hill = finder.push(rise) { hills.append(hill) } }
        for _ in 0..<finder.reach { if let hill = finder.push(0) { hills.append(hill) } }
        let around = count(PulseFinder.aroundSeconds)
        var (low, high) = (0, 0)
        return hills.filter { hill in
            while hills[low].place < hill.place - around { low += 1 }
            while high < hills.count, hills[high].place <= hill.place + around { high += 1 }
            let heights = hills[low..<high].map(\.height).sorted()
            // Of many small hills the high third tells what a pulse is.
            let usual = heights[heights.count * 2 / 3]
            return usual > 0 && hill.height >= PulseFinder.shareMin * usual
        }.map(\.place)
    }

    private func pulse(at hill: Int, after last: Pulse?) -> Pulse? {
        let back = max(last.map { $0.peak + 1 } ?? 0, hill - count(PulseFinder.apartSeconds))
        let ahead = min(values.count - 1, hill + count(PulseFinder.apartSeconds))
        guard back < hill, hill < ahead else { return nil }
        let peak = (hill - count(PulseFinder.riseSeconds) / 2...ahead).filter { $0 > back }
            .max { values[$0] < values[$1] }
        guard let peak else { return nil }
        var foot = peak
        for place in stride(from: peak, through: back, by: -1) where values[place] < values[foot] {
            foot = place
        }
        guard foot < peak, values[peak] > values[foot] else { return nil }
        return Pulse(
            foot: foot, peak: peak, footValue: values[foot], peakValue: values[peak],
            followsGap: missingCounts[peak] > missingCounts[last?.peak ?? foot])
    }
}
