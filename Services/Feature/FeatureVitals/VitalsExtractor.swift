public import FeatureCore
public import TwinCore

/// Features of vital signs, laboratory values and what is known of the patient.
///
/// For each quantity of ``Concept`` with usable numbers: `heart_rate.last`, `.age_s`, and over the
/// windows 1h, 6h, 24h and start (everything) `.count_6h`, `.min_6h`, `.max_6h`, `.mean_6h`,
/// `.sd_6h` (n - 1) and `.slope_6h` (least squares, per hour); `.sum_6h` of amounts. All windows end
/// at the reference time, the latest usable event time of the twin, so the features are a function
/// of the measurements alone. And NEWS2 with all its parts, as `news2.…`.
public struct VitalsExtractor: Extractor {
    private enum Block {
        case concept(ConceptPlan)
        case news2
    }

    public let modality = Modality.vitals
    public let version: String
    private let scale: NEWS2.Scale
    private let partAgeSecondsMax: Double
    private let blocks: [Block]
    private let codes: Set<Code>

    /// `partAgeSecondsMax`: a part of NEWS2 that is older than this counts as missing.
    public init(scale: NEWS2.Scale = .one, partAgeSecondsMax: Double = 43_200) {
        self.scale = scale
        self.partAgeSecondsMax = partAgeSecondsMax
        version = "vitals-1/news2-scale-\(scale.rawValue)-\(partAgeSecondsMax)s"
        // With the dot that follows, the order of the blocks is that of their features' names.
        let named = Concept.all.map { ("\($0.name).", Block.concept(ConceptPlan($0))) }
        blocks = (named + [("\(NEWS2Plan.prefix).", .news2)]).sorted { $0.0 < $1.0 }.map(\.1)
        codes = Set(Concept.all.map(\.code))
    }

    public func reads(_ code: Code) -> Bool { codes.contains(code) }

    public func features(of timeline: Timeline, at revision: Revision) -> FeatureSet {
        var set = FeatureSet(
            modality: modality, version: version, revision: revision,
            referenceTime: timeline.referenceTime, features: [])
        guard let reference = set.referenceTime else { return set }
        for block in blocks {
            switch block {
            case .concept(let plan):
                if let series = timeline.series(of: plan.code) {
                    plan.append(to: &set.features, from: series, at: reference)
                }
            case .news2:
                let reading = NEWS2Reading(
                    timeline: timeline, at: reference, scale: scale,
                    ageSecondsMax: partAgeSecondsMax)
                if let reading { NEWS2Plan.append(to: &set.features, from: reading) }
            }
        }
        return set
    }
}
