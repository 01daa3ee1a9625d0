/// A source that sends values of one patient regularly, as the store has heard it.
public struct DeviceLink: Hashable, Sendable {
    public var source: Source
    /// When its newest value was received.
    public var lastReceived: Instant
    /// The longest of its last gaps.
    public var gapSeconds: Double
    /// After so long without a value it is silent.
    public var silentAfterSeconds: Double
    /// Whether it is: a technical alarm, until it is heard again.
    public var isSilent: Bool

    public init(
        source: Source, lastReceived: Instant, gapSeconds: Double, silentAfterSeconds: Double,
        isSilent: Bool
    ) {
        self.source = source
        self.lastReceived = lastReceived
        self.gapSeconds = gapSeconds
        self.silentAfterSeconds = silentAfterSeconds
        self.isSilent = isSilent
    }
}

/// A silent link and its patient.
public struct SilentLink: Hashable, Sendable {
    public var twin: TwinID
    public var link: DeviceLink

    public init(twin: TwinID, link: DeviceLink) {
        self.twin = twin
        self.link = link
    }
}
