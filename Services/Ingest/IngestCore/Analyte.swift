import TwinCleaning
import TwinCore

/// What is known of one quantity beyond its concept: its units, and its range.
struct Analyte: Sendable {
    /// How values that are not numbers become one.
    enum Coding: Sendable {
        case numeric
        /// Letters of ACVPU, from alert (0) to unresponsive (4).
        case consciousness
        /// 1 male, 0 female.
        case sex
    }

    let concept: Concept
    /// What a living patient can have, in the canonical unit; nil where all is let through.
    let plausible: ClosedRange<Double>?
    /// Whether a number without a unit is understood.
    let unitIsOptional: Bool
    let coding: Coding
    /// How a number of each unit becomes canonical; nil for units of other quantities.
    let conversions: [Conversion?]

    func conversion(from unit: KnownUnit) -> Conversion? { conversions[unit.rawValue] }
}

/// One line of the table of analytes.
struct AnalyteRow {
    let name: String
    let units: [KnownUnit: Conversion]
    let coding: Analyte.Coding

    init(
        _ name: String, _ units: [KnownUnit: Conversion], coding: Analyte.Coding = .numeric
    ) {
        self.name = name
        self.units = units
        self.coding = coding
    }
}

extension Analyte {
    init?(_ row: AnalyteRow, _ rules: CleaningRules) {
        guard let concept = Concept.named(row.name) else { return nil }
        self.concept = concept
        plausible = rules.byCode[concept.code]?.range
        coding = row.coding
        unitIsOptional = row.units.keys.contains { [.none, .score, .inr, .ph].contains($0) }
        conversions = KnownUnit.allCases.map { row.units[$0] }
    }

    /// Every concept of the vocabulary, in the order of ``Concept/all``.
    static func all(_ rules: CleaningRules) -> [Analyte] {
        let rows = Dictionary(
            uniqueKeysWithValues: (vitalSigns + laboratory + patient).map { ($0.name, $0) })
        return Concept.all.compactMap { concept in rows[concept.name].flatMap { Analyte($0, rules) }
        }
    }

    private static let rate: [KnownUnit: Conversion] = [
        .perMinute: .identity, .hertz: Conversion(multiplier: 60),
    ]
    private static let share: [KnownUnit: Conversion] = [
        .percent: .identity, .fraction: Conversion(multiplier: 100),
    ]
    private static let pressure: [KnownUnit: Conversion] = [
        .mmHg: .identity, .kPa: Conversion(multiplier: 7.50062),
        .cmH2O: Conversion(multiplier: 0.735559),
    ]
    private static let temperature: [KnownUnit: Conversion] = [
        .celsius: .identity, .fahrenheit: Conversion(shift: -32, divisor: 1.8),
        .kelvin: Conversion(shift: -273.15),
    ]
    private static let rateOfDrug: [KnownUnit: Conversion] = [
        .microgramPerKilogramMinute: .identity,
        .microgramPerKilogramHour: Conversion(divisor: 60),
        .milligramPerKilogramHour: Conversion(multiplier: 1000, divisor: 60),
    ]
    private static let bare: [KnownUnit: Conversion] = [.none: .identity, .score: .identity]

    static let vitalSigns: [AnalyteRow] = [
        AnalyteRow("heart_rate", rate),
        AnalyteRow("pulse_rate_spo2", rate),
        AnalyteRow("pulse_rate_nibp", rate),
        AnalyteRow("pulse_rate_invasive", rate),
        AnalyteRow("resp_rate", rate),
        AnalyteRow("spo2", share),
        AnalyteRow("sao2", share),
        AnalyteRow("body_temp", temperature),
        AnalyteRow("sbp", pressure),
        AnalyteRow("dbp", pressure),
        AnalyteRow("map", pressure),
        AnalyteRow("sbp_nibp", pressure),
        AnalyteRow("dbp_nibp", pressure),
        AnalyteRow("map_nibp", pressure),
        AnalyteRow("sbp_art", pressure),
        AnalyteRow("dbp_art", pressure),
        AnalyteRow("map_art", pressure),
        // Without breath there is no carbon dioxide: a zero is a measurement.
        AnalyteRow("etco2", pressure),
        AnalyteRow("fio2", share),
        AnalyteRow(
            "o2_flow",
            [.litrePerMinute: .identity, .millilitrePerMinute: Conversion(divisor: 1000)]),
        AnalyteRow("perfusion_index", share),
        AnalyteRow("gcs", bare),
        AnalyteRow("avpu", bare, coding: .consciousness),
        AnalyteRow(
            "urine_output", [.millilitre: .identity, .litre: Conversion(multiplier: 1000)]),
        AnalyteRow("mech_vent", bare),
        // A zero says that the drug was stopped.
        AnalyteRow("dopamine", rateOfDrug),
        AnalyteRow("dobutamine", rateOfDrug),
        AnalyteRow("epinephrine", rateOfDrug),
        AnalyteRow("norepinephrine", rateOfDrug),
    ]

    static let laboratory: [AnalyteRow] = [
        AnalyteRow("glucose", molar(perDecilitre: Conversion(divisor: 18.0156))),
        AnalyteRow("creatinine", micromolar(perDecilitre: 88.42)),
        AnalyteRow("urea", molar(perDecilitre: Conversion(multiplier: 0.16651))),
        AnalyteRow("sodium", molar()),
        AnalyteRow("potassium", molar()),
        AnalyteRow("chloride", molar()),
        AnalyteRow(
            "magnesium", molar(perDecilitre: Conversion(divisor: 2.4305), perEquivalent: 0.5)),
        AnalyteRow("bicarbonate", molar()),
        AnalyteRow("lactate", molar(perDecilitre: Conversion(multiplier: 0.11102))),
        AnalyteRow("bilirubin", micromolar(perDecilitre: 17.104)),
        AnalyteRow("alt", enzyme),
        AnalyteRow("ast", enzyme),
        AnalyteRow("alp", enzyme),
        AnalyteRow("albumin", protein),
        AnalyteRow("cholesterol", molar(perDecilitre: Conversion(divisor: 38.665))),
        AnalyteRow("wbc", cells),
        AnalyteRow("bands", share),
        AnalyteRow(
            "haemoglobin",
            protein.merging([.millimolePerLitre: Conversion(multiplier: 1.6114)]) { first, _ in
                first
            }),
        AnalyteRow(
            "haematocrit",
            [.percent: .identity, .fraction: Conversion(multiplier: 100)]),
        AnalyteRow("platelets", cells),
        AnalyteRow("inr", [.none: .identity, .inr: .identity]),
        AnalyteRow("aptt", [.second: .identity]),
        AnalyteRow(
            "crp",
            [
                .milligramPerLitre: .identity, .milligramPerDecilitre: Conversion(multiplier: 10),
                .microgramPerLitre: Conversion(divisor: 1000),
                .nanomolePerLitre: Conversion(divisor: 9.524),
            ]),
        AnalyteRow("procalcitonin", trace),
        AnalyteRow("troponin_i", trace),
        AnalyteRow("troponin_t", trace),
        AnalyteRow(
            "nt_probnp",
            [
                .nanogramPerLitre: .identity, .microgramPerLitre: Conversion(multiplier: 1000),
            ]),
        AnalyteRow("ph_art", [.none: .identity, .ph: .identity]),
        AnalyteRow("pao2", pressure),
        AnalyteRow("paco2", pressure),
        AnalyteRow(
            "hba1c",
            [
                .percent: .identity, .fraction: Conversion(multiplier: 100),
                .millimolePerMole: Conversion(multiplier: 0.09148, offset: 2.152),
            ]),
    ]

    static let patient: [AnalyteRow] = [
        AnalyteRow(
            "body_weight",
            [
                .kilogram: .identity, .gram: Conversion(divisor: 1000),
                .pound: Conversion(multiplier: 0.45359237),
                .ounce: Conversion(multiplier: 0.028349523125),
            ]),
        AnalyteRow(
            "body_height",
            [
                .centimetre: .identity, .metre: Conversion(multiplier: 100),
                .millimetre: Conversion(divisor: 10), .inch: Conversion(multiplier: 2.54),
                .foot: Conversion(multiplier: 30.48),
            ]),
        AnalyteRow("bmi", [.kilogramPerSquareMetre: .identity]),
        AnalyteRow(
            "age",
            [
                .year: .identity, .month: Conversion(divisor: 12),
                .week: Conversion(multiplier: 7, divisor: 365.25),
                .day: Conversion(divisor: 365.25),
            ]),
        AnalyteRow("sex", bare, coding: .sex),
        AnalyteRow("icu_type", bare),
        AnalyteRow("spo2_scale", bare),
    ]

    private static let enzyme: [KnownUnit: Conversion] = [
        .unitPerLitre: .identity, .microkatalPerLitre: Conversion(multiplier: 59.988),
    ]
    private static let protein: [KnownUnit: Conversion] = [
        .gramPerDecilitre: .identity, .gramPerLitre: Conversion(divisor: 10),
        .milligramPerDecilitre: Conversion(divisor: 1000),
    ]
    private static let cells: [KnownUnit: Conversion] = [
        .gigaPerLitre: .identity, .perMicrolitre: Conversion(divisor: 1000),
    ]
    private static let trace: [KnownUnit: Conversion] = [
        .microgramPerLitre: .identity, .nanogramPerLitre: Conversion(divisor: 1000),
    ]

    private static func molar(
        perDecilitre: Conversion? = nil, perEquivalent: Double = 1
    ) -> [KnownUnit: Conversion] {
        var units: [KnownUnit: Conversion] = [
            .millimolePerLitre: .identity, .micromolePerLitre: Conversion(divisor: 1000),
            .milliequivalentPerLitre: perEquivalent == 1
                ? .identity : Conversion(multiplier: perEquivalent),
        ]
        guard let perDecilitre else { return units }
        units[.milligramPerDecilitre] = perDecilitre
        if perEquivalent == 1 { units[.milliequivalentPerLitre] = nil }
        units[.milligramPerLitre] = Conversion(
            multiplier: perDecilitre.multiplier, divisor: perDecilitre.divisor * 10)
        units[.gramPerLitre] = Conversion(
            multiplier: perDecilitre.multiplier * 100, divisor: perDecilitre.divisor)
        return units
    }

    private static func micromolar(perDecilitre factor: Double) -> [KnownUnit: Conversion] {
        [
            .micromolePerLitre: .identity, .millimolePerLitre: Conversion(multiplier: 1000),
            .milligramPerDecilitre: Conversion(multiplier: factor),
            .milligramPerLitre: Conversion(multiplier: factor, divisor: 10),
        ]
    }
}
