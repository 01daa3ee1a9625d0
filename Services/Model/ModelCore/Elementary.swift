/// Elementary functions, computed here so that every machine gets the same bits.
///
/// A C library's `exp` differs between versions; an assessment must not. Errors are below two
/// units in the last place of a `Double`.
public enum Elementary {
    private static let ln2High = 0x1.62e42feep-1
    private static let ln2Low = 0x1.a39ef35793c76p-33

    /// e to the power of `x`.
    public static func exp(_ x: Double) -> Double {
        if x.isNaN { return x }
        if x > 709.79 { return .infinity }
        if x < -745.2 { return 0 }
        // Adding and taking away 1.5 x 2^52 rounds.
        let exponent = (x * 1.4426950408889634 + 0x1.8p52) - 0x1.8p52
        let rest = (x - exponent * ln2High) - exponent * ln2Low
        // The Taylor sum: |rest| <= ln(2) / 2, so that the 14th term is below one unit. Even and odd
        // terms are two sums that do not wait for each other.
        let square = rest * rest
        var even = square * (1.0 / 479_001_600) + 1.0 / 3_628_800
        even = even * square + 1.0 / 40_320
        even = even * square + 1.0 / 720
        even = even * square + 1.0 / 24
        even = (even * square + 1.0 / 2) * square
        var odd = square * (1.0 / 6_227_020_800) + 1.0 / 39_916_800
        odd = odd * square + 1.0 / 362_880
        odd = odd * square + 1.0 / 5_040
        odd = odd * square + 1.0 / 120
        odd = odd * square + 1.0 / 6
        odd = (odd * square + 1) * rest
        // In two steps, because the smallest results are not normal numbers.
        let half = Int(exponent) / 2
        return (1 + (odd + even)) * power(of2: half) * power(of2: Int(exponent) - half)
    }

    /// The natural logarithm; NaN below 0, minus infinity at 0.
    public static func log(_ x: Double) -> Double {
        guard x > 0 else { return x == 0 ? -.infinity : .nan }
        guard x.isFinite else { return x }
        var exponent = Double(x.exponent)
        var mantissa = x.significand
        if mantissa > 1.4142135623730951 {
            mantissa /= 2
            exponent += 1
        }
        // log m = 2 artanh s, a series in s squared, which is at most 0.03.
        let s = (mantissa - 1) / (mantissa + 1)
        let square = s * s
        var sum = 0.0
        for odd in stride(from: 23.0, through: 3.0, by: -2.0) { sum = (sum + 1 / odd) * square }
        return exponent * ln2High + (exponent * ln2Low + 2 * s * (1 + sum))
    }

    /// The logistic function 1 / (1 + e^-x).
    public static func logistic(_ x: Double) -> Double {
        let tail = exp(-x.magnitude)
        return x < 0 ? tail / (1 + tail) : 1 / (1 + tail)
    }

    /// The inverse of the logistic function.
    public static func logit(_ probability: Double) -> Double {
        log(probability / (1 - probability))
    }

    /// log(1 + e^x), without overflow.
    public static func softplus(_ x: Double) -> Double {
        max(x, 0) + log(1 + exp(-x.magnitude))
    }

    /// The hyperbolic tangent.
    public static func tanh(_ x: Double) -> Double {
        if x.magnitude < 0.02 {
            let square = x * x
            return x * (1 - square * (1.0 / 3 - square * (2.0 / 15 - square * 17.0 / 315)))
        }
        let tail = exp(-2 * x.magnitude)
        let value = (1 - tail) / (1 + tail)
        return x < 0 ? -value : value
    }

    /// The exponent must be that of a normal number.
    private static func power(of2 exponent: Int) -> Double {
        Double(bitPattern: UInt64(exponent + 1_023) << 52)
    }
}

/// A fixed sequence of numbers from a seed (SplitMix64): the same on every machine, for ever.
public struct SeededSequence: Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in 0..<bound; `bound` must be positive.
    public mutating func next(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
