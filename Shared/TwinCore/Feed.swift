/// Observations that arrive, are kept and are committed together.
public struct ObservationBatch: Hashable, Sendable {
    /// Of their weight: a waveform counts as its bytes do.
    public static let countMax = 65_536

    public var observations: [Observation]

    public init(_ observations: [Observation]) { self.observations = observations }
}

/// One record of an outbox on its way to the store.
public struct OutboxRecord: Hashable, Sendable {
    /// Its place in the outbox, 1 for the first ever; the store commits each once.
    public var offset: UInt64
    public var batch: ObservationBatch

    public init(offset: UInt64, batch: ObservationBatch) {
        self.offset = offset
        self.batch = batch
    }
}

/// What ingest asks the store to commit: consecutive records of its outbox.
public struct Commit: Hashable, Sendable {
    public var ingest: IngestID
    /// In ascending order of offset, without gaps.
    public var records: [OutboxRecord]

    public init(ingest: IngestID, records: [OutboxRecord]) {
        self.ingest = ingest
        self.records = records
    }
}

/// Everything up to and including `offset` of that outbox is committed, durably.
public struct Committed: Hashable, Sendable {
    public var ingest: IngestID
    public var offset: UInt64

    public init(ingest: IngestID, offset: UInt64) {
        self.ingest = ingest
        self.offset = offset
    }
}
