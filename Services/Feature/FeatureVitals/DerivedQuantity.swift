import FeatureCore
import TwinCore

/// What follows from several quantities: each is measured whenever the first of them is.
///
/// The other must be known by then, and not too old; where it is not, there is no value.
enum DerivedQuantity: String, CaseIterable {
    /// Systolic less diastolic pressure, of whatever source.
    case pulsePressure = "pulse_pressure"
    /// Heart rate over systolic pressure, of whatever source.
    case shockIndex = "hr_sbp_ratio"
    /// Arterial oxygen pressure over inspired fraction.
    case oxygenationRatio = "pao2_fio2_ratio"
    /// Urea over creatinine, both as amounts of substance.
    case ureaCreatinineRatio = "urea_creatinine_ratio"
    /// Urine of each kilogram of the newest weight.
    case urineOutputByWeight = "urine_output_kg"
    case bodyMassIndex = "body_mass_index"

    /// Of each source the newest so many are looked at.
    private static let countMax = 10_000

    var unit: String {
        switch self {
        case .pulsePressure, .oxygenationRatio: "mm[Hg]"
        case .shockIndex: "/min/mm[Hg]"
        case .ureaCreatinineRatio: "1"
        case .urineOutputByWeight: "mL/kg"
        case .bodyMassIndex: "kg/m2"
        }
    }

    /// The codes of the two that it follows from: one of each is needed.
    private var sources: [[Code]] {
        switch self {
        case .pulsePressure: [Sources.systolic, Sources.diastolic]
        case .shockIndex: [Sources.heartRate, Sources.systolic]
        case .oxygenationRatio: [Sources.oxygenPressure, Sources.inspiredFraction]
        case .ureaCreatinineRatio: [Sources.urea, Sources.creatinine]
        case .urineOutputByWeight: [Sources.urine, Sources.weight]
        case .bodyMassIndex: [Sources.weight, Sources.height]
        }
    }

    func samples(of timeline: Timeline) -> Samples {
        guard sources.allSatisfy({ $0.contains { timeline.series(of: $0) != nil } }) else {
            return Samples([], cutTime: nil)
        }
        let known = sources.map { codes in
            Samples.merged(
                codes.compactMap { timeline.series(of: $0).map { Samples($0) } },
                countMax: DerivedQuantity.countMax)
        }
        let (first, second) = (known[0], known[1])
        switch self {
        case .pulsePressure:
            return first.paired(with: second, within: 600) { $0 >= $1 ? $0 - $1 : nil }
        case .shockIndex:
            return first.paired(with: second, within: 7_200) { $1 > 0 ? $0 / $1 : nil }
        case .oxygenationRatio:
            return first.paired(with: second, within: 43_200) { $1 > 0 ? $0 / ($1 / 100) : nil }
        case .ureaCreatinineRatio:
            return first.paired(with: second, within: 43_200) { $1 > 0 ? $0 * 1_000 / $1 : nil }
        case .urineOutputByWeight: return byWeight(first, second)
        case .bodyMassIndex:
            return first.paired(with: second, within: .infinity) {
                $1 > 0 ? $0 / ($1 * $1 / 10_000) : nil
            }
        }
    }

    /// A weight says something of the amounts before it too.
    private func byWeight(_ amounts: Samples, _ weights: Samples) -> Samples {
        guard let weight = weights.last, weight > 0, let flags = weights.lastFlags else {
            return Samples([], cutTime: nil)
        }
        return Samples(
            amounts.seen.map {
                var point = amounts.point($0)
                point.number /= weight
                point.flags.formUnion(flags)
                return point
            }, cutTime: amounts.cutTime)
    }
}

/// The codes of the sources; of one moment the last listed is paired with.
private enum Sources {
    static let systolic = codes("sbp_nibp", "sbp_art", "sbp")
    static let diastolic = codes("dbp_nibp", "dbp_art", "dbp")
    static let heartRate = codes("heart_rate")
    static let oxygenPressure = codes("pao2")
    static let inspiredFraction = codes("fio2")
    static let urea = codes("urea")
    static let creatinine = codes("creatinine")
    static let urine = codes("urine_output")
    static let weight = codes("body_weight")
    static let height = codes("body_height")

    private static func codes(_ names: String...) -> [Code] {
        names.compactMap { Concept.named($0)?.code }
    }
}
