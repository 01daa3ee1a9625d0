import FeatureCore
import TwinCore

/// Which features are made of one quantity: their names and units, made once.
struct QuantityPlan {
    private enum Statistic {
        case last, age
        case window(Int, WindowSummary.Measure)
    }

    private struct Slot {
        let name: String
        let unit: String
        let statistic: Statistic
    }

    private let slots: [Slot]

    /// Quantities that do not change during a stay: only their last value is of use.
    private static let constant: Set<String> = [
        "age", "sex", "icu_type", "body_height", "body_mass_index",
    ]
    /// Quantities of which each sample is an amount since the one before: they add up.
    private static let amounts: Set<String> = ["urine_output", "urine_output_kg"]

    init(name: String, unit: String) {
        var slots = [
            Slot(name: "last", unit: unit, statistic: .last),
            Slot(name: "age_s", unit: "s", statistic: .age),
        ]
        if !QuantityPlan.constant.contains(name) {
            for measure in WindowSummary.Measure.allCases
            where measure != .sum || QuantityPlan.amounts.contains(name) {
                for (index, window) in Window.all.enumerated() {
                    slots.append(
                        Slot(
                            name: "\(measure.rawValue)_\(window.name)",
                            unit: measure.unit(of: unit),
                            statistic: .window(index, measure)))
                }
            }
        }
        self.slots = slots.map {
            Slot(name: "\(name).\($0.name)", unit: $0.unit, statistic: $0.statistic)
        }.sorted { $0.name < $1.name }
    }

    /// The unit of each feature, by its name.
    var units: [(String, String)] { slots.map { ($0.name, $0.unit) } }

    /// Appends the features of samples, in ascending order of name; missing ones are left out.
    func append(to features: inout [Feature], from series: Samples, at reference: Instant) {
        guard let lastTime = series.lastTime, let last = series.last,
            let lastFlags = series.lastFlags
        else { return }
        let windows = WindowSummary.all(of: series, at: reference)
        for slot in slots {
            var feature = Feature(name: slot.name, value: nil, unit: slot.unit, flags: lastFlags)
            switch slot.statistic {
            case .last: feature.value = last
            case .age: feature.value = reference.seconds(since: lastTime)
            case .window(let index, let measure):
                feature.value = windows[index].value(of: measure)
                feature.flags = windows[index].flags
            }
            // Sums of what is close to the largest number may leave the range.
            if let value = feature.value, value.isFinite { features.append(feature) }
        }
    }
}
