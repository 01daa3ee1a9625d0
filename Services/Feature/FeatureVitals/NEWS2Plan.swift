import TwinCore

/// The features that NEWS2 makes.
///
/// `news2.score`, `.band` and `.single3` have no value while a missing part could change them; then
/// `.min` and `.max` say what the score could be, `.incomplete` is 1, and all carry the flag.
enum NEWS2Plan {
    static let prefix = "news2"

    private enum Item {
        case score, least, most, band, singleThree, incomplete
        case points(NEWS2.Part)
        case age(NEWS2.Part)
    }

    private struct Slot {
        let name: String
        let unit: String
        let item: Item
    }

    private static let slots: [Slot] = {
        var slots = [
            Slot(name: "score", unit: "{score}", item: .score),
            Slot(name: "min", unit: "{score}", item: .least),
            Slot(name: "max", unit: "{score}", item: .most),
            Slot(name: "band", unit: "1", item: .band),
            Slot(name: "single3", unit: "1", item: .singleThree),
            Slot(name: "incomplete", unit: "1", item: .incomplete),
        ]
        for part in NEWS2.Part.allCases {
            slots.append(Slot(name: name(of: part), unit: "{score}", item: .points(part)))
            slots.append(Slot(name: "\(name(of: part)).age_s", unit: "s", item: .age(part)))
        }
        return slots.map { Slot(name: "\(prefix).\($0.name)", unit: $0.unit, item: $0.item) }
            .sorted { $0.name < $1.name }
    }()

    private static func name(of part: NEWS2.Part) -> String {
        switch part {
        case .respiration: "respiration"
        case .saturation: "spo2"
        case .oxygen: "air_or_oxygen"
        case .systolic: "systolic"
        case .pulse: "pulse"
        case .consciousness: "consciousness"
        case .temperature: "temperature"
        }
    }

    static func append(to features: inout [Feature], from reading: NEWS2Reading) {
        let score = reading.score
        let flags: QualityFlags = score.isComplete ? [] : .incomplete
        for slot in slots {
            var feature = Feature(name: slot.name, value: nil, unit: slot.unit, flags: flags)
            switch slot.item {
            case .score: feature.value = score.total.map(Double.init)
            case .least: feature.value = Double(score.least)
            case .most: feature.value = Double(score.most)
            case .band: feature.value = score.band.map(Double.init)
            case .singleThree: feature.value = score.hasSingleThree.map { $0 ? 1 : 0 }
            case .incomplete: feature.value = score.isComplete ? 0 : 1
            case .points(let part):
                feature.value = score.points[part.rawValue].map(Double.init)
                feature.flags = reading.isStale[part.rawValue] ? .stale : []
                if feature.value == nil, feature.flags.isEmpty { continue }
            case .age(let part):
                feature.value = reading.ages[part.rawValue]
                feature.flags = reading.isStale[part.rawValue] ? .stale : []
                if feature.value == nil { continue }
            }
            features.append(feature)
        }
    }
}
