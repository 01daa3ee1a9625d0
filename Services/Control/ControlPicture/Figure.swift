import TwinCore

/// Numbers, values and bars as people read them.
enum Figure {
    /// Two digits are more than a model knows; nothing is certain and nothing impossible.
    static func percent(_ share: Double) -> String {
        switch share {
        case ...0: "0 %"
        case ..<0.001: "below 0.1 %"
        case 1...: "100 %"
        case 0.999...: "above 99.9 %"
        case 0.1...: "\(Int((share * 100).rounded())) %"
        default: "\(short(share * 100, digits: 2)) %"
        }
    }

    static func band(_ band: ProbabilityBand) -> String {
        "\(band.name) (\(percent(band.from)) to \(percent(band.to)))"
    }

    /// With its unit, and where the truth lies.
    static func estimate(_ estimate: QuantityEstimate) -> String {
        let text = "\(short(estimate.value))\(unit(estimate.unit))"
        guard let interval = estimate.interval else { return text }
        return "\(text) (\(percent(interval.coverage)): \(short(interval.low)) to "
            + "\(short(interval.high)))"
    }

    static func unit(_ unit: String) -> String {
        // A unit in braces alone says that there is none, and so does 1.
        unit.isEmpty || unit == "1" || unit.hasPrefix("{") ? "" : " \(unit)"
    }

    /// What was measured; what was put in is not shown as if it had been.
    static func value(_ reason: Attribution) -> String {
        guard let value = reason.value else { return "missing" }
        let text = short(value) + unit(reason.unit)
        return reason.isMissing ? "missing (\(text) put in)" : text
    }

    static func signed(_ number: Double) -> String {
        (number > 0 ? "+" : "") + short(number, digits: 2)
    }

    static func bar(_ share: Double, width: Int, empty: String = "░") -> String {
        let full = share.isFinite ? min(width, max(0, Int((share * Double(width)).rounded()))) : 0
        return String(repeating: "█", count: full) + String(repeating: empty, count: width - full)
    }

    /// `digits` significant digits, without trailing zeros.
    static func short(_ number: Double, digits: Int = 4) -> String {
        guard number != 0, number.isFinite else { return number == 0 ? "0" : "\(number)" }
        var power = 0
        var size = number.magnitude
        while size >= 10, power < 400 {
            size /= 10
            power += 1
        }
        while size < 1, power > -400 {
            size *= 10
            power -= 1
        }
        let places = digits - 1 - power
        guard places > 0 else {
            let unit = ten(-places)
            let rounded = (number / unit).rounded() * unit
            return rounded.magnitude < 1e15 ? "\(Int(rounded))" : "\(rounded)"
        }
        guard places <= 15 else { return "\(number)" }
        let rounded = (number * ten(places)).rounded() / ten(places)
        let text = "\(rounded)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func ten(_ power: Int) -> Double {
        (0..<power).reduce(1) { product, _ in product * 10 }
    }
}
