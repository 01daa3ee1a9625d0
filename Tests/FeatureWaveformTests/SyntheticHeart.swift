import Foundation
import TwinTestKit

/// An ECG whose beats are known, with what makes them hard to find.
struct SyntheticHeart: Sendable, CustomStringConvertible {
    var description: String
    var samplesPerSecond = 360.0
    var seconds = 90.0
    var beatsPerMinute = 75.0
    /// In millivolts, as all that follow.
    var height = 1.0
    var recovery = 0.3
    var noise = 0.01
    var wander = 0.0
    var mains = 0.0
    var isInverted = false
    /// A QRS complex as wide as that of a blocked bundle.
    var isWide = false
    var isPaced = false
    var isIrregular = false
    /// The share of early, wide beats.
    var ectopicShare = 0.0
    /// How long nothing is to be seen at first.
    var silentSeconds = 0.0
    var stepsPerMillivolt = 200.0

    init(_ description: String, _ change: (inout SyntheticHeart) -> Void = { _ in }) {
        self.description = description
        change(&self)
    }

    /// The samples, and the places of the beats.
    func record(seed: UInt64 = 1) -> (samples: [Int32], beats: [Int]) {
        var random = SplitMix64(seed: seed)
        var values = [Double](repeating: 0, count: Int(seconds * samplesPerSecond))
        var beats: [Int] = []
        var time = silentSeconds + 0.5
        while time < seconds - 0.7 {
            let usual = 60 / beatsPerMinute
            let breath = 1 + 0.03 * sin(2 * .pi * 0.25 * time)
            let isEctopic = Double.random(in: 0..<1, using: &random) < ectopicShare
            let place = isEctopic ? time - 0.3 * usual : time
            add(place, isEctopic, to: &values)
            beats.append(Int(place * samplesPerSecond))
            time +=
                isIrregular ? usual * Double.random(in: 0.6...1.5, using: &random) : usual * breath
        }
        let samples = values.indices.map { index -> Int32 in
            let seconds = Double(index) / samplesPerSecond
            var value = values[index] + noise * gauss(&random)
            value += wander * sin(2 * .pi * 0.3 * seconds) + mains * sin(100 * .pi * seconds)
            if seconds < silentSeconds { value = 0 }
            return Int32(((isInverted ? -value : value) * stepsPerMillivolt).rounded())
        }
        return (samples, beats)
    }

    private func gauss(_ random: inout SplitMix64) -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
    }

    private func add(_ place: Double, _ isEctopic: Bool, to values: inout [Double]) {
        func bump(_ offset: Double, _ height: Double, _ width: Double) {
            let centre = place + offset
            let low = max(0, Int((centre - 5 * width) * samplesPerSecond))
            let high = min(values.count - 1, Int((centre + 5 * width) * samplesPerSecond))
            for index in low..<max(low, high) {
                let distance = (Double(index) / samplesPerSecond - centre) / width
                values[index] += self.height * height * exp(-distance * distance / 2)
            }
        }
        if isEctopic {
            bump(0, 1.3, 0.035)
            bump(0.06, -0.5, 0.04)
            return bump(0.28, -0.4, 0.06)
        }
        if isPaced { bump(-0.03, 2, 0.001) }
        let width = isWide || isPaced ? 0.035 : 0.011
        if !isIrregular { bump(-0.16, 0.12, 0.02) }
        bump(0, 1, width)
        bump(0.028, -0.2, width)
        bump(0.25 * min(1, (60 / beatsPerMinute).squareRoot()), recovery, 0.045)
    }
}
