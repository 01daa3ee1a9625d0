import TwinCore

/// A twin's features brought to a model's columns, with everything that is known against them.
struct FeatureRow {
    struct Cell {
        /// The value that is used; nil where the feature was missing and nothing is put in.
        var value: Double?
        var flags: QualityFlags
    }

    private(set) var cells: [Cell] = []
    private(set) var missingCount: UInt32 = 0
    private(set) var flaggedCount: UInt32 = 0
    /// Why no score may be made of the row; nil if one may.
    private(set) var problem: String?

    /// The row as the model takes it; NaN where there is no value.
    var values: [Float] { cells.map { Float($0.value ?? .nan) } }

    init(_ sets: [FeatureSet], for manifest: Manifest) {
        let given = FeatureRow.byName(sets, for: manifest, problem: &problem)
        cells.reserveCapacity(manifest.features.count)
        for wanted in manifest.features { add(wanted, given[wanted.name]) }
    }

    var quality: InputQuality {
        InputQuality(
            featureCount: UInt32(cells.count), missingCount: missingCount,
            flaggedCount: flaggedCount)
    }

    private mutating func add(_ wanted: ManifestFeature, _ given: Feature?) {
        var cell = Cell(value: given?.value, flags: given?.flags ?? [])
        if let value = cell.value, !Float(value).isFinite { cell.flags.insert(.notNumeric) }
        if !cell.flags.isDisjoint(with: .unusable) { cell.value = nil }
        if let value = cell.value {
            if let given, given.unit != wanted.unit {
                problem =
                    problem
                    ?? "\(wanted.name) is in \"\(given.unit)\", the model takes \"\(wanted.unit)\""
            }
            if let range = wanted.applicable, !range.contains(value) {
                problem =
                    problem
                    ?? "\(wanted.name) is \(value), the model applies from \(range.lowerBound) to \(range.upperBound)"
            }
        } else {
            missingCount += 1
            cell.value = wanted.missing.value
            if cell.value != nil { cell.flags.insert(.imputed) }
        }
        if !cell.flags.isEmpty { flaggedCount += 1 }
        cells.append(cell)
    }

    /// The features by name, whatever the order of the sets.
    private static func byName(
        _ sets: [FeatureSet], for manifest: Manifest, problem: inout String?
    ) -> [String: Feature] {
        var given: [String: Feature] = [:]
        for set in sets.sorted(by: { $0.modality.rawValue < $1.modality.rawValue }) {
            let wanted = manifest.extractors.first { $0.modality == set.modality }
            if let wanted, wanted.version != set.version {
                problem =
                    problem
                    ?? "\(set.modality.name) features are of \(set.version), the model's of \(wanted.version)"
            }
            for feature in set.features
            where given.updateValue(feature, forKey: feature.name) != nil {
                problem = problem ?? "\(feature.name) is given twice"
            }
        }
        return given
    }
}
