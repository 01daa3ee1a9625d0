import TwinCore

/// The Sequential Organ Failure Assessment, by the table of Sepsis-3 (2016), from the latest valid
/// values.
///
/// Where the table leaves gaps or says a thing twice:
/// - 12.0 mg/dL of bilirubin and 5.0 of creatinine give 4; what lies between two bands belongs to
///   the lower one;
/// - of the columns in mg/dL and in umol/L, and in mm[Hg] and in kPa, that of the unit holds in which
///   the value was sent: they do not agree with each other;
/// - 5.0 ug/kg/min of dopamine give 2, more gives 3;
/// - below 200 mm[Hg] the table asks for support of respiration: without it there are 2 points, and
///   where it is not known whether there is any the part has a range;
/// - creatinine decides where urine is not measured; urine alone says the least that it can be;
/// - a drug that was never recorded is taken as not given, and the part says so.
enum SOFA {
    private static let unknownDrugs = "no vasopressor is recorded: taken as none"
    static let drugs = ["dopamine", "dobutamine", "epinephrine", "norepinephrine"]

    private static let ratio = Ladder([(100, 4), (200, 3), (300, 2), (400, 1)], top: 0)
    private static let ratioInKilopascal = Ladder(
        [(13.3, 4), (26.7, 3), (40, 2), (53.3, 1)], top: 0)

    static func respiration(_ lookup: inout Lookup) -> Worth? {
        guard let ratio = Oxygenation.ratio(&lookup) else { return nil }
        // Points fall as the ratio rises.
        var most = points(ratio.low, ratio)
        var least = ratio.high.map { points($0, ratio) } ?? 0
        guard most > 2 else {
            return Worth(least: Double(least), most: Double(most), flags: ratio.flags)
        }
        let support = lookup.latest("mech_vent")?.number
        if support != 1 { least = min(least, 2) }
        if support == 0 { most = 2 }
        return Worth(least: Double(least), most: Double(most), flags: ratio.flags)
    }

    private static func points(_ number: Double, _ ratio: Oxygenation.Ratio) -> Int {
        // A converted pressure came in kPa.
        ratio.isConverted
            ? ratioInKilopascal.points(number / Oxygenation.millimetresPerKilopascal)
            : self.ratio.points(number)
    }

    private static let platelets = Ladder([(20, 4), (50, 3), (100, 2), (150, 1)], top: 0)
    private static let comaScale = Ladder([(6, 4), (10, 3), (13, 2), (15, 1)], top: 0)
    private static let urineOfDay = Ladder([(200, 4), (500, 3)], top: 0)

    static func coagulation(_ lookup: inout Lookup) -> Worth? {
        lookup.latest("platelets").map { .points(platelets.points($0.number)) }
    }

    private static let bilirubin = Ladder([(1.2, 0), (2, 1), (6, 2), (12, 3)], top: 4)
    private static let bilirubinMolar = Ladder([(20, 0), (33, 1), (102, 2)], top: 3)
    static let bilirubinPerDecilitre = 17.104

    static func liver(_ lookup: inout Lookup) -> Worth? {
        lookup.latest("bilirubin").map { input in
            if input.flags.contains(.converted) {
                return .points(bilirubin.points(input.number / bilirubinPerDecilitre))
            }
            return .points(
                SIRS.isAbove(input.number, 204) ? 4 : bilirubinMolar.points(input.number))
        }
    }

    static func cardiovascular(_ lookup: inout Lookup) -> Worth? {
        let (drugs, isDoubtful) = drugPoints(&lookup)
        let pressure = lookup.latest("map", "map_art", "map_nibp")?.number
        let byPressure = pressure.map { SIRS.isBelow($0, 70) ? 1 : 0 }
        let known = max(drugs ?? 0, byPressure ?? 0)
        if isDoubtful { return .between(known, 4) }
        if known >= 2 { return .points(known) }
        guard let byPressure else { return drugs == nil ? nil : .between(0, 1) }
        var worth = Worth.points(byPressure)
        if drugs == nil { worth.note = unknownDrugs }
        return worth
    }

    /// By the rates of drugs, nil where none is recorded; and whether one of them is not known any
    /// more.
    private static func drugPoints(_ lookup: inout Lookup) -> (points: Int?, isDoubtful: Bool) {
        var points: Int?
        var isDoubtful = false
        for drug in drugs {
            if lookup.isExpired(drug) { isDoubtful = true }
            guard let rate = lookup.latest(drug)?.number else { continue }
            points = max(points ?? 0, SOFA.points(of: drug, rate))
        }
        return (points, isDoubtful)
    }

    static func points(of drug: String, _ rate: Double) -> Int {
        guard rate > 0 else { return 0 }
        switch drug {
        case "dobutamine": return 2
        case "dopamine": return SIRS.isAbove(rate, 15) ? 4 : SIRS.isAbove(rate, 5) ? 3 : 2
        default: return SIRS.isAbove(rate, 0.1) ? 4 : 3
        }
    }

    static func nervous(_ lookup: inout Lookup) -> Worth? {
        lookup.latest("gcs").map { .points(comaScale.points($0.number)) }
    }

    private static let creatinine = Ladder([(1.2, 0), (2, 1), (3.5, 2), (5, 3)], top: 4)
    private static let creatinineMolar = Ladder([(110, 0), (171, 1), (300, 2)], top: 3)

    static func renal(_ lookup: inout Lookup) -> Worth? {
        let byBlood = lookup.latest("creatinine").map { input in
            if input.flags.contains(.converted) {
                return creatinine.points(input.number / Kidney.creatininePerDecilitre)
            }
            return SIRS.isAbove(input.number, 440) ? 4 : creatinineMolar.points(input.number)
        }
        let byUrine = urine(&lookup)
        guard let byBlood else {
            guard let byUrine else { return nil }
            return byUrine.least == 4 ? .points(4) : .between(byUrine.least, 4)
        }
        guard let byUrine else { return .points(byBlood) }
        return .between(max(byBlood, byUrine.least), max(byBlood, byUrine.most))
    }

    /// Of an amount of less than a day no more is known than that it was at least so much.
    private static func urine(_ lookup: inout Lookup) -> (least: Int, most: Int)? {
        guard let input = lookup.peek("urine_24h") else { return nil }
        let points = urineOfDay.points(input.input.number)
        // The first hours say nothing yet.
        if input.input.flags.contains(.incomplete), points > 0 { return nil }
        lookup.use(input.place)
        return (points, points)
    }

    static let definition = ScoreDefinition(
        name: "sofa", title: "SOFA", version: "Sepsis-3, latest values", unit: "{score}",
        opens: [
            "pao2", "fio2", "platelets", "bilirubin", "map", "map_art", "map_nibp", "gcs",
            "creatinine", "urine_output",
        ] + drugs, ages: 16..<200,
        parts: [
            .init(
                name: "respiration", quantities: Oxygenation.quantities + ["mech_vent"],
                pointsMax: 4
            ) { respiration(&$0) },
            .init(name: "coagulation", quantities: ["platelets"], pointsMax: 4) {
                coagulation(&$0)
            },
            .init(name: "liver", quantities: ["bilirubin"], pointsMax: 4) { liver(&$0) },
            .init(
                name: "cardiovascular", quantities: ["map", "map_art", "map_nibp"] + drugs,
                pointsMax: 4
            ) { cardiovascular(&$0) },
            .init(name: "nervous", quantities: ["gcs"], pointsMax: 4) { nervous(&$0) },
            .init(name: "renal", quantities: ["creatinine", "urine_24h"], pointsMax: 4) {
                renal(&$0)
            },
        ])
}
