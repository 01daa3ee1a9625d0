import TwinCore

/// How well oxygen passes into the blood: the ratio of arterial pressure to inspired fraction.
public enum Oxygenation {
    static let millimetresPerKilopascal = 7.50062
    /// Above this the curve is flat: a saturation says no more than that the pressure is as high.
    static let saturationPercentMax = 97.0
    static let quantities = ["pao2", "fio2_of_pao2", "spo2", "fio2", "o2_flow"]

    /// A ratio in mm[Hg], or a range of it.
    struct Ratio {
        var low: Double
        /// Nil where it has no limit.
        var high: Double?
        var flags: QualityFlags = []
        /// Whether the pressure was sent in another unit.
        var isConverted = false
    }

    /// From a blood gas where there is a valid one, else from the saturation, which is imputed.
    static func ratio(_ lookup: inout Lookup) -> Ratio? {
        if let gas = lookup.peek("pao2"), let fraction = lookup.peek("fio2_of_pao2") {
            lookup.use(gas.place)
            lookup.use(fraction.place)
            // A flow of nothing is room air.
            let percent = fraction.input.number == 0 ? 21 : fraction.input.number
            let ratio = gas.input.number / (percent / 100)
            return Ratio(
                low: ratio, high: ratio, isConverted: gas.input.flags.contains(.converted))
        }
        guard let saturation = lookup.peek("spo2"), let fraction = lookup.inspiredFraction(),
            fraction > 0
        else { return nil }
        lookup.use(saturation.place)
        let percent = min(saturation.input.number, saturationPercentMax)
        guard let pressure = pressure(saturationPercent: percent) else { return nil }
        let isFlat = saturation.input.number > saturationPercentMax
        let low = pressure / fraction
        return Ratio(low: low, high: isFlat ? nil : low, flags: .imputed)
    }

    /// The oxygen pressure in mm[Hg] at which blood of this saturation is; nil outside of 0 to 100.
    ///
    /// The inverse (Ellis 1989) of Severinghaus' equation (1979), S = 1 / (23400 / (p³ + 150 p) + 1).
    public static func pressure(saturationPercent percent: Double) -> Double? {
        guard percent > 0, percent < 100 else { return nil }
        let share = percent / 100
        let half = 11_700 * share / (1 - share)
        let root = (half * half + 125_000).squareRoot()
        // The difference of two close numbers as a quotient: nothing is lost.
        return Power.cubeRoot(half + root) - Power.cubeRoot(125_000 / (half + root))
    }

    static let definition = ScoreDefinition(
        name: "pf_ratio", title: "PaO2/FiO2",
        version: "measured, or imputed from SpO2 (Severinghaus 1979, Ellis 1989)",
        unit: "mm[Hg]", opens: ["pao2", "fio2"], ages: 0..<200,
        parts: [
            .init(name: "ratio", quantities: quantities, pointsMax: nil) { lookup in
                if let ratio = ratio(&lookup) {
                    return Worth(least: ratio.low, most: ratio.high, flags: ratio.flags)
                }
                let hasFraction = lookup.inspiredFraction() != nil
                let hasOxygen = lookup.latest("pao2", "spo2") != nil
                return .without(
                    (hasFraction ? [] : ["FiO2"]) + (hasOxygen ? [] : ["PaO2 or SpO2"]))
            }
        ])
}

/// The shock index: pulse over systolic pressure.
enum ShockIndex {
    static let definition = ScoreDefinition(
        name: "shock_index", title: "Shock index", version: "Allgöwer and Burri 1967", unit: "1",
        opens: ScoreDefinition.systolic + ScoreDefinition.pulse, ages: 0..<200,
        parts: [
            .init(
                name: "ratio", quantities: ScoreDefinition.systolic + ScoreDefinition.pulse,
                pointsMax: nil
            ) { lookup in
                let (pulse, systolic) = (lookup.pulse(), lookup.systolic())
                guard let pulse, let systolic, systolic > 0 else {
                    return .without(
                        (pulse == nil ? ["pulse"] : [])
                            + (systolic == nil ? ["systolic pressure"] : []))
                }
                return .value(pulse / systolic)
            }
        ])
}

/// Powers of positive numbers by square roots alone, which every machine rounds alike.
enum Power {
    /// Errors are below 1e-13 of the result.
    static func raise(_ base: Double, to exponent: Double) -> Double {
        guard exponent >= 0 else { return 1 / raise(base, to: -exponent) }
        var whole = Int(min(exponent, 1024).rounded(.down))
        var (fraction, result, square) = (exponent - exponent.rounded(.down), 1.0, base)
        while whole > 0 {
            if whole & 1 == 1 { result *= square }
            square *= square
            whole >>= 1
        }
        var root = base
        for _ in 0..<52 where fraction > 0 {
            root = root.squareRoot()
            fraction *= 2
            if fraction >= 1 {
                result *= root
                fraction -= 1
            }
        }
        return result
    }

    static func cubeRoot(_ value: Double) -> Double {
        let root = raise(value, to: 1.0 / 3)
        // One step of Newton's takes away what the roots left.
        return root - (root * root * root - value) / (3 * root * root)
    }
}
