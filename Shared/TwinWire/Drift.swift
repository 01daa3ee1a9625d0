import CTwinWire
import TwinCore

extension Draft {
    func reference(_ value: DriftReference) -> Place<Wire.DriftReference> {
        make(twinline__v1__drift_reference__init) {
            ($0.n_features, $0.features) = list(value.features) { feature in
                make(twinline__v1__feature_reference__init) {
                    $0.name = text(feature.name)
                    $0.modality.rawValue = UInt32(feature.modality?.rawValue ?? 0)
                    $0.bins = bins(feature.bins)
                }
            }
            $0.scores = value.scores.map { bins($0) }
        }
    }

    private func bins(_ value: ReferenceBins) -> Place<Wire.ReferenceBins> {
        make(twinline__v1__reference_bins__init) {
            ($0.n_edges, $0.edges) = numbers(value.edges)
            ($0.n_counts, $0.counts) = numbers(value.counts)
            $0.missing_count = value.missingCount
        }
    }

    private func numbers<Number>(_ values: [Number]) -> (Int, Place<Number>) {
        let place = memory(values.count, of: Number.self)
        for index in values.indices { place[index] = values[index] }
        return (values.count, place)
    }

    func tally(_ value: DriftTally) -> Place<Wire.DriftTally> {
        make(twinline__v1__drift_tally__init) {
            $0.artifact = text(value.artifact.hex)
            ($0.n_features, $0.features) = list(value.features) { recent($0) }
            $0.scores = value.scores.map { recent($0) }
        }
    }

    private func recent(_ value: RecentBins) -> Place<Wire.RecentBins> {
        make(twinline__v1__recent_bins__init) {
            ($0.n_counts, $0.counts) = numbers(value.counts)
            $0.missing_count = value.missingCount
        }
    }

    func drift(_ report: DriftReport) -> Place<Wire.DriftReport> {
        make(twinline__v1__drift_report__init) {
            $0.outcome = text(report.outcome)
            $0.artifact = text(report.artifact.hex)
            ($0.n_features, $0.features) = list(report.features) { figures($0) }
            $0.scores = report.scores.map { figures($0) }
        }
    }

    private func figures(_ value: DriftFigures) -> Place<Wire.DriftFigures> {
        make(twinline__v1__drift_figures__init) {
            $0.name = text(value.name)
            $0.row_count = value.rowCount
            if let index = value.stabilityIndex {
                $0.index_case = TWINLINE__V1__DRIFT_FIGURES__INDEX_STABILITY_INDEX
                $0.stability_index = index
            }
            if let distance = value.distance {
                $0.kolmogorov_smirnov_case =
                    TWINLINE__V1__DRIFT_FIGURES__KOLMOGOROV_SMIRNOV_DISTANCE
                $0.distance = distance
            }
            if let share = value.missingThen {
                $0.then_case = TWINLINE__V1__DRIFT_FIGURES__THEN_MISSING_THEN
                $0.missing_then = share
            }
            if let share = value.missingNow {
                $0.now_case = TWINLINE__V1__DRIFT_FIGURES__NOW_MISSING_NOW
                $0.missing_now = share
            }
        }
    }
}

extension Reader {
    func referenceOrNone(
        _ place: Place<Wire.DriftReference>?
    ) throws(WireError) -> DriftReference? {
        guard let message = place?.pointee else { return nil }
        let reference = DriftReference(
            features: try list(message.features, message.n_features, feature),
            scores: message.scores == nil ? nil : try one(message.scores, "no bins", bins))
        guard reference.isSound else { throw .invalid("a reference of another form") }
        return reference
    }

    private func feature(
        _ message: Wire.FeatureReference
    ) throws(WireError) -> DriftReference.Feature {
        DriftReference.Feature(
            name: try Rule.word(text(message.name)),
            modality: message.modality.rawValue == 0 ? nil : try modality(message.modality),
            bins: try one(message.bins, "a reference without bins", bins))
    }

    private func bins(_ message: Wire.ReferenceBins) throws(WireError) -> ReferenceBins {
        ReferenceBins(
            edges: Array(UnsafeBufferPointer(start: message.edges, count: message.n_edges)),
            counts: Array(UnsafeBufferPointer(start: message.counts, count: message.n_counts)),
            missingCount: message.missing_count)
    }

    func tally(_ message: Wire.DriftTally) throws(WireError) -> DriftTally {
        let tally = DriftTally(
            artifact: try Rule.artifact(text(message.artifact)),
            features: try list(message.features, message.n_features, recent),
            scores: message.scores == nil ? nil : try one(message.scores, "no bins", recent))
        guard tally.isSound else { throw .invalid("a tally of another form") }
        return tally
    }

    private func recent(_ message: Wire.RecentBins) throws(WireError) -> RecentBins {
        RecentBins(
            counts: Array(UnsafeBufferPointer(start: message.counts, count: message.n_counts)),
            missingCount: message.missing_count)
    }

    func drift(_ message: Wire.DriftReport) throws(WireError) -> DriftReport {
        DriftReport(
            outcome: text(message.outcome), artifact: try Rule.artifact(text(message.artifact)),
            features: try list(message.features, message.n_features, figures),
            scores: message.scores == nil ? nil : try one(message.scores, "no figures", figures))
    }

    private func figures(_ message: Wire.DriftFigures) throws(WireError) -> DriftFigures {
        let hasIndex = message.index_case == TWINLINE__V1__DRIFT_FIGURES__INDEX_STABILITY_INDEX
        let hasDistance =
            message.kolmogorov_smirnov_case
            == TWINLINE__V1__DRIFT_FIGURES__KOLMOGOROV_SMIRNOV_DISTANCE
        let hasThen = message.then_case == TWINLINE__V1__DRIFT_FIGURES__THEN_MISSING_THEN
        let hasNow = message.now_case == TWINLINE__V1__DRIFT_FIGURES__NOW_MISSING_NOW
        return DriftFigures(
            name: text(message.name), rowCount: message.row_count,
            stabilityIndex: hasIndex ? try Rule.size(message.stability_index) : nil,
            distance: hasDistance ? try Rule.share(message.distance) : nil,
            missingThen: hasThen ? try Rule.share(message.missing_then) : nil,
            missingNow: hasNow ? try Rule.share(message.missing_now) : nil)
    }
}
