import TwinCore

/// The queryable state of an in-memory engine: what its durable records add up to.
struct TwinTables: Sendable {
    var twins: [TwinID: TwinTable] = [:]
    var artifactBytes: [ArtifactID: [UInt8]] = [:]
    private var cursor: UInt64 = 0
    private var offsets: [IngestID: UInt64] = [:]
    private var artifacts: [ArtifactInfo] = []
    private var activations: [Activation] = []
    private var drifts: [ArtifactID: DriftTally] = [:]
    private var observationCount: UInt64 = 0
    private var assessmentCount: UInt64 = 0

    mutating func apply(_ record: StoreRecord) {
        cursor = record.cursor
        switch record.change {
        case .observations(let ingest, let offset, let slices):
            offsets[ingest] = offset
            for slice in slices {
                observationCount += UInt64(slice.observations.count)
                twins[slice.twin, default: TwinTable()].add(slice, at: record.commitTime)
            }
        case .features(let twin, let set):
            twins[twin, default: TwinTable()].features[set.modality] = set
        case .assessments(let twin, _, let assessments):
            assessmentCount += UInt64(assessments.count)
            twins[twin, default: TwinTable()].add(assessments, at: record.commitTime)
        case .shadows(let twin, _, let made):
            twins[twin, default: TwinTable()].addShadows(made, at: record.commitTime)
        case .artifact(let info): artifacts.append(info)
        case .activation(let activation): activations.append(activation)
        case .drift(let tally): drifts[tally.artifact] = tally
        }
    }

    var recovery: Recovery {
        Recovery(
            cursor: cursor, offsets: offsets,
            twins: twins.map { $0.value.progress($0.key) }.sorted { $0.twin < $1.twin },
            artifacts: artifacts, activations: activations,
            drifts: drifts.values.sorted { $0.artifact < $1.artifact },
            observationCount: observationCount, assessmentCount: assessmentCount)
    }
}

/// One twin of an in-memory engine.
struct TwinTable: Sendable {
    var revision: Revision = 0
    var features: [Modality: FeatureSet] = [:]
    private var lastEventTime: Instant?
    private var survivor: Survivor?
    private var latest = LatestValues()
    /// In ascending order of commit revision.
    private var observations: [StoredObservation] = []
    /// In ascending order of revision, then outcome; what came later of the same comes later.
    private var assessments: [StoredAssessment] = []
    private var shadows: [StoredAssessment] = []

    mutating func add(_ slice: TwinSlice, at commitTime: Instant) {
        revision = slice.revision
        for observation in slice.observations {
            let stored = StoredObservation(
                observation: observation, commitRevision: revision, commitTime: commitTime)
            observations.append(stored)
            latest.insert(stored)
            Survivor.note(observation, in: &survivor)
        }
        if latest.isBehind {
            latest = LatestValues.all { each in for one in observations { each(one) } }
        }
        guard let time = Timeline.lastEventTime(slice.observations) else { return }
        lastEventTime = max(lastEventTime ?? time, time)
    }

    mutating func add(_ made: [Assessment], at commitTime: Instant) {
        TwinTable.add(made, at: commitTime, to: &assessments)
    }

    mutating func addShadows(_ made: [Assessment], at commitTime: Instant) {
        TwinTable.add(made, at: commitTime, to: &shadows)
    }

    private static func add(
        _ made: [Assessment], at commitTime: Instant, to stored: inout [StoredAssessment]
    ) {
        for assessment in made {
            let key = (assessment.revision, assessment.outcome)
            let place = TwinTable.firstIndex(in: stored) {
                ($0.assessment.revision, $0.assessment.outcome) > key
            }
            stored.insert(
                StoredAssessment(assessment: assessment, commitTime: commitTime), at: place)
        }
    }

    var featureSets: [FeatureSet] {
        features.values.sorted { $0.modality.rawValue < $1.modality.rawValue }
    }

    func progress(_ id: TwinID) -> TwinProgress {
        var progress = TwinProgress(
            twin: id, revision: revision, lastEventTime: lastEventTime, survivor: survivor)
        for set in features.values {
            progress.features[set.modality] = FeatureProgress(
                revision: set.revision, version: set.version)
        }
        for stored in assessments {
            progress.assessments[stored.assessment.outcome] = AssessmentProgress(
                revision: stored.assessment.revision, artifact: stored.assessment.artifact)
        }
        for stored in shadows {
            progress.shadows[stored.assessment.outcome] = AssessmentProgress(
                revision: stored.assessment.revision, artifact: stored.assessment.artifact)
        }
        return progress
    }

    func state(_ id: TwinID, asOf past: Revision?) -> TwinState? {
        let through = past ?? .max
        guard revision > 0, through > 0 else { return nil }
        var newest: [String: StoredAssessment] = [:]
        for stored in assessments where stored.assessment.revision <= through {
            newest[stored.assessment.outcome] = stored
        }
        let values =
            past == nil
            ? latest
            : LatestValues.all { each in
                for one in observations where one.commitRevision <= through { each(one) }
            }
        return TwinState(
            id: id, revision: min(through, revision), latest: values.sorted,
            features: past == nil ? featureSets : [],
            assessments: newest.values.sorted { $0.assessment.outcome < $1.assessment.outcome },
            amendedRevision: values.amendedRevision)
    }

    func observations(
        after first: Revision, through last: Revision, limit: Int
    )
        -> [StoredObservation]
    {
        let start = TwinTable.firstIndex(in: observations) { $0.commitRevision > first }
        var room = limit
        return Array(
            observations[start...].prefix {
                guard room > 0, $0.commitRevision <= last else { return false }
                room -= $0.observation.value.weight
                return true
            })
    }

    func assessments(after first: Revision, limit: Int) -> [StoredAssessment] {
        let start = TwinTable.firstIndex(in: assessments) { $0.assessment.revision > first }
        return Array(assessments[start...].prefix(max(0, limit)))
    }

    func shadows(after first: Revision, limit: Int) -> [StoredAssessment] {
        let start = TwinTable.firstIndex(in: shadows) { $0.assessment.revision > first }
        return Array(shadows[start...].prefix(max(0, limit)))
    }

    /// The first index whose element fulfils `predicate`, as all after it do.
    private static func firstIndex<Element>(
        in elements: [Element], where predicate: (Element) -> Bool
    ) -> Int {
        var (low, high) = (0, elements.count)
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(elements[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
