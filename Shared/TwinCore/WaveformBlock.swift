/// A stretch of one signal, packed without loss: bytes that `TwinWaveform` reads and writes.
///
/// They say the rate, the scale and the unit of the samples, and which of them are missing; when
/// the first was measured is the observation's event time.
public struct WaveformBlock: Hashable, Sendable {
    /// What travels in one piece, and is lost in one piece.
    public static let byteCountMax = 1 << 20

    public let bytes: [UInt8]

    /// Nil unless there is something, and not more than ``byteCountMax``.
    public init?(_ bytes: [UInt8]) {
        guard (1...WaveformBlock.byteCountMax).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }
}

extension ObservedValue {
    /// How much it counts against limits of observations: a waveform as its bytes do.
    public var weight: Int {
        guard case .waveform(let block) = self else { return 1 }
        return 1 + block.bytes.count / 64
    }
}

extension Collection<Observation> where Index == Int {
    /// How much they count against limits of observations, together.
    public var weight: Int {
        var sum = 0
        for index in indices { sum += self[index].value.weight }
        return sum
    }
}

extension Sequence<StoredObservation> {
    /// How much they count against limits of observations, together.
    public var weight: Int { reduce(0) { $0 + $1.observation.value.weight } }
}
