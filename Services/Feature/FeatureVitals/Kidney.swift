import TwinCore

/// How fast the kidneys clear the blood, from creatinine.
public enum Kidney {
    /// umol/L a mg/dL, as ingest converts.
    static let creatininePerDecilitre = 88.42

    /// CKD-EPI 2021, without race, in mL/min/1.73 m²; creatinine in mg/dL.
    public static func ckdEpi2021(
        creatinine: Double, age: Double, isMale: Bool
    ) -> Double {
        let ratio = creatinine / (isMale ? 0.9 : 0.7)
        let rise = Power.raise(min(ratio, 1), to: isMale ? -0.302 : -0.241)
        let fall = Power.raise(max(ratio, 1), to: -1.2)
        return 142 * rise * fall * Power.raise(0.9938, to: age) * (isMale ? 1 : 1.012)
    }

    /// Cockcroft and Gault 1976, in mL/min; creatinine in mg/dL, weight in kg.
    public static func cockcroftGault(
        creatinine: Double, age: Double, weight: Double, isMale: Bool
    ) -> Double? {
        guard age < 140 else { return nil }
        return (140 - age) * weight / (72 * creatinine) * (isMale ? 1 : 0.85)
    }

    /// What the equations need; what they can't do without, where it is not there.
    private static func basis(
        _ lookup: inout Lookup, needsWeight: Bool
    ) -> (known: [String: Double], missing: [String]) {
        var (known, missing): ([String: Double], [String]) = ([:], [])
        for name in ["creatinine", "age", "sex"] + (needsWeight ? ["body_weight"] : []) {
            let number = lookup.latest(name)?.number
            let isKnown = number.map { name == "sex" ? $0 == 0 || $0 == 1 : $0 > 0 } ?? false
            if isKnown { known[name] = number } else { missing.append(name) }
        }
        return (known, missing)
    }

    static let filtration = ScoreDefinition(
        name: "ckd_epi", title: "eGFR", version: "CKD-EPI 2021, creatinine",
        unit: "mL/min/{1.73_m2}", opens: ["creatinine"], ages: 18..<200,
        parts: [
            .init(name: "rate", quantities: ["creatinine", "age", "sex"], pointsMax: nil) {
                let (known, missing) = basis(&$0, needsWeight: false)
                guard let creatinine = known["creatinine"], let age = known["age"],
                    let sex = known["sex"]
                else { return .without(missing) }
                return .value(
                    ckdEpi2021(
                        creatinine: creatinine / creatininePerDecilitre, age: age,
                        isMale: sex == 1))
            }
        ])

    static let clearance = ScoreDefinition(
        name: "cockcroft_gault", title: "Creatinine clearance", version: "Cockcroft and Gault 1976",
        unit: "mL/min", opens: ["creatinine"], ages: 18..<200,
        parts: [
            .init(
                name: "rate", quantities: ["creatinine", "age", "sex", "body_weight"],
                pointsMax: nil
            ) { lookup in
                let (known, missing) = basis(&lookup, needsWeight: true)
                guard let creatinine = known["creatinine"], let age = known["age"],
                    let sex = known["sex"], let weight = known["body_weight"]
                else { return .without(missing) }
                return cockcroftGault(
                    creatinine: creatinine / creatininePerDecilitre, age: age, weight: weight,
                    isMale: sex == 1
                ).map { .value($0) }
            }
        ])
}
