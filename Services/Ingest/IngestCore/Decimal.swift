public import TwinCore

/// Reads numbers as devices write them, strictly: no comma, no blank, no NaN, no infinity.
public enum Decimal {
    public static let digitCountMax = 40

    /// The number that `text` is: an optional sign, digits, an optional point and digits.
    public static func number(_ text: Span<UInt8>) -> Double? {
        var index = 0
        var isNegative = false
        if text.count > 0, text[0] == 0x2B || text[0] == 0x2D {
            isNegative = text[0] == 0x2D
            index = 1
        }
        var mantissa: UInt64 = 0
        var digitCount = 0
        var fractionCount = 0
        var hasPoint = false
        while index < text.count {
            let byte = text[index]
            if byte == 0x2E, !hasPoint {
                hasPoint = true
            } else if byte &- 0x30 < 10 {
                digitCount &+= 1
                if hasPoint { fractionCount &+= 1 }
                mantissa = mantissa &* 10 &+ UInt64(byte &- 0x30)
            } else {
                return nil
            }
            index &+= 1
        }
        guard digitCount > 0, digitCount <= digitCountMax else { return nil }
        // Up to 15 digits, the division of two exact numbers is the nearest double.
        guard digitCount <= 15 else { return slowNumber(text) }
        let magnitude = Double(mantissa) / powersOfTen[fractionCount]
        return isNegative ? -magnitude : magnitude
    }

    /// A number with an optional comparator before it: `<5`, `>= 7.0`, `12`.
    public static func comparison(_ text: Span<UInt8>) -> (number: Double, comparator: Comparator)?
    {
        var start = 0
        var comparator = Comparator.equal
        if text.count > 1, text[0] == 0x3C || text[0] == 0x3E {
            let orEqual = text[1] == 0x3D
            switch (text[0], orEqual) {
            case (0x3C, false): comparator = .less
            case (0x3C, true): comparator = .lessOrEqual
            case (_, false): comparator = .greater
            case (_, true): comparator = .greaterOrEqual
            }
            start = orEqual ? 2 : 1
            while start < text.count, text[start] == 0x20 { start += 1 }
        }
        guard let number = number(text.extracting(start..<text.count)) else { return nil }
        return (number, comparator)
    }

    private static func slowNumber(_ text: Span<UInt8>) -> Double? {
        var copy: [UInt8] = []
        for index in text.indices { copy.append(text[index]) }
        return Double(String(decoding: copy, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
