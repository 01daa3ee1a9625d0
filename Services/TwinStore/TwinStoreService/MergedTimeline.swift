import TwinCore
import TwinStoreCore

/// A twin's observations with those of the twins that it has taken in.
///
/// What it took in has the revision that its own note of it has, and a source that says whose it
/// was. Once a merge is undone, nothing of it is seen, at that revision and later.
struct MergedTimeline<Failure: Error> {
    /// Every observation of a twin itself, up to a revision, in order.
    let own: (TwinID, Revision) throws(Failure) -> [StoredObservation]

    /// Whether a twin's latest values show that it has taken in another, once at least.
    static func isNeeded(for latest: [StoredObservation]) -> Bool {
        latest.contains { $0.observation.code.system == MergeReference.system }
    }

    /// Those up to a revision, as they were seen then.
    func observations(
        of twin: TwinID, through last: Revision
    ) throws(Failure) -> [StoredObservation] {
        try observations(of: twin, through: last, within: [])
    }

    private func observations(
        of twin: TwinID, through last: Revision, within outer: Set<TwinID>
    ) throws(Failure) -> [StoredObservation] {
        let own = try own(twin, last)
        let views = MergedTimeline.views(own)
        var taken: [TwinID: ArraySlice<StoredObservation>] = [:]
        for (retired, view) in views where retired != twin && !outer.contains(retired) {
            taken[retired] =
                try observations(
                    of: retired, through: view.through, within: outer.union([twin]))[...]
        }
        if taken.isEmpty { return own }
        var all: [StoredObservation] = []
        for one in own {
            all.append(one)
            guard let reference = MergeReference(one.observation),
                let through = reference.through, let view = views[reference.retired],
                one.commitRevision >= view.since
            else { continue }
            while let next = taken[reference.retired]?.first, next.commitRevision <= through {
                taken[reference.retired]?.removeFirst()
                all.append(MergedTimeline.adopted(next, from: reference.retired, by: one))
            }
        }
        return all
    }

    /// Of each twin that is taken in at the end: since when, and through which of its revisions.
    private static func views(
        _ own: [StoredObservation]
    ) -> [TwinID: (since: Revision, through: Revision)] {
        var views: [TwinID: (since: Revision, through: Revision)] = [:]
        for one in own {
            guard let reference = MergeReference(one.observation) else { continue }
            guard let through = reference.through else {
                views[reference.retired] = nil
                continue
            }
            let known = views[reference.retired]
            views[reference.retired] = (
                known?.since ?? one.commitRevision, max(known?.through ?? 0, through)
            )
        }
        return views
    }

    private static func adopted(
        _ stored: StoredObservation, from retired: TwinID, by note: StoredObservation
    ) -> StoredObservation {
        var adopted = stored
        adopted.observation.twin = note.observation.twin
        if MergeReference(stored.observation) == nil {
            adopted.observation.source += " of \(retired)"
        }
        adopted.commitRevision = note.commitRevision
        adopted.commitTime = note.commitTime
        return adopted
    }
}
