import TwinCore

// Inputs become revisions.
extension TwinRoom {
    mutating func take(_ commit: Commit, from peer: Peer, _ request: Request) {
        if let refusal = refusal(of: commit) {
            out.append(.refuse(peer, request, refusal))
            return
        }
        let known = ledger.places[commit.ingest]?.offset ?? 0
        for record in commit.records where isNew(record, known) {
            append(record, of: commit.ingest)
        }
        let place = ledger.places[commit.ingest] ?? Ledger.Place(offset: 0, cursor: 0)
        peers[peer]?.completedCount += 1
        answer(
            .committed(peer, request, Committed(ingest: commit.ingest, offset: place.offset)),
            to: peer, request, after: place.cursor)
    }

    private func isNew(_ record: OutboxRecord, _ known: UInt64) -> Bool {
        #if DEBUG
        if planted == .noDeduplication { return true }
        #endif
        return record.offset > known
    }

    /// Why a commit is not taken; nil where it is.
    ///
    /// It is taken or refused whole.
    private func refusal(of commit: Commit) -> Refusal? {
        if let failure = ledger.failure { return Refusal(.storageFailed, failure) }
        guard !commit.ingest.isEmpty, commit.ingest.utf8.count <= TwinID.byteCountMax else {
            return Refusal(.malformed, "the ingest's name has 1 to \(TwinID.byteCountMax) bytes")
        }
        guard commit.records.count <= settings.recordCountMaxPerCommit else {
            return Refusal(.tooLarge, "\(settings.recordCountMaxPerCommit) records a commit")
        }
        var count = 0
        for (index, record) in commit.records.enumerated() {
            guard record.offset == (commit.records[0].offset &+ UInt64(index)), record.offset > 0
            else { return Refusal(.malformed, "offsets count up from 1, one by one") }
            let size = record.batch.observations.weight
            guard size <= ObservationBatch.countMax else {
                return Refusal(.tooLarge, "\(ObservationBatch.countMax) observations a record")
            }
            count += size
        }
        if let overload = overload(by: count, commit.ingest) { return overload }
        let expected = (ledger.places[commit.ingest]?.offset ?? 0) &+ 1
        if let first = commit.records.first, first.offset > expected {
            return Refusal(.conflict, "offset \(expected) comes next, not \(first.offset)")
        }
        return nil
    }

    private func overload(by observationCount: Int, _ ingest: IngestID) -> Refusal? {
        guard observationCount <= settings.pendingObservationCountMax else {
            return Refusal(
                .tooLarge, "\(settings.pendingObservationCountMax) observations a commit")
        }
        if ledger.places[ingest] == nil, ledger.places.count >= settings.ingestCountMax {
            return Refusal(.overloaded, "\(settings.ingestCountMax) outboxes are known")
        }
        if entries.count >= settings.twinCountMax {
            return Refusal(.overloaded, "\(settings.twinCountMax) twins are kept")
        }
        guard
            ledger.pendingObservationCount + observationCount
                <= settings.pendingObservationCountMax,
            ledger.pendingAnswerCount < settings.pendingAnswerCountMax
        else { return Refusal(.overloaded, "the disk is behind", retryAfterMs: 100) }
        return nil
    }

    private mutating func append(_ record: OutboxRecord, of ingest: IngestID) {
        var slices: [TwinSlice] = []
        for (twin, observations) in TwinRoom.byTwin(record.batch.observations) {
            let index = index(of: twin)
            let revision = advance(index, observations)
            hear(observations, of: index)
            slices.append(TwinSlice(twin: twin, revision: revision, observations: observations))
        }
        slices += slicesOfMerges(slices)
        let cursor = ledger.append(
            .observations(ingest: ingest, offset: record.offset, slices: slices), at: now)
        ledger.places[ingest] = Ledger.Place(offset: record.offset, cursor: cursor)
        for slice in slices {
            watchDesk.append(
                Change(
                    cursor: cursor, twin: slice.twin, kind: .observations,
                    revision: slice.revision))
        }
    }

    /// The twin has new data: its next revision.
    mutating func advance(_ index: TwinIndex, _ observations: [Observation]) -> Revision {
        let place = Int(index)
        entries[place].revision += 1
        if let time = Timeline.lastEventTime(observations) {
            entries[place].lastEventTime = max(entries[place].lastEventTime ?? time, time)
        }
        for modality in settings.modalities {
            // What failed may go well with the new data: one more try.
            pardon(place, modality.index)
            markDue(index, modality.index)
        }
        return entries[place].revision
    }

    /// The observations of each twin, twins in the order of their first observation.
    private static func byTwin(_ observations: [Observation]) -> [(TwinID, [Observation])] {
        guard let first = observations.first?.twin else { return [] }
        if observations.allSatisfy({ $0.twin == first }) { return [(first, observations)] }
        var groups: [(TwinID, [Observation])] = []
        var places: [TwinID: Int] = [:]
        var place = -1
        for observation in observations {
            // Batches come in runs of one twin.
            if place < 0 || groups[place].0 != observation.twin {
                if let known = places[observation.twin] {
                    place = known
                } else {
                    place = groups.count
                    places[observation.twin] = place
                    groups.append((observation.twin, []))
                }
            }
            groups[place].1.append(observation)
        }
        return groups
    }
}
