import TwinCore

/// How long values stay valid: for each quantity and source, the last age at which one may enter a
/// score.
///
/// The first rule that fits holds; an operator's rules come before those of the house.
public struct Freshness: Hashable, Sendable, Codable {
    /// One line of the table.
    public struct Rule: Hashable, Sendable, Codable {
        /// The short name of a quantity, `*` for all.
        public var quantity: String
        /// The name of a source, the beginning of one and `*`, or left out for all.
        public var source: String?
        /// How long a value is valid that is measured now and then; 0 for ever.
        public var seconds: Int64
        /// How long where the source measures without a pause; as `seconds` where left out.
        public var continuousSeconds: Int64?

        public init(
            quantity: String, source: String? = nil, seconds: Int64,
            continuousSeconds: Int64? = nil
        ) {
            self.quantity = quantity
            self.source = source
            self.seconds = seconds
            self.continuousSeconds = continuousSeconds
        }
    }

    /// A source measures without a pause while its newest values are no further apart than this.
    public static let continuousGapSecondsMax = 65.0
    public static let ruleCountMax = 4096
    /// A hundred years.
    public static let secondsMax: Int64 = 3_155_760_000

    /// For people: whose rules these are, and where they come from.
    public var note: String?
    public var rules: [Rule]

    public init(note: String? = nil, rules: [Rule]) {
        self.note = note
        self.rules = rules
    }

    /// These rules before the house's; refused where one of them makes no sense.
    public static func site(_ own: Freshness) throws(ScoreTableError) -> Freshness {
        guard own.rules.count <= ruleCountMax else {
            throw ScoreTableError("more than \(ruleCountMax) rules")
        }
        for (index, rule) in own.rules.enumerated() {
            let place = "rule \(index + 1)"
            guard rule.quantity == "*" || Concept.named(rule.quantity) != nil else {
                throw ScoreTableError("\(place): there is no quantity '\(rule.quantity)'")
            }
            guard (0...secondsMax).contains(rule.seconds),
                (0...secondsMax).contains(rule.continuousSeconds ?? 0)
            else { throw ScoreTableError("\(place): seconds are 0 to \(secondsMax)") }
            guard rule.source?.isEmpty != true else {
                throw ScoreTableError("\(place): a source has a name; leave it out for all")
            }
        }
        return Freshness(note: own.note, rules: own.rules + standard.rules)
    }

    /// The rules of a quantity, in their order.
    func rules(of concept: Concept) -> [Rule] {
        rules.filter { $0.quantity == "*" || $0.quantity == concept.name }
    }

    /// How many seconds a value stays valid by the rules of its quantity; nil for ever.
    static func seconds(
        by rules: [Rule], of source: Source, gapSeconds: Double?
    ) -> Int64? {
        let isContinuous = gapSeconds.map { $0 <= continuousGapSecondsMax } ?? false
        let rule = rules.first { $0.fits(source) }
        let seconds = isContinuous ? rule?.continuousSeconds ?? rule?.seconds : rule?.seconds
        return seconds == 0 ? nil : seconds
    }
}

extension Freshness.Rule {
    fileprivate func fits(_ from: Source) -> Bool {
        guard let source else { return true }
        return source.hasSuffix("*") ? from.hasPrefix(source.dropLast()) : from == source
    }
}

extension Freshness {
    private static let minute: Int64 = 60
    private static let hour: Int64 = 3_600

    /// The rules of the house.
    ///
    /// Vital signs taken by hand hold 12 hours, the longest that NEWS2 lets pass between two sets;
    /// what a monitor measures without a pause holds two minutes. Laboratory values hold a day,
    /// blood gases six hours, the rate of a drug two. What does not change in a stay holds for ever.
    public static let standard = Freshness(
        note: "NEWS2 (RCP 2017): at least every 12 h; continuous 2 min; laboratory 24 h.",
        rules: [
            ("heart_rate", 12 * hour, 2 * minute), ("pulse_rate_spo2", 12 * hour, 2 * minute),
            ("pulse_rate_nibp", 12 * hour, nil), ("pulse_rate_invasive", 12 * hour, 2 * minute),
            ("resp_rate", 12 * hour, 2 * minute), ("spo2", 12 * hour, 2 * minute),
            ("sao2", 12 * hour, nil), ("body_temp", 12 * hour, 10 * minute),
            ("sbp", 12 * hour, 2 * minute), ("dbp", 12 * hour, 2 * minute),
            ("map", 12 * hour, 2 * minute), ("sbp_nibp", 12 * hour, nil),
            ("dbp_nibp", 12 * hour, nil), ("map_nibp", 12 * hour, nil),
            ("sbp_art", 12 * hour, 2 * minute), ("dbp_art", 12 * hour, 2 * minute),
            ("map_art", 12 * hour, 2 * minute), ("etco2", 12 * hour, 2 * minute),
            ("fio2", 12 * hour, 10 * minute), ("o2_flow", 12 * hour, 10 * minute),
            ("perfusion_index", 12 * hour, 2 * minute), ("gcs", 12 * hour, nil),
            ("avpu", 12 * hour, nil), ("urine_output", 6 * hour, nil),
            ("mech_vent", 12 * hour, nil), ("dopamine", 2 * hour, nil),
            ("dobutamine", 2 * hour, nil), ("epinephrine", 2 * hour, nil),
            ("norepinephrine", 2 * hour, nil), ("ph_art", 6 * hour, nil),
            ("pao2", 6 * hour, nil), ("paco2", 6 * hour, nil), ("hba1c", 90 * 24 * hour, nil),
            ("body_weight", 30 * 24 * hour, nil), ("bmi", 30 * 24 * hour, nil),
            ("body_height", 0, nil), ("age", 0, nil), ("sex", 0, nil), ("icu_type", 0, nil),
            ("spo2_scale", 0, nil), ("*", 24 * hour, nil),
        ].map { Rule(quantity: $0.0, seconds: $0.1, continuousSeconds: $0.2) })
}

/// A table that an operator gave can't be used.
public struct ScoreTableError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it.
    public let description: String

    public init(_ description: String) { self.description = description }
}
