public import TwinCore

/// An input that was refused, as it came.
public struct QuarantinedInput: Hashable, Sendable {
    public var summary: QuarantineSummary
    public var bytes: [UInt8]

    public init(summary: QuarantineSummary, bytes: [UInt8]) {
        self.summary = summary
        self.bytes = bytes
    }
}

/// What is told of a refused input without its bytes.
public struct QuarantineSummary: Hashable, Sendable {
    /// Rises with every entry.
    public var id: UInt64
    public var refusal: Refusal
    public var receiveTime: Instant
    public var source: Source
    /// The input format that refused it: what a replay goes through.
    public var format: String
    public var byteCount: Int

    public init(
        id: UInt64, refusal: Refusal, receiveTime: Instant, source: Source, format: String,
        byteCount: Int
    ) {
        self.id = id
        self.refusal = refusal
        self.receiveTime = receiveTime
        self.source = source
        self.format = format
        self.byteCount = byteCount
    }
}

/// What a quarantine can fail with.
public enum QuarantineError: Error, Hashable, Sendable {
    /// A limit is reached: an operator has to remove something first.
    case full
    case tooLarge(byteCount: Int, byteCountMax: Int)
    case storageFailed(String)
    /// The entry's file is not as it was written.
    case corrupted(id: UInt64)
}

/// How much a quarantine may hold.
public struct QuarantineLimits: Hashable, Sendable {
    public var byteCountMax: Int
    public var entryCountMax: Int
    public var entryByteCountMax: Int

    public init(
        byteCountMax: Int = 1 << 30, entryCountMax: Int = 100_000,
        entryByteCountMax: Int = 64 << 20
    ) {
        self.byteCountMax = byteCountMax
        self.entryCountMax = entryCountMax
        self.entryByteCountMax = entryByteCountMax
    }

    /// Throws unless one more entry of this size is allowed.
    func check(_ byteCount: Int, heldByteCount: Int, entryCount: Int) throws(QuarantineError) {
        guard byteCount <= entryByteCountMax else {
            throw .tooLarge(byteCount: byteCount, byteCountMax: entryByteCountMax)
        }
        guard entryCount < entryCountMax, byteCount <= byteCountMax - heldByteCount else {
            throw .full
        }
    }
}

/// Refused inputs with their reasons, kept until an operator has dealt with them.
///
/// Nothing in it is ever dropped to make room. Calls wait for the disk.
public protocol Quarantine: AnyObject, Sendable {
    /// Keeps an input, durably once it returns, and answers its id.
    func add(
        _ bytes: [UInt8], refusal: Refusal, receiveTime: Instant, source: Source, format: String
    ) throws(QuarantineError) -> UInt64

    /// In ascending order of id, after `id`.
    func list(after id: UInt64, limit: Int) -> [QuarantineSummary]

    /// Nil if there is none of this id.
    func entry(_ id: UInt64) throws(QuarantineError) -> QuarantinedInput?

    /// Lets go of an entry; nothing happens if there is none of this id.
    func remove(_ id: UInt64) throws(QuarantineError)

    var entryCount: Int { get }
    /// Bytes of the inputs.
    var heldByteCount: Int { get }
}
