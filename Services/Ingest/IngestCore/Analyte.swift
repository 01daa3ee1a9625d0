import TwinCore

/// What is known of one quantity beyond its concept: units, range, and what zero means.
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
    /// What a living patient can have, in the canonical unit.
    let plausible: ClosedRange<Double>
    /// Whether a zero stands for "not measured".
    let zeroIsSentinel: Bool
    /// Whether a number without a unit is understood.
    let unitIsOptional: Bool
    let coding: Coding
    /// How a number of each unit becomes canonical; nil for units of other quantities.
    let conversions: [Conversion?]

    func conversion(from unit: KnownUnit) -> Conversion? { conversions[unit.rawValue] }

    /// Numbers that devices send where they have none: 11073 FLOAT's specials and habits.
    ///
    /// No quantity of the table can have one of these.
    static let sentinels: Set<Double> = [
        -1, -100, -999, -9999, -32_768, 8_388_606, 8_388_607, 8_388_608, -8_388_606, -8_388_608,
    ]
}

/// One line of the table of analytes.
struct AnalyteRow {
    enum Zero { case isSentinel, isValue }

    let name: String
    let units: [KnownUnit: Conversion]
    let plausible: ClosedRange<Double>
    let zero: Zero
    let coding: Analyte.Coding

    init(
        _ name: String, _ units: [KnownUnit: Conversion], _ plausible: ClosedRange<Double>,
        zero: Zero = .isSentinel, coding: Analyte.Coding = .numeric
    ) {
        self.name = name
        self.units = units
        self.plausible = plausible
        self.zero = zero
        self.coding = coding
    }
}

extension Analyte {
    init?(_ row: AnalyteRow) {
        guard let concept = Concept.named(row.name) else { return nil }
        self.concept = concept
        plausible = row.plausible
        zeroIsSentinel = row.zero == .isSentinel
        coding = row.coding
        unitIsOptional = row.units.keys.contains { [.none, .score, .inr, .ph].contains($0) }
        conversions = KnownUnit.allCases.map { row.units[$0] }
    }

    /// Every concept of the vocabulary, in the order of ``Concept/all``.
    static let all: [Analyte] = {
        let rows = Dictionary(
            uniqueKeysWithValues: (vitalSigns + laboratory + patient).map { ($0.name, $0) })
        return Concept.all.compactMap { concept in rows[concept.name].flatMap { Analyte($0) } }
    }()

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
        AnalyteRow("heart_rate", rate, 10...350),
        AnalyteRow("pulse_rate_spo2", rate, 10...350),
        AnalyteRow("pulse_rate_nibp", rate, 10...350),
        AnalyteRow("pulse_rate_invasive", rate, 10...350),
        AnalyteRow("resp_rate", rate, 1...150),
        AnalyteRow("spo2", share, 10...100),
        AnalyteRow("sao2", share, 10...100),
        AnalyteRow("body_temp", temperature, 13...46),
        AnalyteRow("sbp", pressure, 20...370),
        AnalyteRow("dbp", pressure, 5...360),
        AnalyteRow("map", pressure, 10...365),
        AnalyteRow("sbp_nibp", pressure, 20...370),
        AnalyteRow("dbp_nibp", pressure, 5...360),
        AnalyteRow("map_nibp", pressure, 10...365),
        AnalyteRow("sbp_art", pressure, 20...370),
        AnalyteRow("dbp_art", pressure, 5...360),
        AnalyteRow("map_art", pressure, 10...365),
        // Without breath there is no carbon dioxide: a zero is a measurement.
        AnalyteRow("etco2", pressure, 0...200, zero: .isValue),
        AnalyteRow("fio2", share, 15...100),
        AnalyteRow(
            "o2_flow",
            [.litrePerMinute: .identity, .millilitrePerMinute: Conversion(divisor: 1000)],
            0...120, zero: .isValue),
        AnalyteRow("perfusion_index", share, 0...40, zero: .isValue),
        AnalyteRow("gcs", bare, 3...15),
        AnalyteRow("avpu", bare, 0...4, zero: .isValue, coding: .consciousness),
        AnalyteRow(
            "urine_output", [.millilitre: .identity, .litre: Conversion(multiplier: 1000)],
            0...20_000, zero: .isValue),
        AnalyteRow("mech_vent", bare, 0...1, zero: .isValue),
        // A zero says that the drug was stopped.
        AnalyteRow("dopamine", rateOfDrug, 0...100, zero: .isValue),
        AnalyteRow("dobutamine", rateOfDrug, 0...100, zero: .isValue),
        AnalyteRow("epinephrine", rateOfDrug, 0...20, zero: .isValue),
        AnalyteRow("norepinephrine", rateOfDrug, 0...20, zero: .isValue),
    ]

    static let laboratory: [AnalyteRow] = [
        AnalyteRow("glucose", molar(perDecilitre: Conversion(divisor: 18.0156)), 0.1...150),
        AnalyteRow("creatinine", micromolar(perDecilitre: 88.42), 1...5000),
        AnalyteRow("urea", molar(perDecilitre: Conversion(multiplier: 0.16651)), 0.1...150),
        AnalyteRow("sodium", molar(), 80...230),
        AnalyteRow("potassium", molar(), 0.5...20),
        AnalyteRow("chloride", molar(), 40...200),
        AnalyteRow(
            "magnesium", molar(perDecilitre: Conversion(divisor: 2.4305), perEquivalent: 0.5),
            0.05...15),
        AnalyteRow("bicarbonate", molar(), 1...90),
        AnalyteRow("lactate", molar(perDecilitre: Conversion(multiplier: 0.11102)), 0.05...60),
        AnalyteRow("bilirubin", micromolar(perDecilitre: 17.104), 0...1700, zero: .isValue),
        AnalyteRow("alt", enzyme, 0...100_000, zero: .isValue),
        AnalyteRow("ast", enzyme, 0...100_000, zero: .isValue),
        AnalyteRow("alp", enzyme, 0...50_000, zero: .isValue),
        AnalyteRow("albumin", protein, 0.2...10),
        AnalyteRow("cholesterol", molar(perDecilitre: Conversion(divisor: 38.665)), 0.2...60),
        AnalyteRow("wbc", cells, 0...2000, zero: .isValue),
        AnalyteRow("bands", share, 0...100, zero: .isValue),
        AnalyteRow(
            "haemoglobin",
            protein.merging([.millimolePerLitre: Conversion(multiplier: 1.6114)]) { first, _ in
                first
            },
            0.5...30),
        AnalyteRow(
            "haematocrit",
            [.percent: .identity, .fraction: Conversion(multiplier: 100)], 1...85),
        AnalyteRow("platelets", cells, 0...6000, zero: .isValue),
        AnalyteRow("inr", [.none: .identity, .inr: .identity], 0.2...50),
        AnalyteRow("aptt", [.second: .identity], 5...500),
        AnalyteRow(
            "crp",
            [
                .milligramPerLitre: .identity, .milligramPerDecilitre: Conversion(multiplier: 10),
                .microgramPerLitre: Conversion(divisor: 1000),
                .nanomolePerLitre: Conversion(divisor: 9.524),
            ], 0...1500, zero: .isValue),
        AnalyteRow("procalcitonin", trace, 0...5000, zero: .isValue),
        AnalyteRow("troponin_i", trace, 0...10_000, zero: .isValue),
        AnalyteRow("troponin_t", trace, 0...10_000, zero: .isValue),
        AnalyteRow(
            "nt_probnp",
            [
                .nanogramPerLitre: .identity, .microgramPerLitre: Conversion(multiplier: 1000),
            ], 0...1_000_000, zero: .isValue),
        AnalyteRow("ph_art", [.none: .identity, .ph: .identity], 6...8.2),
        AnalyteRow("pao2", pressure, 3...800),
        AnalyteRow("paco2", pressure, 3...300),
        AnalyteRow(
            "hba1c",
            [
                .percent: .identity, .fraction: Conversion(multiplier: 100),
                .millimolePerMole: Conversion(multiplier: 0.09148, offset: 2.152),
            ], 2...25),
    ]

    static let patient: [AnalyteRow] = [
        AnalyteRow(
            "body_weight",
            [
                .kilogram: .identity, .gram: Conversion(divisor: 1000),
                .pound: Conversion(multiplier: 0.45359237),
                .ounce: Conversion(multiplier: 0.028349523125),
            ], 0.2...700),
        AnalyteRow(
            "body_height",
            [
                .centimetre: .identity, .metre: Conversion(multiplier: 100),
                .millimetre: Conversion(divisor: 10), .inch: Conversion(multiplier: 2.54),
                .foot: Conversion(multiplier: 30.48),
            ], 15...280),
        AnalyteRow("bmi", [.kilogramPerSquareMetre: .identity], 5...250),
        AnalyteRow(
            "age",
            [
                .year: .identity, .month: Conversion(divisor: 12),
                .week: Conversion(multiplier: 7, divisor: 365.25),
                .day: Conversion(divisor: 365.25),
            ], 0...150, zero: .isValue),
        AnalyteRow("sex", bare, 0...1, zero: .isValue, coding: .sex),
        AnalyteRow("icu_type", bare, 1...4),
        AnalyteRow("spo2_scale", bare, 1...2),
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
