import ModelCore

/// Functions of one number that networks are made of; each NaN for NaN.
enum Curve {
    /// e to the power of `x`, less 1; exact near 0.
    static func expLess1(_ x: Double) -> Double {
        let power = Elementary.exp(x)
        if power == 1 { return x }
        let less = power - 1
        // Kahan's way: the error of the power and that of its logarithm cancel.
        return less == -1 || !power.isFinite ? less : less * x / Elementary.log(power)
    }

    /// The logarithm of 1 + `x`; exact near 0.
    static func logOf1Plus(_ x: Double) -> Double {
        let sum = 1 + x
        return sum == 1 || !sum.isFinite ? x : Elementary.log(sum) * x / (sum - 1)
    }

    static func softplus(_ x: Double) -> Double {
        (x < 0 ? 0 : x) + logOf1Plus(Elementary.exp(-x.magnitude))
    }

    /// The error function.
    static func erf(_ x: Double) -> Double {
        let size = x.magnitude
        guard size < 6 else { return x.isNaN ? x : x < 0 ? -1 : 1 }
        // All terms are positive, so that none cancels: 2/√π e^-x² Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!
        var term = x
        var sum = x
        var odd = 1.0
        while term.magnitude > sum.magnitude * 1e-17 {
            odd += 2
            term *= 2 * x * x / odd
            sum += term
        }
        return 1.1283791670955126 * Elementary.exp(-x * x) * sum
    }

    /// The power; whole exponents are multiplied out.
    @Sendable static func power(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 0 || base == 1 { return 1 }
        if base.isNaN || exponent.isNaN { return .nan }
        if exponent == 0.5 { return base == -.infinity ? .infinity : (base + 0).squareRoot() }
        let isWhole = exponent.rounded() == exponent
        if isWhole, exponent.magnitude <= 64 {
            var product = 1.0
            for _ in 0..<Int(exponent.magnitude) { product *= base }
            return exponent < 0 ? 1 / product : product
        }
        if base == 0 { return exponent < 0 ? .infinity : 0 }
        guard base < 0 else { return Elementary.exp(exponent * Elementary.log(base)) }
        guard isWhole else { return base == -.infinity ? (exponent < 0 ? 0 : .infinity) : .nan }
        let size = Elementary.exp(exponent * Elementary.log(-base))
        return exponent.truncatingRemainder(dividingBy: 2) == 0 ? size : -size
    }

    static func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x }

    /// `x` within bounds; the higher bound wins over a lower one above it.
    static func clip(_ x: Double, _ low: Double, _ high: Double) -> Double {
        let raised = x < low ? low : x
        return raised > high ? high : raised
    }

    /// The Gaussian error linear unit.
    static func gelu(_ x: Double) -> Double {
        x == -.infinity ? 0 : 0.5 * x * (1 + erf(x * 0.5.squareRoot()))
    }

    /// Its approximation by a hyperbolic tangent.
    static func geluByTanh(_ x: Double) -> Double {
        let inner = 0.7978845608028654 * (x + 0.044715 * x * x * x)
        return x == -.infinity ? 0 : 0.5 * x * (1 + Elementary.tanh(inner))
    }
}
