import TwinImage

/// What turns activity into standard uptake by body weight, or why it can't be.
enum UptakeScale {
    static func scale(_ item: DICOMItem) -> DICOMSeries.Scale {
        switch item.word(0x0054_1001) ?? "" {
        case "GML": return .init(unit: .standardUptake)
        case "BQML":
            guard let factor = byWeight(item) else {
                return .init(
                    unit: .raw,
                    note: "a PET without weight, dose, half-life or times stays in Bq/ml")
            }
            return .init(unit: .standardUptake, factor: factor)
        case "CNTS":
            // Philips says what its counts are worth.
            guard let factor = item.decimal(0x7053_1000), factor > 0 else { fallthrough }
            return .init(unit: .standardUptake, factor: factor)
        default: return .init(unit: .raw, note: "a PET whose units are no activity")
        }
    }

    /// Grams by the activity that is left of the dose; nil where something is not said.
    private static func byWeight(_ item: DICOMItem) -> Double? {
        guard let kilograms = item.decimal(0x0010_1030), (0.2...1000).contains(kilograms),
            let drug = item.items(0x0054_0016).first,
            let dose = drug.decimal(0x0018_1074), dose > 0
        else { return nil }
        switch item.word(0x0054_1102) ?? "" {
        case "ADMIN": return kilograms * 1000 / dose
        case "START":
            guard let halfLife = drug.decimal(0x0018_1075), halfLife > 0,
                let seconds = secondsToScan(item, drug)
            else { return nil }
            return kilograms * 1000 / (dose * power(-seconds / halfLife))
        default: return nil
        }
    }

    /// From the injection to the moment that decay was corrected to: the start of the series, or
    /// of the acquisition where the series was made anew later.
    private static func secondsToScan(_ item: DICOMItem, _ drug: DICOMItem) -> Double? {
        let series = time(item.word(0x0008_0031))
        let acquisition = time(item.word(0x0008_0032))
        guard let scan = [series, acquisition].compactMap({ $0 }).min() else { return nil }
        let whole = drug.word(0x0018_1078).map { String($0.dropFirst(8)) }
        guard let injection = time(whole) ?? time(drug.word(0x0018_1072)) else { return nil }
        // Over midnight.
        let seconds = scan - injection
        let forward = seconds < 0 ? seconds + 86_400 : seconds
        return forward <= 43_200 ? forward : nil
    }

    /// Seconds of a day from HHMMSS.FFFFFF; what is left out is zero.
    private static func time(_ text: String?) -> Double? {
        guard let text, text.count >= 4, let hours = Double(text.prefix(2)),
            let minutes = Double(text.dropFirst(2).prefix(2)), hours < 24, minutes < 60
        else { return nil }
        let rest = text.dropFirst(4).prefix { $0.isNumber || $0 == "." }
        guard let seconds = rest.isEmpty ? 0 : Double(rest), seconds < 61 else { return nil }
        return hours * 3600 + minutes * 60 + seconds
    }

    /// Two to a power between -100 and 0, by its whole part and a series for the rest.
    private static func power(_ exponent: Double) -> Double {
        let whole = max(-100, exponent.rounded(.down))
        let rest = (exponent - whole) * 0.693_147_180_559_945_3
        var (sum, term) = (1.0, 1.0)
        for order in 1..<24 {
            term *= rest / Double(order)
            sum += term
        }
        return Double(sign: .plus, exponent: Int(whole), significand: sum)
    }
}
