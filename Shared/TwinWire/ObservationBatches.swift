import CTwinWire
import TwinCore

// Observations in either form, alone and as the store keeps them.

extension Draft {
    /// Below this many, rows are shorter and faster than columns.
    static let columnsCountMin = 4

    func batch(_ observations: [Observation]) -> Place<Wire.ObservationBatch> {
        make(twinline__v1__observation_batch__init) {
            if observations.count < Draft.columnsCountMin {
                ($0.n_rows, $0.rows) = list(observations) { row($0) }
            } else {
                $0.columns = columns(observations)
            }
        }
    }

    func stored(_ observations: [StoredObservation]) -> Place<Wire.StoredObservations> {
        var revisions = DeltaDraft(capacity: observations.count, in: self)
        var times = DeltaDraft(capacity: observations.count, in: self)
        for observation in observations {
            revisions.append(Int64(bitPattern: observation.commitRevision))
            times.append(observation.commitTime.microsecondsSinceEpoch)
        }
        return make(twinline__v1__stored_observations__init) {
            $0.observations = batch(observations.map(\.observation))
            ($0.n_commit_revision_deltas, $0.commit_revision_deltas) = revisions.whole
            ($0.n_commit_time_deltas_us, $0.commit_time_deltas_us) = times.whole
        }
    }
}

extension Reader {
    /// As many observations as the message may hold.
    func observations(
        _ batch: Wire.ObservationBatch
    ) throws(WireError) -> [Observation] {
        var observations: [Observation] = []
        if let columns = batch.columns {
            try self.columns(columns.pointee, into: &observations)
        }
        try take(observations: batch.n_rows)
        observations += try list(batch.rows, batch.n_rows, row)
        return observations
    }

    /// As many observations as a batch may hold.
    func batch(_ batch: Wire.ObservationBatch) throws(WireError) -> ObservationBatch {
        let columnsCount = batch.columns?.pointee.n_event_time_deltas_us ?? 0
        guard columnsCount <= ObservationBatch.countMax,
            batch.n_rows <= ObservationBatch.countMax - columnsCount
        else { throw .tooLarge("more than \(ObservationBatch.countMax) observations in a batch") }
        return ObservationBatch(try observations(batch))
    }

    func stored(
        _ stored: Wire.StoredObservations
    ) throws(WireError) -> [StoredObservation] {
        guard let batch = stored.observations else {
            guard stored.n_commit_revision_deltas == 0, stored.n_commit_time_deltas_us == 0 else {
                throw .invalid("revisions and times of no observations")
            }
            return []
        }
        let observations = try observations(batch.pointee)
        guard stored.n_commit_revision_deltas == observations.count,
            stored.n_commit_time_deltas_us == observations.count
        else { throw .invalid("more or fewer revisions or times than observations") }
        var revisions = DeltaColumn(stored.commit_revision_deltas, observations.count)
        var times = DeltaColumn(stored.commit_time_deltas_us, observations.count)
        var result: [StoredObservation] = []
        result.reserveCapacity(observations.count)
        for observation in observations {
            result.append(
                StoredObservation(
                    observation: observation,
                    commitRevision: Revision(bitPattern: revisions.next()),
                    commitTime: try Rule.instant(times.next())))
        }
        return result
    }
}
