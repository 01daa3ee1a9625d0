public import TwinCore

/// Which twins go on in others' places.
struct Merges: Sendable {
    var survivors: [TwinIndex: Survivor] = [:]
    /// The twins that another has directly taken in.
    private(set) var children: [TwinIndex: Set<TwinIndex>] = [:]
    /// The newest revision of a twin that took something away: what was made before is of no use.
    var partedRevisions: [TwinIndex: Revision] = [:]

    mutating func adopt(_ child: TwinIndex, by parent: TwinIndex) {
        children[parent, default: []].insert(child)
    }

    mutating func release(_ child: TwinIndex, by parent: TwinIndex) {
        children[parent]?.remove(child)
        if children[parent]?.isEmpty == true { children[parent] = nil }
    }
}

// Merged patients: what comes in for one is told to whoever goes on in his place.
extension TwinRoom {
    /// The slices that follow from those of a record: the notes on every twin that has taken in one
    /// of these.
    mutating func slicesOfMerges(_ slices: [TwinSlice]) -> [TwinSlice] {
        var added: [TwinSlice] = []
        for slice in slices {
            let twin = index(of: slice.twin)
            var survivor = merges.survivors[twin]
            let before = survivor
            for one in slice.observations { Survivor.note(one, in: &survivor) }
            guard let survivor else { continue }
            if survivor != before {
                let old = parent(of: twin)
                merges.survivors[twin] = survivor
                let new = parent(of: twin)
                if old != new, let old {
                    merges.release(twin, by: old)
                    tell(old, of: twin, through: nil, recorded: survivor.time, &added)
                }
                if let new { merges.adopt(twin, by: new) }
            }
            guard let parent = parent(of: twin) else { continue }
            let through = entries[Int(twin)].revision
            tell(parent, of: twin, through: through, recorded: survivor.time, &added)
        }
        return added
    }

    /// Notes on a twin what of the other is its own, and on those above what of it is theirs.
    ///
    /// Where merges make a circle, each is told once.
    private mutating func tell(
        _ twin: TwinIndex, of retired: TwinIndex, through: Revision?, recorded: Instant,
        _ added: inout [TwinSlice]
    ) {
        var (twin, retired, through) = (twin, retired, through)
        let isParting = through == nil
        var told: Set<TwinIndex> = [retired]
        while told.insert(twin).inserted {
            let reference = MergeReference(
                retired: entries[Int(retired)].id, through: through)
            let id = entries[Int(twin)].id
            let note = reference.observation(on: id, recorded: recorded, at: now)
            let revision = advance(twin, [note])
            added.append(TwinSlice(twin: id, revision: revision, observations: [note]))
            if isParting { merges.partedRevisions[twin] = revision }
            guard let next = parent(of: twin) else { return }
            (retired, through, twin) = (twin, revision, next)
        }
    }

    /// The twin that has taken this one in, if one has.
    private mutating func parent(of twin: TwinIndex) -> TwinIndex? {
        guard let survivor = merges.survivors[twin], survivor.twin != entries[Int(twin)].id else {
            return nil
        }
        return index(of: survivor.twin)
    }

    /// Goes on with what was known of merges.
    mutating func restoreMerges(_ twins: [TwinProgress]) {
        for progress in twins {
            guard let survivor = progress.survivor else { continue }
            let twin = index(of: progress.twin)
            merges.survivors[twin] = survivor
            if let parent = parent(of: twin) { merges.adopt(twin, by: parent) }
        }
    }

    /// The twins that this one has taken in, with those that they have, in no order.
    public func merged(into twin: TwinID) -> [TwinID] {
        guard let index = indices[twin], merges.children[index] != nil else { return [] }
        var found: Set<TwinIndex> = [index]
        var waiting = [index]
        while let next = waiting.popLast() {
            for child in merges.children[next] ?? [] where found.insert(child).inserted {
                waiting.append(child)
            }
        }
        found.remove(index)
        return found.map { entries[Int($0)].id }
    }
}
