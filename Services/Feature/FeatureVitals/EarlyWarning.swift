import TwinCore

// Scores that call for help.
extension ScoreDefinition {
    /// The National Early Warning Score 2.
    ///
    /// Scale 2 holds where a clinician ordered it for this patient (`spo2_scale` 2).
    static func news2(_ scale: NEWS2.Scale) -> ScoreDefinition {
        scale == .one ? news2OnScale1 : news2OnScale2
    }

    private static let news2OnScale1 = makeNEWS2(.one)
    private static let news2OnScale2 = makeNEWS2(.two)

    private static func makeNEWS2(_ scale: NEWS2.Scale) -> ScoreDefinition {
        ScoreDefinition(
            name: "news2", title: "NEWS2", version: "RCP 2017, SpO2 scale \(scale.rawValue)",
            unit: "{score}",
            bands: [
                ScoreBand(name: "low", from: 0),
                ScoreBand(name: "low-medium", from: nil, orSinglePart: 3),
                ScoreBand(name: "medium", from: 5), ScoreBand(name: "high", from: 7),
            ],
            opens: [
                "resp_rate", "spo2", "sao2", "fio2", "o2_flow", "avpu", "gcs", "body_temp",
            ] + systolic + pulse, ages: 16..<200, parts: news2Parts(scale))
    }

    static let systolic = ["sbp", "sbp_art", "sbp_nibp"]
    static let pulse = ["heart_rate", "pulse_rate_spo2", "pulse_rate_nibp", "pulse_rate_invasive"]

    private static func news2Parts(_ scale: NEWS2.Scale) -> [Part] {
        let saturation = ["spo2", "sao2"] + (scale == .two ? ["fio2", "o2_flow"] : [])
        return [
            Part(name: "respiration", quantities: ["resp_rate"], pointsMax: 3) {
                $0.respiration().map { .points(NEWS2.respiration(perMinute: $0)) }
            },
            Part(name: "spo2", quantities: saturation, pointsMax: 3) {
                NEWS2.saturation(&$0, scale)
            },
            Part(name: "air_or_oxygen", quantities: ["fio2", "o2_flow"], pointsMax: 2) {
                $0.isOnOxygen().map { .points(NEWS2.oxygen(isGiven: $0)) }
            },
            Part(name: "systolic", quantities: systolic, pointsMax: 3) {
                $0.systolic().map { .points(NEWS2.systolic(mmHg: $0)) }
            },
            Part(name: "pulse", quantities: pulse, pointsMax: 3) {
                $0.pulse().map { .points(NEWS2.pulse(perMinute: $0)) }
            },
            Part(name: "consciousness", quantities: ["avpu", "gcs"], pointsMax: 3) {
                $0.isAlert().map { .points(NEWS2.consciousness(isAlert: $0)) }
            },
            Part(name: "temperature", quantities: ["body_temp"], pointsMax: 3) {
                $0.latest("body_temp").map { .points(NEWS2.temperature(celsius: $0.number)) }
            },
        ]
    }

    /// Of the many scores of that name the one of Subbe and others, 2001.
    static let mews = ScoreDefinition(
        name: "mews", title: "MEWS", version: "Subbe 2001", unit: "{score}",
        bands: [ScoreBand(name: "below 5", from: 0), ScoreBand(name: "call", from: 5)],
        opens: ["resp_rate", "body_temp", "avpu", "gcs"] + systolic + pulse, ages: 16..<200,
        parts: [
            Part(name: "systolic", quantities: systolic, pointsMax: 3) {
                $0.systolic().map { .points(MEWS.systolic.points($0)) }
            },
            Part(name: "pulse", quantities: pulse, pointsMax: 3) {
                $0.pulse().map { .points(MEWS.pulse.points($0)) }
            },
            Part(name: "respiration", quantities: ["resp_rate"], pointsMax: 3) {
                $0.respiration().map { .points(MEWS.respiration.points($0)) }
            },
            Part(name: "temperature", quantities: ["body_temp"], pointsMax: 2) {
                $0.latest("body_temp").map { .points(MEWS.temperature.points($0.number * 10)) }
            },
            Part(name: "consciousness", quantities: ["avpu", "gcs"], pointsMax: 3) {
                MEWS.consciousness(&$0)
            },
        ])

    static let quickSOFA = ScoreDefinition(
        name: "qsofa", title: "qSOFA", version: "Sepsis-3, 2016", unit: "{score}",
        bands: [ScoreBand(name: "negative", from: 0), ScoreBand(name: "positive", from: 2)],
        opens: ["resp_rate", "gcs", "avpu"] + systolic, ages: 16..<200,
        parts: [
            Part(name: "respiration", quantities: ["resp_rate"], pointsMax: 1) {
                $0.respiration().map { .points(SIRS.isBelow($0, 22) ? 0 : 1) }
            },
            Part(name: "systolic", quantities: systolic, pointsMax: 1) {
                $0.systolic().map { .points($0 <= 100 + 1e-7 ? 1 : 0) }
            },
            Part(name: "mentation", quantities: ["avpu", "gcs"], pointsMax: 1) {
                $0.isAlert().map { .points($0 ? 0 : 1) }
            },
        ])

    /// All limits are strict: 38.0 °C, 90, 20 and 12.0 give nothing.
    static let sirs = ScoreDefinition(
        name: "sirs", title: "SIRS", version: "ACCP/SCCM 1992", unit: "{score}",
        bands: [ScoreBand(name: "negative", from: 0), ScoreBand(name: "positive", from: 2)],
        opens: ["body_temp", "resp_rate", "paco2", "wbc", "bands"] + pulse, ages: 16..<200,
        parts: [
            Part(name: "temperature", quantities: ["body_temp"], pointsMax: 1) {
                $0.latest("body_temp").map { .points(SIRS.isOutside($0.number, 36...38) ? 1 : 0) }
            },
            Part(name: "pulse", quantities: pulse, pointsMax: 1) {
                $0.pulse().map { .points(SIRS.isAbove($0, 90) ? 1 : 0) }
            },
            Part(name: "respiration", quantities: ["resp_rate", "paco2"], pointsMax: 1) {
                SIRS.respiration(&$0)
            },
            Part(name: "leukocytes", quantities: ["wbc", "bands"], pointsMax: 1) {
                SIRS.leukocytes(&$0)
            },
        ])
}

extension NEWS2 {
    fileprivate static func saturation(_ lookup: inout Lookup, _ scale: Scale) -> Worth? {
        guard let percent = lookup.latest("spo2", "sao2")?.number else { return nil }
        // Only above the target range does it matter whether oxygen is given.
        if let points = saturation(percent: percent, scale: scale, onOxygen: nil) {
            return .points(points)
        }
        let onOxygen = lookup.isOnOxygen()
        if let points = saturation(percent: percent, scale: scale, onOxygen: onOxygen) {
            return .points(points)
        }
        return .between(0, saturation(percent: percent, scale: scale, onOxygen: true) ?? 3)
    }
}

/// The table of the Modified Early Warning Score (Subbe, Kruger, Rutherford and Gemmel, 2001).
///
/// Values are rounded half up before they are looked up, temperature to 0.1.
enum MEWS {
    static let systolic = Ladder(
        [(71, 3), (81, 2), (101, 1), (200, 0)], top: 2, isRounded: true)
    static let pulse = Ladder(
        [(41, 2), (51, 1), (101, 0), (111, 1), (130, 2)], top: 3, isRounded: true)
    static let respiration = Ladder(
        [(9, 2), (15, 0), (21, 1), (30, 2)], top: 3, isRounded: true)
    /// In tenths.
    static let temperature = Ladder([(350, 2), (385, 0)], top: 2, isRounded: true)

    /// The table knows no confusion: it lies between alert and voice.
    ///
    /// A coma scale says no more than whether the patient is alert.
    static func consciousness(_ lookup: inout Lookup) -> Worth? {
        guard let (number, isScale) = lookup.consciousness() else { return nil }
        if isScale { return number >= 15 ? .points(0) : .between(0, 3) }
        return number == 1 ? .between(0, 1) : .points(min(3, max(0, Int(number) - 1)))
    }
}

/// The criteria of the systemic inflammatory response syndrome.
enum SIRS {
    static func isAbove(_ value: Double, _ limit: Double) -> Bool { value > limit * (1 + 1e-9) }
    static func isBelow(_ value: Double, _ limit: Double) -> Bool { value < limit * (1 - 1e-9) }

    static func isOutside(_ value: Double, _ range: ClosedRange<Double>) -> Bool {
        isBelow(value, range.lowerBound) || isAbove(value, range.upperBound)
    }

    /// The respiratory rate decides; carbon dioxide alone can only say that the criterion is met.
    static func respiration(_ lookup: inout Lookup) -> Worth? {
        let rate = lookup.respiration()
        if let rate, isAbove(rate, 20) { return .points(1) }
        let pressure = lookup.latest("paco2")?.number
        if let pressure, isBelow(pressure, 32) { return .points(1) }
        return rate == nil ? (pressure == nil ? nil : .between(0, 1)) : .points(0)
    }

    /// The count decides; bands alone can only say that the criterion is met.
    static func leukocytes(_ lookup: inout Lookup) -> Worth? {
        let count = lookup.latest("wbc")?.number
        if let count, isOutside(count, 4...12) { return .points(1) }
        let bands = lookup.latest("bands")?.number
        if let bands, isAbove(bands, 10) { return .points(1) }
        return count == nil ? (bands == nil ? nil : .between(0, 1)) : .points(0)
    }
}
