/// Numbers that people write: multiples of 1, 2 or 5 times a power of ten.
public enum RoundNumbers {
    /// At most `countMax` equally spaced ones in a range, the nearest first; `value` is not one.
    ///
    /// Whole numbers have whole ones.
    static func values(
        in range: ClosedRange<Double>, around value: Double, countMax: Int
    ) -> [Double] {
        let width = range.upperBound - range.lowerBound
        guard countMax > 1, width > 0, width.isFinite, value.isFinite else { return [] }
        let isWhole = [value, range.lowerBound, range.upperBound].allSatisfy {
            $0.rounded() == $0
        }
        var least = width / Double(countMax - 1)
        if isWhole { least = max(1, least) }
        let (digit, power) = step(atLeast: least)
        func number(_ multiple: Double) -> Double { RoundNumbers.size(multiple * digit, power) }
        let size = number(1)
        let (first, last) = (
            (range.lowerBound / size).rounded(.up), (range.upperBound / size).rounded(.down)
        )
        guard first <= last, last - first < Double(countMax) else { return [] }
        let all = (0...Int(last - first)).map { number(first + Double($0)) }
        return all.filter { $0 != value && range.contains($0) }.sorted {
            let (left, right) = (($0 - value).magnitude, ($1 - value).magnitude)
            return left == right ? $0 < $1 : left < right
        }
    }

    /// The least digit times power of ten that is not below a number above 0.
    public static func step(atLeast least: Double) -> (digit: Double, power: Int) {
        var power = 0
        while power > -300, size(1, power) > least { power -= 1 }
        while power < 300, size(1, power + 1) <= least { power += 1 }
        for digit in [1.0, 2, 5] where size(digit, power) >= least { return (digit, power) }
        return (1, power + 1)
    }

    /// A digit, or a multiple of it, times a power of ten.
    public static func size(_ digit: Double, _ power: Int) -> Double {
        power < 0 ? digit / ten(-power) : digit * ten(power)
    }

    private static func ten(_ power: Int) -> Double {
        (0..<power).reduce(1) { product, _ in product * 10 }
    }
}
