/// What a journal can fail with.
public enum JournalError: Error, Hashable, Sendable {
    /// A limit of its own is reached; trim, or wait for what is queued, then append again.
    case full
    /// More than one append can ever hold.
    case tooLarge(byteCount: Int, byteCountMax: Int)
    /// The disk has no space; nothing of the append is kept, and a later one may succeed.
    case storageFull(String)
    /// The disk failed; the journal takes nothing more until it is opened anew.
    case failed(String)
    /// What was acknowledged can't be read back.
    case corrupted(JournalPlace)
    /// Another process, or another opener in this one, has it.
    case inUse(String)
    /// The append asked for a place that the journal does not have next.
    case outOfOrder(nextOffset: UInt64)
    /// The record was trimmed away.
    case trimmed(firstOffset: UInt64)
    case closed
}

extension JournalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full: "the journal is as long as it may be"
        case .tooLarge(let byteCount, let byteCountMax):
            "\(byteCount) bytes at once, and \(byteCountMax) are the limit"
        case .storageFull(let reason): "the disk is full: \(reason)"
        case .failed(let reason): "the disk failed: \(reason)"
        case .corrupted(let place): "corrupted: \(place)"
        case .inUse(let path): "\(path) is in use by another process: stop that one first"
        case .outOfOrder(let nextOffset):
            "the next record is \(nextOffset): one before it was refused"
        case .trimmed(let firstOffset): "the journal begins at record \(firstOffset)"
        case .closed: "the journal is closed"
        }
    }
}

/// Where in a journal something is wrong.
public struct JournalPlace: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var byte: Int
    /// The record that should be there.
    public var offset: UInt64

    public init(file: String, byte: Int, offset: UInt64) {
        self.file = file
        self.byte = byte
        self.offset = offset
    }

    public var description: String { "\(file) at byte \(byte), record \(offset)" }
}

/// One durable record with its place.
public struct JournalRecord: Hashable, Sendable {
    /// 1 for the first record ever, then one more each.
    public var offset: UInt64
    public var bytes: [UInt8]

    public init(offset: UInt64, bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }
}

/// Records in the order in which they were appended, durable before anybody is told.
///
/// Any thread may append, read and trim.
public protocol Journal: AnyObject, Sendable {
    /// Keeps all records or none; at least one.
    ///
    /// Calls back once, on the journal's thread, with their offsets once all are durable, or with
    /// the error. Callbacks come in the order of the appends. They must be short, and must not
    /// close the journal. After a crash, records whose append was not called back may be there.
    ///
    /// With `first`, they are kept at that offset or refused: whoever appends ahead of the answers
    /// needs it, lest what follows a refused append takes its place.
    func append(
        _ records: [[UInt8]], at first: UInt64?,
        then done: @escaping @Sendable (Result<ClosedRange<UInt64>, JournalError>) -> Void)

    /// Durable records from `offset` on; empty only at the end.
    ///
    /// At most `byteCountMax` bytes, but always one record, and perhaps fewer than there are.
    func read(from offset: UInt64, byteCountMax: Int) throws(JournalError) -> [JournalRecord]

    /// Lets go of everything up to and including `offset`.
    ///
    /// Not durable: after a crash or reopening some of it may be there again.
    func trim(through offset: UInt64) throws(JournalError)

    /// The oldest record that can be read; ``nextOffset`` if there is none.
    var firstOffset: UInt64 { get }
    /// The offset after the newest durable record.
    var nextOffset: UInt64 { get }
    /// How many bytes are held, with what surrounds the records.
    var heldByteCount: Int { get }

    /// Waits for what is queued, then lets go of the files.
    func close()
}

extension Journal {
    /// Keeps all records or none, at whatever offset comes next.
    public func append(
        _ records: [[UInt8]],
        then done: @escaping @Sendable (Result<ClosedRange<UInt64>, JournalError>) -> Void
    ) {
        append(records, at: nil, then: done)
    }
}
