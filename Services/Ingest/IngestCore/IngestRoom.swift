public import TwinCleaning
public import TwinCore

/// A piece of work that the room waits for: an append, or an entry in quarantine.
public typealias IngestToken = UInt64

/// What goes back to a sender, in its own protocol.
public enum Reply: Hashable, Sendable {
    case bytes([UInt8])
    // For the native door, which writes its own messages.
    case accepted(correlation: UInt64, count: Int)
    case refused(correlation: UInt64, Refusal)
}

/// How much came in, and what became of it.
public struct IngestCounts: Hashable, Sendable {
    public var messages: UInt64 = 0
    public var observations: UInt64 = 0
    /// Observations with a flag that keeps them out of scores.
    public var flaggedObservations: UInt64 = 0
    public var acknowledged: UInt64 = 0
    public var refused: UInt64 = 0
    public var quarantined: UInt64 = 0
    public var duplicates: UInt64 = 0
    /// Message ids that came again with other content.
    public var idsReused: UInt64 = 0
    public var overloads: UInt64 = 0

    public init() {}
}

/// Turns what senders send into clean batches, and acknowledges what is durable.
///
/// Pure: time and identity arrive. It holds everything between an input's arrival and its reply,
/// within a limit of bytes.
public struct IngestRoom: Sendable {
    public struct Settings: Sendable {
        /// What is configured for each listener, by ``Peer/channel``.
        public var channels: [Channel]
        /// Inputs that wait for their append take up to this many bytes; more is refused.
        public var pendingByteCountMax: Int
        /// How many messages are remembered to find duplicates, and for how long.
        public var rememberedCountMax: Int
        public var rememberedSeconds: Int64
        /// Whether an id that comes again with other content is refused, not only counted.
        ///
        /// Devices that count from 1 after a restart reuse ids; refusing loses their values.
        public var refusesReusedIDs: Bool
        public var localCodes: [LocalCode]
        /// What is flagged of one value alone, and why.
        public var rules: CleaningRules

        public init(
            channels: [Channel] = [Channel()], pendingByteCountMax: Int = 64 << 20,
            rememberedCountMax: Int = 100_000, rememberedSeconds: Int64 = 24 * 3600,
            refusesReusedIDs: Bool = false, localCodes: [LocalCode] = [],
            rules: CleaningRules = .standard
        ) {
            self.channels = channels
            self.pendingByteCountMax = pendingByteCountMax
            self.rememberedCountMax = rememberedCountMax
            self.rememberedSeconds = rememberedSeconds
            self.refusesReusedIDs = refusesReusedIDs
            self.localCodes = localCodes
            self.rules = rules
        }
    }

    public enum Arrival: Sendable {
        case input(Format, bytes: [UInt8], from: Peer, receivedAt: Instant)
        /// A batch of the native door; `byteCount` is what it took on the wire.
        case observations(
            ObservationBatch, byteCount: Int, from: Peer, correlation: UInt64, receivedAt: Instant)
        /// Bytes that the door could not make an input of: too large, cut off, undecodable.
        ///
        /// Without a correlation nobody waits for a reply; byte formats take any.
        case unreadable(
            Format, bytes: [UInt8], Refusal, from: Peer, correlation: UInt64?, receivedAt: Instant)
        /// The batch of this token is on disk.
        case appended(IngestToken)
        /// The batch of this token is not on disk, and never will be.
        case appendFailed(IngestToken, detail: String)
        /// The entry of this token is on disk, or could not be put there.
        case quarantined(IngestToken, isKept: Bool)
        /// An operator has changed what is bound to whom.
        case bindings(BindingList)
        case tick(at: Instant)
    }

    public enum Departure: Hashable, Sendable {
        case append(ObservationBatch, IngestToken)
        case quarantine(QuarantineEntry, IngestToken)
        case acknowledge(Peer, Reply)
        case refuse(Peer, Reply)
    }

    #if DEBUG
    /// A mistake put in on purpose, to prove that the tests would find it.
    package enum PlantedBug: String, Sendable {
        case acknowledgesEarly
        case forgetsDuplicates
        case refusesBeforeQuarantine
    }
    package var plantedBug: PlantedBug?
    #endif

    public let settings: Settings
    public internal(set) var counts = IngestCounts()
    let adapters: [Format: any Adapter]
    let cleaner: Cleaner
    var recent: RecentMessages
    var merges = RecentMerges()
    var bindings = BindingList()
    var slots = SlotBook()
    var now = Instant(microsecondsSinceEpoch: 0)

    public init(adapters: [any Adapter], settings: Settings = Settings()) {
        self.settings = settings
        self.adapters = Dictionary(adapters.map { ($0.format, $0) }) { first, _ in first }
        cleaner = Cleaner(localCodes: settings.localCodes, rules: settings.rules)
        recent = RecentMessages(countMax: settings.rememberedCountMax)
    }

    /// Bytes of inputs that have no reply yet.
    public var pendingByteCount: Int { slots.byteCount }

    /// Takes in one arrival, and says everything that must happen because of it, in order.
    public mutating func receive(_ arrival: Arrival) -> [Departure] {
        switch arrival {
        case .input(let format, let bytes, let peer, let receivedAt):
            now = max(now, receivedAt)
            return takeInput(format, bytes, peer, receivedAt)
        case .observations(let batch, let byteCount, let peer, let correlation, let receivedAt):
            now = max(now, receivedAt)
            return takeBatch(batch, byteCount, peer, correlation, receivedAt)
        case .unreadable(
            let format, let bytes, let refusal, let peer, let correlation, let receivedAt):
            now = max(now, receivedAt)
            return takeUnreadable(format, bytes, refusal, peer, correlation, receivedAt)
        case .appended(let token):
            return resolve(token, failure: nil)
        case .appendFailed(let token, let detail):
            return resolve(token, failure: Refusal(.storageFailed, detail, retryAfterMs: 1000))
        case .quarantined(let token, let isKept):
            return resolve(
                token, failure: isKept ? nil : Refusal(.storageFailed, "quarantine failed"))
        case .bindings(let list):
            bindings = list
            return []
        case .tick(let instant):
            now = max(now, instant)
            recent.forget(before: instant.adding(seconds: -settings.rememberedSeconds))
            return []
        }
    }

    func channel(of peer: Peer) -> Channel {
        let index = Int(peer.channel)
        return index < settings.channels.count ? settings.channels[index] : Channel()
    }
}
