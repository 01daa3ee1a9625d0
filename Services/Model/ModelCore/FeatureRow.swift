import TwinCore

/// A twin's features brought to a model's columns, with everything that is known against them.
struct FeatureRow {
    struct Cell {
        /// The value that is used; nil where the feature was missing and nothing is put in.
        var value: Double?
        var flags: QualityFlags
        /// Whose feature it is; nil where nobody says.
        var modality: Modality?
        /// Whether it is a value of the patient's own, and not put in.
        var isPresent = false
    }

    /// A feature and the modality whose set it came in.
    private struct Given {
        var feature: Feature
        var modality: Modality
    }

    private(set) var cells: [Cell] = []
    private(set) var missingCount: UInt32 = 0
    private(set) var flaggedCount: UInt32 = 0
    private(set) var staleCount: UInt32 = 0
    /// The places of the present features outside of what the training rows had.
    private(set) var outside: [Int] = []
    private let outsideShareMax: Double
    /// What the rules said of the measurements, as far as the model's features go.
    private let cleaning: CleaningReport?
    /// Why no score may be made of the row; nil if one may.
    private(set) var problem: String?

    /// The row as the model takes it; NaN where there is no value.
    var values: [Float] { cells.map { Float($0.value ?? .nan) } }

    init(_ sets: [FeatureSet], for manifest: Manifest) {
        outsideShareMax = manifest.outsideShareMax ?? 1
        cleaning = FeatureRow.cleaning(sets, for: manifest)
        // A feature that is missing came in no set: where there is one extractor it is its.
        let only = manifest.extractors.count == 1 ? manifest.extractors[0].modality : nil
        let given = FeatureRow.byName(sets, for: manifest, problem: &problem)
        cells.reserveCapacity(manifest.features.count)
        for wanted in manifest.features {
            let given = given[wanted.name]
            add(wanted, given?.feature, of: wanted.modality ?? given?.modality ?? only)
        }
    }

    /// The share of the present features that lie outside of what the training rows had, as
    /// `TrainingRange` of the training rooms counts it.
    var outsideShare: Double {
        let present = cells.count - Int(missingCount)
        return present > 0 ? Double(outside.count) / Double(present) : 0
    }

    var isOutOfDistribution: Bool { outsideShare > outsideShareMax }

    var quality: InputQuality {
        InputQuality(
            featureCount: UInt32(cells.count), missingCount: missingCount,
            flaggedCount: flaggedCount, staleCount: staleCount,
            outsideCount: UInt32(outside.count), isOutOfDistribution: isOutOfDistribution,
            cleaning: cleaning)
    }

    /// How many findings an assessment names at most.
    private static let findingCountMax = 8

    /// The quality of the twin, and the newest findings on quantities that the model asks for.
    private static func cleaning(
        _ sets: [FeatureSet], for manifest: Manifest
    ) -> CleaningReport? {
        // Of several modalities the first speaks: only that of measurements over time has rules.
        let reports = sets.sorted { $0.modality.rawValue < $1.modality.rawValue }
            .compactMap(\.cleaning)
        guard var report = reports.first else { return nil }
        let wanted = Set(
            manifest.features.compactMap { feature in
                feature.name.split(separator: ".").first.flatMap { Concept.named(String($0))?.code }
            })
        let own = report.findings.filter { wanted.contains($0.code) }
        report.findings = Array(own.prefix(findingCountMax))
        report.untoldCount &+= UInt32(clamping: own.count - report.findings.count)
        report.biases = []
        return report
    }

    private mutating func add(
        _ wanted: ManifestFeature, _ given: Feature?, of modality: Modality?
    ) {
        var cell = Cell(value: given?.value, flags: given?.flags ?? [], modality: modality)
        if let value = cell.value, !Float(value).isFinite { cell.flags.insert(.notNumeric) }
        if !cell.flags.isDisjoint(with: .unusable) { cell.value = nil }
        if let value = cell.value {
            cell.isPresent = true
            if cell.flags.contains(.stale) { staleCount += 1 }
            if !wanted.hasSeen(value) {
                cell.flags.insert(.unseen)
                outside.append(cells.count)
            }
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
    ) -> [String: Given] {
        var given: [String: Given] = [:]
        for set in sets.sorted(by: { $0.modality.rawValue < $1.modality.rawValue }) {
            let wanted = manifest.extractors.first { $0.modality == set.modality }
            if let wanted,
                FeatureSet.makerVersion(of: wanted.version)
                    != FeatureSet.makerVersion(of: set.version)
            {
                problem =
                    problem
                    ?? "\(set.modality.name) features are of \(set.version), the model's of \(wanted.version)"
            }
            for feature in set.features
            where given.updateValue(
                Given(feature: feature, modality: set.modality), forKey: feature.name) != nil
            {
                problem = problem ?? "\(feature.name) is given twice"
            }
        }
        return given
    }
}

extension ManifestFeature {
    /// Whether the training rows had such a value; all are taken as seen where nothing is known.
    ///
    /// The rows are of single precision, and so is the comparison.
    fileprivate func hasSeen(_ value: Double) -> Bool {
        guard let seen else { return true }
        return Float(value) >= Float(seen.lowerBound) && Float(value) <= Float(seen.upperBound)
    }
}
