/// The exponential and the logarithm, the same bits on every platform.
public enum Elementary {
    private static let ln2High = 0x1.62e42fee00000p-1
    private static let ln2Low = 0x1.a39ef35793c76p-33

    /// e to the power of x, within about one unit in the last place.
    public static func exp(_ x: Double) -> Double {
        if x.isNaN { return x }
        if x > 709.7 { return .infinity }
        if x < -745 { return 0 }
        let power = (x * 1.442_695_040_888_963_4).rounded()
        let rest = x - power * ln2High - power * ln2Low
        // Taylor's series to degree 14: what follows is below 1e-18.
        var sum = 1.0
        for n in stride(from: 14.0, through: 1, by: -1) { sum = 1 + sum * rest / n }
        // In two steps, because 2 to the power of -1074 has no normal form.
        let half = Int(power) / 2
        return sum * Double(sign: .plus, exponent: half, significand: 1)
            * Double(sign: .plus, exponent: Int(power) - half, significand: 1)
    }

    /// The natural logarithm, within a few units in the last place; NaN below zero.
    public static func log(_ x: Double) -> Double {
        if x.isNaN || x < 0 { return .nan }
        if x == 0 { return -.infinity }
        if x.isInfinite { return x }
        var exponent = Double(x.exponent)
        var significand = x.significand
        if significand > 1.414_213_562_373_095_1 {
            significand /= 2
            exponent += 1
        }
        // log m = 2 artanh s.
        let s = (significand - 1) / (significand + 1)
        let square = s * s
        var sum = 0.0
        for n in stride(from: 23.0, through: 1, by: -2) { sum = sum * square + 1 / n }
        return exponent * ln2High + (exponent * ln2Low + 2 * s * sum)
    }

    /// The logistic function.
    public static func sigmoid(_ x: Double) -> Double {
        if x >= 0 { return 1 / (1 + exp(-x)) }
        let power = exp(x)
        return power / (1 + power)
    }

    /// The inverse of the logistic function.
    public static func logit(_ probability: Double) -> Double {
        log(probability / (1 - probability))
    }

    /// log(1 + e^x), without overflow.
    public static func softplus(_ x: Double) -> Double {
        max(x, 0) + log(1 + exp(-abs(x)))
    }
}
