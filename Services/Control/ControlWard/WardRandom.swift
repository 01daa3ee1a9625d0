/// Chance from a seed, with the few distributions that a ward needs.
///
/// A linear congruential generator, of which only the upper bits are used.
struct WardRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
        for _ in 0..<4 { _ = uniform() }
    }

    /// 0 up to, not including, 1.
    mutating func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 32) / 4_294_967_296
    }

    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
    }

    mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    /// About normal: twelve uniforms, which reach six deviations at most.
    mutating func normal(_ mean: Double, _ deviation: Double) -> Double {
        let sum = (0..<12).reduce(0.0) { total, _ in total + uniform() }
        return mean + (sum - 6) * deviation
    }
}
