public import FeatureCore
public import TwinCleaning
public import TwinCore

/// Features of vital signs, laboratory values and what is known of the patient.
///
/// For each quantity of ``Concept`` with usable numbers: `heart_rate.last`, `.age_s`, and over the
/// windows 1h, 6h, 24h and start (everything) `.count_6h`, `.min_6h`, `.max_6h`, `.mean_6h`,
/// `.sd_6h` (n - 1) and `.slope_6h` (least squares, per hour); `.sum_6h` of amounts. All windows end
/// at the reference time, the latest usable event time of the twin, so the features are a function
/// of the measurements alone. The same of what follows from several quantities: `pulse_pressure`,
/// `hr_sbp_ratio`, `pao2_fio2_ratio`, `urea_creatinine_ratio`, `urine_output_kg` and
/// `body_mass_index`. And the clinical scores, as `news2.…`, `sofa.…`, with the sheet that says what
/// each of them rests on and when that expires.
public struct VitalsExtractor: Extractor {
    private enum Block {
        case concept(Code, QuantityPlan)
        case derived(DerivedQuantity, QuantityPlan)
        case score(String)
    }

    public let modality = Modality.vitals
    public let version: String
    public let rules: CleaningRules
    private let site: ScoreSite
    private let freshness: [[Freshness.Rule]]
    private let paediatric: [ScoreDefinition]
    private let blocks: [Block]
    private let codes: Set<Code>

    public init(site: ScoreSite = ScoreSite(), rules: CleaningRules = .standard) {
        self.site = site
        self.rules = rules
        freshness = Concept.all.map { site.freshness.rules(of: $0) }
        paediatric = site.paediatric?.definitions ?? []
        version =
            "vitals-2/\(site.fingerprint)\(FeatureSet.rulesMark)\(rules.identity.shortHash)"
        // With the dot that follows, the order of the blocks is that of their features' names.
        let quantities = Concept.all.map {
            ("\($0.name).", Block.concept($0.code, QuantityPlan(name: $0.name, unit: $0.unit)))
        }
        let derived = DerivedQuantity.allCases.map {
            ("\($0.rawValue).", Block.derived($0, QuantityPlan(name: $0.rawValue, unit: $0.unit)))
        }
        let scores = ScoreSite.names.map { ("\($0).", Block.score($0)) }
        blocks = (quantities + derived + scores).sorted { $0.0 < $1.0 }.map(\.1)
        codes = Set(Concept.all.map(\.code))
    }

    public func reads(_ code: Code) -> Bool { codes.contains(code) }

    /// A site's own table of PEWS may have any parts.
    public var catalogue: FeatureCatalogue? {
        var units: [String: String] = [:]
        func add(_ own: [(String, String)]) {
            for (name, unit) in own { units[name] = unit }
        }
        for block in blocks {
            switch block {
            case .concept(_, let plan), .derived(_, let plan): add(plan.units)
            case .score: break
            }
        }
        for score in ScoreSite.adult(site.scale) { add(ScorePlan.units(of: score)) }
        return FeatureCatalogue(units: units, siteFamilies: ["pews."])
    }

    public func features(of timeline: Timeline, at revision: Revision) -> FeatureSet {
        var set = FeatureSet(
            modality: modality, version: version, revision: revision,
            referenceTime: timeline.referenceTime, features: [])
        let readings = set.referenceTime.map { Readings(timeline, at: $0, freshness) }
        set.cleaning = timeline.report(at: set.referenceTime) { readings?.inputs(of: $0) ?? [] }
        guard let reference = set.referenceTime, let readings else { return set }
        set.sheet = sheet(of: readings, at: reference)
        for block in blocks {
            switch block {
            case .concept(let code, let plan):
                if let series = timeline.series(of: code) {
                    plan.append(to: &set.features, from: Samples(series), at: reference)
                }
            case .derived(let quantity, let plan):
                plan.append(
                    to: &set.features, from: quantity.samples(of: timeline), at: reference)
            case .score(let name):
                guard let score = set.sheet.scores.first(where: { $0.name == name }) else {
                    continue
                }
                set.features += ScorePlan.features(of: score, in: set.sheet, at: reference)
            }
        }
        return set
    }

    private func sheet(of readings: Readings, at reference: Instant) -> ScoreSheet {
        ScoreSheet(
            inputs: readings.inputs,
            scores: site.definitions(for: readings, paediatric).compactMap {
                $0.score(of: readings, at: reference)
            })
    }
}
