public import TwinCore

/// What a signal is of: decides how its waveforms are read.
public enum WaveformKind: Hashable, Sendable, CaseIterable {
    case electrocardiogram
    case plethysmogram
    case arterialPressure
    /// Kept and shown; no features are made of it.
    case other

    /// Nil for a code of no waveform that Twinline knows.
    public init?(_ code: Code) {
        if code.system == Code.mdcSystem, let kind = WaveformKind.byTerm[code.value] {
            self = kind
        } else if code.system == Code.twinlineSystem,
            code.value.hasPrefix(WaveformKind.leadPrefix)
        {
            self = .electrocardiogram
        } else {
            return nil
        }
    }

    /// The code of a signal, by what its device calls it; a label that means nothing known is a
    /// code without a system.
    public static func code(ofLabel label: String) -> Code {
        let trimmed = label.trimmingBlanks
        let word = trimmed.uppercased()
        if let term = termByLabel[word] { return .mdc(term) }
        for prefix in ["ECG ", "EKG "] where word.hasPrefix(prefix) {
            if let term = termByLabel[String(word.dropFirst(4)).trimmingBlanks],
                byTerm[term] == .electrocardiogram
            {
                return .mdc(term)
            }
        }
        // A modified or unnamed lead is none of the standard ones.
        let isLead =
            ["ML", "MV", "MCL", "CM", "ECG", "EKG"].contains { word.hasPrefix($0) }
            && word.utf8.count <= 32
        if isLead {
            let name = word.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" }
            return Code(system: Code.twinlineSystem, value: leadPrefix + String(name))
        }
        return Code(system: "", value: trimmed.isEmpty ? "signal" : trimmed)
    }

    /// The code of a known signal by its term in ISO 11073, with or without its partition.
    public static func code(ofTerm term: String) -> Code? {
        if byTerm[term] != nil { return .mdc(term) }
        guard let number = Int(term), (0..<65_536).contains(number) else { return nil }
        let whole = "\(number + 131_072)"
        return byTerm[whole] == nil ? nil : .mdc(whole)
    }

    /// The code of a known signal by its reference id in ISO 11073: `MDC_ECG_ELEC_POTL_II`.
    public static func code(ofReference name: String) -> Code? {
        for prefix in ["MDC_ECG_ELEC_POTL_", "MDC_ECG_LEAD_"] where name.hasPrefix(prefix) {
            return leads[String(name.dropFirst(prefix.count))].map { .mdc("\($0)") }
        }
        return terms[name].map { .mdc("\($0)") }
    }

    /// A device's spelling of a unit in UCUM; as it is where it is not known.
    public static func unit(_ spelling: String) -> String {
        let trimmed = spelling.trimmingBlanks
        return units[trimmed] ?? trimmed
    }

    private static let leadPrefix = "ecg-"

    private static let units = [
        "mmHg": "mm[Hg]", "mmhg": "mm[Hg]", "uv": "uV", "µV": "uV", "μV": "uV", "mv": "mV",
        "cmH2O": "cm[H2O]", "kpa": "kPa", "Ohm": "Ohm", "ohm": "Ohm", "NU": "1", "nu": "1",
        "266418": "mV", "MDC_DIM_MILLI_VOLT": "mV", "266419": "uV", "MDC_DIM_MICRO_VOLT": "uV",
        "266016": "mm[Hg]", "MDC_DIM_MMHG": "mm[Hg]", "265987": "kPa",
        "MDC_DIM_KILO_PASCAL": "kPa", "266048": "cm[H2O]", "MDC_DIM_CM_H2O": "cm[H2O]",
        "262688": "%", "MDC_DIM_PERCENT": "%", "262656": "1", "MDC_DIM_DIMLESS": "1",
    ]

    /// Reference ids of what is no lead.
    private static let terms = [
        "MDC_ECG_ELEC_POTL": 131_328, "MDC_PULS_OXIM_PLETH": 150_452,
        "MDC_PRESS_BLD_ART_ABP": 150_036, "MDC_PRESS_BLD_ART": 150_032,
        "MDC_PRESS_BLD_VEN_CENT": 150_084, "MDC_PRESS_BLD_ART_PULM": 150_044,
        "MDC_PRESS_INTRA_CRAN": 153_608, "MDC_AWAY_CO2": 151_700, "MDC_IMPED_TTHOR": 151_780,
    ]

    /// The leads by their terms in ISO 11073: 2 times 65,536, and a number for each.
    private static let leads = [
        "I": 131_329, "II": 131_330, "III": 131_389, "AVR": 131_390, "AVL": 131_391,
        "AVF": 131_392, "V1": 131_331, "V2": 131_332, "V3": 131_333, "V4": 131_334,
        "V5": 131_335, "V6": 131_336,
    ]

    private static let others: [(labels: [String], term: Int, kind: WaveformKind)] = [
        (["PLETH", "PPG", "SPO2"], 150_452, .plethysmogram),
        (["ABP", "IBP"], 150_036, .arterialPressure), (["ART"], 150_032, .arterialPressure),
        (["CVP"], 150_084, .other), (["PAP"], 150_044, .other), (["ICP"], 153_608, .other),
        (["CO2"], 151_700, .other), (["RESP"], 151_780, .other),
    ]

    private static let byTerm: [String: WaveformKind] = {
        var kinds = ["131328": WaveformKind.electrocardiogram]
        for term in leads.values { kinds["\(term)"] = .electrocardiogram }
        for other in others { kinds["\(other.term)"] = other.kind }
        return kinds
    }()

    private static let termByLabel: [String: String] = {
        var terms = leads.mapValues { "\($0)" }
        for other in others {
            for label in other.labels { terms[label] = "\(other.term)" }
        }
        return terms
    }()

    /// Whether features are made of waveforms of this code.
    public static func reads(_ code: Code) -> Bool {
        WaveformKind(code).map { $0 != .other } ?? false
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let start = drop { $0 == " " || $0 == "\t" }
        var end = start
        while let last = end.last, last == " " || last == "\t" { end.removeLast() }
        return String(end)
    }
}
