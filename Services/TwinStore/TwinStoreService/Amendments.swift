import TwinCore
import TwinStoreCore

/// What of a twin was corrected or withdrawn, and which assessments rest on it.
struct Amendments {
    private struct Moment: Hashable {
        var code: Code
        var source: Source
        var eventTime: Instant

        init(_ observation: Observation) {
            code = observation.code
            source = observation.source
            eventTime = observation.eventTime
        }
    }

    /// A usable value that was there from one revision on, and counted until another.
    private struct Span {
        var from: Revision
        var until: Revision
    }

    private var byMoment: [Moment: [StoredObservation]] = [:]
    private var spans: [Span] = []

    /// From all observations of the twin up to a revision, which are given twice.
    init<Failure: Error>(
        _ forEach: ((StoredObservation) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        try forEach { one in
            guard one.observation.isAmendment else { return }
            byMoment[Moment(one.observation), default: []].append(one)
        }
        guard !byMoment.isEmpty else { return }
        try forEach { one in
            guard one.observation.isUsable, let until = amendedRevision(of: one),
                one.commitRevision < until
            else { return }
            spans.append(Span(from: one.commitRevision, until: until))
        }
    }

    /// The first revision that amends the observation.
    private func amendedRevision(of one: StoredObservation) -> Revision? {
        byMoment[Moment(one.observation)]?.lazy.filter {
            one.observation.isSuperseded(by: $0.observation)
        }.map(\.commitRevision).min()
    }

    /// The first revision that amends something that the twin had at this one.
    func amendedRevision(after revision: Revision) -> Revision? {
        spans.lazy.filter { $0.from <= revision && revision < $0.until }.map(\.until).min()
    }

    /// The observation, flagged if it counts for nothing any more.
    func marked(_ one: StoredObservation) -> StoredObservation {
        guard amendedRevision(of: one) != nil else { return one }
        var marked = one
        marked.observation.flags.insert(.superseded)
        return marked
    }

    /// The assessment, with the revision that took something from under it.
    func marked(_ stored: StoredAssessment) -> StoredAssessment {
        var marked = stored
        marked.amendedRevision = amendedRevision(after: stored.assessment.revision)
        return marked
    }

    /// The features, flagged if they rest on something that was amended since.
    func marked(_ set: FeatureSet) -> FeatureSet {
        guard amendedRevision(after: set.revision) != nil else { return set }
        var marked = set
        for index in marked.features.indices { marked.features[index].flags.insert(.superseded) }
        return marked
    }
}
