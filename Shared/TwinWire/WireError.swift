public import TwinCore

/// Why bytes are not the value that they should be.
public enum WireError: Error, Hashable, Sendable {
    /// The bytes are no message of the schema.
    case malformed(String)
    /// Reading on would cost more than the limits allow.
    case tooLarge(String)
    /// The message is well formed, but breaks a rule of its values.
    case invalid(String)
    /// The peer speaks a later major version of the wire, and this side can't read it.
    case wrongVersion(String)

    /// What to tell the sender.
    public var refusal: Refusal {
        switch self {
        case .malformed(let detail): Refusal(.malformed, detail)
        case .tooLarge(let detail): Refusal(.tooLarge, detail)
        case .invalid(let detail): Refusal(.malformed, detail)
        case .wrongVersion(let detail): Refusal(.wrongVersion, detail)
        }
    }
}

/// How much one message may cost before it is a value.
public struct WireLimits: Hashable, Sendable {
    public var byteCountMax: Int
    /// Fields of the message and of all messages within it, known and unknown.
    public var fieldCountMax: Int
    /// The message itself is depth 1.
    public var depthMax: Int
    /// Memory that unpacking may take; a small message may take less, see `arenaByteCountMax(for:)`.
    public var arenaByteCountMax: Int
    /// Observations in all batches of one message together.
    public var observationCountMax: Int

    public init(
        byteCountMax: Int = 16 << 20, fieldCountMax: Int = 262_144, depthMax: Int = 16,
        arenaByteCountMax: Int = 64 << 20, observationCountMax: Int = 262_144
    ) {
        self.byteCountMax = byteCountMax
        self.fieldCountMax = fieldCountMax
        self.depthMax = depthMax
        self.arenaByteCountMax = arenaByteCountMax
        self.observationCountMax = observationCountMax
    }

    public static let standard = WireLimits()

    /// Memory that unpacking a message of so many bytes may take.
    ///
    /// Honest messages need up to 15 times their size, a flood of empty ones 75 times.
    func arenaByteCountMax(for byteCount: Int) -> Int {
        min(arenaByteCountMax, 65_536 + 32 * min(byteCount, byteCountMax))
    }
}
