public import TwinCore
public import TwinJournal

/// What an outbox can fail with.
public enum OutboxError: Error, Hashable, Sendable {
    case journal(JournalError)
    /// A record can't be read although its checksum is right: it was written by something else.
    case undecodable(offset: UInt64, reason: String)
    /// The file that names the outbox is missing or damaged while records depend on it.
    case identityLost(String)
}

extension OutboxError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .journal(let error): "outbox: \(error)"
        case .undecodable(let offset, let reason): "outbox: record \(offset): \(reason)"
        case .identityLost(let reason): "outbox: its name is lost: \(reason)"
        }
    }
}

/// What ingest has acknowledged to its senders and the store has not yet committed.
///
/// It is a journal of batches with a name: (name, offset) is what makes a redelivery have no
/// effect at the store, so neither ever changes.
public final class Outbox: Sendable {
    public let ingest: IngestID
    private let journal: any Journal
    private let coding: ByteCoding<ObservationBatch>

    /// Stands on any journal; the journal is closed with it.
    public init(
        ingest: IngestID, journal: any Journal, coding: ByteCoding<ObservationBatch>
    ) {
        self.ingest = ingest
        self.journal = journal
        self.coding = coding
    }

    /// Opens the outbox in a directory, and makes it if there is none.
    ///
    /// `newIngest`, a name that no other outbox has, becomes its name only when it is new.
    public convenience init(
        directory: String, newIngest: IngestID, limits: JournalLimits = JournalLimits(),
        coding: ByteCoding<ObservationBatch>
    ) throws(OutboxError) {
        try self.init(
            directory: directory, newIngest: newIngest, limits: limits, coding: coding,
            disk: RealDisk())
    }

    package convenience init(
        directory: String, newIngest: IngestID, limits: JournalLimits,
        coding: ByteCoding<ObservationBatch>, disk: any Disk
    ) throws(OutboxError) {
        let journal: SegmentJournal
        do {
            journal = try SegmentJournal(directory: directory, limits: limits, disk: disk)
        } catch {
            throw .journal(error)
        }
        do {
            let identity = OutboxIdentity(disk: disk, directory: directory)
            let ingest = try identity.load(
                new: newIngest, isNew: journal.nextOffset == 1)
            self.init(ingest: ingest, journal: journal, coding: coding)
        } catch {
            journal.close()
            throw error
        }
    }

    /// Keeps a batch.
    ///
    /// Calls back once, on the journal's thread, with its offset once it is durable, or with the
    /// error; only then may its sender be told. ``JournalError/full`` means that the store is
    /// behind: the sender is to try again later.
    public func append(
        _ batch: ObservationBatch,
        then done: @escaping @Sendable (Result<UInt64, OutboxError>) -> Void
    ) {
        journal.append([coding.encode(batch)]) { answer in
            done(answer.map(\.lowerBound).mapError { .journal($0) })
        }
    }

    /// What the store has still to commit, from an offset on; empty only at the end.
    ///
    /// At most `byteCountMax` bytes, but always one record. What is trimmed is left out.
    public func pending(
        from offset: UInt64, byteCountMax: Int
    ) throws(OutboxError) -> [OutboxRecord] {
        let records: [JournalRecord]
        do {
            records = try journal.read(
                from: max(offset, journal.firstOffset), byteCountMax: byteCountMax)
        } catch JournalError.trimmed {
            // Somebody trimmed in between: what was asked for is committed.
            return try pending(from: journal.firstOffset, byteCountMax: byteCountMax)
        } catch {
            throw .journal(error)
        }
        var pending: [OutboxRecord] = []
        for record in records {
            do {
                pending.append(
                    OutboxRecord(
                        offset: record.offset, batch: try coding.decode(record.bytes)))
            } catch {
                throw .undecodable(offset: record.offset, reason: "\(error)")
            }
        }
        return pending
    }

    /// The store has everything up to and including `offset`, durably: it is let go.
    public func committed(through offset: UInt64) throws(OutboxError) {
        do {
            try journal.trim(through: offset)
        } catch {
            throw .journal(error)
        }
    }

    /// The oldest record that may not be committed yet.
    public var firstOffset: UInt64 { journal.firstOffset }
    /// The offset of the record to come.
    public var nextOffset: UInt64 { journal.nextOffset }
    public var heldByteCount: Int { journal.heldByteCount }

    public func close() { journal.close() }
}

/// The file that holds an outbox's name.
struct OutboxIdentity {
    private static let fileName = "ingest-id"
    private static let byteCountMax = 256

    let disk: any Disk
    let directory: String

    /// The name that is written down; where none is, and none could be missing, the new one.
    func load(new: IngestID, isNew: Bool) throws(OutboxError) -> IngestID {
        do {
            let stored = try disk.readFile(
                "\(directory)/\(OutboxIdentity.fileName)",
                byteCountMax: OutboxIdentity.byteCountMax + 16)
            if let stored {
                var reader = ByteReader(stored)
                let name = try reader.text()
                guard try reader.number() == CRC32C.checksum(Array(name.utf8)), reader.isAtEnd,
                    !name.isEmpty
                else { throw MalformedBytes("the checksum is wrong") }
                return name
            }
            guard isNew else {
                throw OutboxError.identityLost("\(OutboxIdentity.fileName) is missing")
            }
            precondition(
                (1...OutboxIdentity.byteCountMax).contains(new.utf8.count),
                "an outbox has a name")
            var writer = ByteWriter()
            writer.append(text: new)
            writer.append(CRC32C.checksum(Array(new.utf8)))
            try disk.replaceFile(
                in: directory, named: OutboxIdentity.fileName, with: writer.bytes)
            return new
        } catch let error as OutboxError {
            throw error
        } catch let error as DiskError {
            throw .journal(JournalError(error))
        } catch {
            throw .identityLost("\(OutboxIdentity.fileName): \(error)")
        }
    }
}
