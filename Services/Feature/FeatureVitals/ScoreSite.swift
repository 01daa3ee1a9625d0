import TwinCore

/// What one site decides of the scores.
public struct ScoreSite: Hashable, Sendable {
    /// Which table of saturation holds in NEWS2 where none is ordered for the patient.
    public var scale: NEWS2.Scale
    public var freshness: Freshness
    /// Without one there is no PEWS.
    public var paediatric: PaediatricTable?

    public init(
        scale: NEWS2.Scale = .one, freshness: Freshness = .standard,
        paediatric: PaediatricTable? = nil
    ) {
        self.scale = scale
        self.freshness = freshness
        self.paediatric = paediatric
    }

    /// Every score that can be made.
    static let names = [
        "news2", "qsofa", "sirs", "mews", "sofa", "shock_index", "pf_ratio", "ckd_epi",
        "cockcroft_gault", "pews",
    ]

    /// Those that no table of a site is needed for.
    static func adult(_ scale: NEWS2.Scale) -> [ScoreDefinition] {
        [
            .news2(scale), .quickSOFA, .sirs, .mews, SOFA.definition, ShockIndex.definition,
            Oxygenation.definition, Kidney.filtration, Kidney.clearance,
        ]
    }

    /// Those that may be made for this patient, in the order in which they are shown.
    func definitions(
        for readings: Readings, _ paediatric: [ScoreDefinition]
    ) -> [ScoreDefinition] {
        // The order holds until it is changed: it never expires.
        let ordered = readings.constant("spo2_scale").flatMap { number in
            NEWS2.Scale.allCases.first { Double($0.rawValue) == number }
        }
        var scores = ScoreSite.adult(ordered ?? scale)
        // Of an unknown age no table is the right one.
        if readings.constant("age") != nil { scores += paediatric }
        return scores
    }

    /// Sixteen digits that change with what the site decides.
    var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ text: String) {
            for byte in text.utf8 + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        mix("\(scale.rawValue)")
        for rule in freshness.rules {
            mix(rule.quantity)
            mix(rule.source ?? "")
            mix("\(rule.seconds) \(rule.continuousSeconds ?? -1)")
        }
        mix(paediatric?.version ?? "")
        for band in paediatric?.ageBands ?? [] {
            mix("\(band.name) \(band.fromYears) \(band.toYears)")
            for part in band.parts {
                mix("\(part.name) \(part.quantities)")
                for step in part.steps { mix("\(step.below ?? .infinity) \(step.points)") }
            }
        }
        for band in paediatric?.bands ?? [] { mix("\(band.name) \(band.from)") }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
