import CTwinWire
import TwinCore

extension Draft {
    func features(_ set: FeatureSet) -> Place<Wire.FeatureSet> {
        var units = Lexicon<String>()
        var unitIndexes = ColumnDraft(capacity: set.features.count, in: self)
        var missing = ColumnDraft(capacity: set.features.count, in: self)
        var flags = ColumnDraft(capacity: set.features.count, in: self)
        let values = memory(set.features.count, of: Double.self)
        var valueCount = 0
        for (index, feature) in set.features.enumerated() {
            unitIndexes.append(units.index(of: feature.unit))
            flags.append(feature.flags.rawValue)
            if let value = feature.value {
                values[valueCount] = value
                valueCount += 1
            } else {
                missing.append(UInt32(truncatingIfNeeded: index))
            }
        }
        return make(twinline__v1__feature_set__init) {
            $0.modality.rawValue = UInt32(set.modality.rawValue)
            $0.version = text(set.version)
            $0.revision = set.revision
            if let time = set.referenceTime {
                $0.reference_case = TWINLINE__V1__FEATURE_SET__REFERENCE_REFERENCE_TIME_US
                $0.reference_time_us = time.microsecondsSinceEpoch
            }
            ($0.n_names, $0.names) = texts(set.features, \.name)
            ($0.n_units, $0.units) = texts(units.words, \.self)
            ($0.n_unit_indexes, $0.unit_indexes) = unitIndexes.packed
            ($0.n_missing, $0.missing) = missing.whole
            ($0.n_values, $0.values) = (valueCount, values)
            ($0.n_flags, $0.flags) = flags.packed
            $0.sheet = sheet(set.sheet)
            if let cleaning = set.cleaning { $0.cleaning = report(cleaning) }
        }
    }
}

extension Reader {
    func modality(_ modality: Twinline__V1__Modality) throws(WireError) -> Modality {
        guard let known = UInt8(exactly: modality.rawValue).flatMap(Modality.init(rawValue:)) else {
            throw .invalid("an unknown modality")
        }
        return known
    }

    func features(_ set: Wire.FeatureSet) throws(WireError) -> FeatureSet {
        let hasTime = set.reference_case == TWINLINE__V1__FEATURE_SET__REFERENCE_REFERENCE_TIME_US
        return FeatureSet(
            modality: try modality(set.modality), version: text(set.version),
            revision: set.revision,
            referenceTime: hasTime ? try Rule.instant(set.reference_time_us) : nil,
            features: try featureColumns(set), sheet: try sheet(set.sheet),
            cleaning: try reportOrNone(set.cleaning))
    }

    private func featureColumns(_ set: Wire.FeatureSet) throws(WireError) -> [Feature] {
        let count = set.n_names
        let units = try words(set.units, set.n_units)
        let unitIndexes = try Column(
            set.unit_indexes, set.n_unit_indexes, for: count, "unit_indexes")
        let flags = try Column(set.flags, set.n_flags, for: count, "flags")
        var missing = UnsafeBufferPointer(start: set.missing, count: set.n_missing)[...]
        var values = UnsafeBufferPointer(start: set.values, count: set.n_values)[...]
        guard missing.count + values.count == count else {
            throw .invalid("names that are neither missing nor have a value")
        }
        var features: [Feature] = []
        features.reserveCapacity(count)
        for index in 0..<count {
            var feature = Feature(
                name: text(set.names[index]), value: nil,
                unit: try Reader.word(units, unitIndexes[index]),
                flags: QualityFlags(rawValue: flags[index]))
            if let last = features.last, last.name >= feature.name {
                throw .invalid("features that are not in ascending order of name")
            }
            if missing.first == UInt32(index) {
                missing.removeFirst()
            } else if let value = values.popFirst() {
                feature.value = try Rule.finite(value)
            } else {
                throw .invalid("missing features that are not in ascending order")
            }
            features.append(feature)
        }
        return features
    }
}
