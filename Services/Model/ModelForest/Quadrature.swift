/// Gauss-Legendre's rules on 0...1, which integrate a polynomial of degree 2n-1 with n points.
struct Quadrature: Sendable {
    static let pointsMax = 32
    /// The rules with 1 to 32 points.
    static let shared = Quadrature()

    /// 32 places a rule.
    let nodes: [Double]
    let weights: [Double]

    private init() {
        var nodes: [Double] = []
        var weights: [Double] = []
        var roots: [Double] = []
        for degree in 1...Self.pointsMax {
            roots = Self.roots(degree, between: [-1] + roots + [1])
            let rest = repeatElement(0.0, count: Self.pointsMax - degree)
            nodes += roots.map { ($0 + 1) / 2 } + rest
            weights +=
                roots.map { root in
                    let slope = Self.legendre(degree, root).slope
                    return 1 / ((1 - root * root) * slope * slope)
                } + rest
        }
        self.nodes = nodes
        self.weights = weights
    }

    /// The roots of a Legendre polynomial, one between each two of the one before it.
    private static func roots(_ degree: Int, between bounds: [Double]) -> [Double] {
        zip(bounds, bounds.dropFirst()).map { low, high in
            var (low, high) = (low, high)
            let rises = legendre(degree, high).value > 0
            for _ in 0..<60 {
                let middle = (low + high) / 2
                if (legendre(degree, middle).value > 0) == rises {
                    high = middle
                } else {
                    low = middle
                }
            }
            return (low + high) / 2
        }
    }

    /// A Legendre polynomial and its slope, inside -1...1 (the slope not at its ends).
    private static func legendre(_ degree: Int, _ x: Double) -> (value: Double, slope: Double) {
        var (before, value) = (1.0, x)
        for n in stride(from: 2.0, through: Double(degree), by: 1) {
            (before, value) = (value, ((2 * n - 1) * x * value - (n - 1) * before) / n)
        }
        return (value, Double(degree) * (x * value - before) / (x * x - 1))
    }
}
