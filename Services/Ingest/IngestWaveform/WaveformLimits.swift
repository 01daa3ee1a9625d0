/// How much one recording may hold; what would hold more is refused before room is made for it.
public struct WaveformLimits: Hashable, Sendable {
    public var headerBytesMax = 1 << 20
    public var waveformsMax = 512
    public var segmentsMax = 10_000
    /// Of all waveforms together, gaps included.
    public var samplesMax = 1 << 28
    public var notesMax = 1_000_000
    public var textBytesMax = 4096
    /// In samples a second, of any signal.
    public var rateMax = 1_000_000.0

    public init() {}
}
