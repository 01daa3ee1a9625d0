import TwinCore
import TwinWaveform

/// What a block of a twin's timeline holds, without its samples.
struct WaveformDocument: Encodable {
    let label: String?
    let samplesPerSecond: Double?
    let samples: Int?
    let bytes: Int

    init(_ block: WaveformBlock) {
        let header = try? WaveformArchive(bytes: block.bytes).header
        label = header?.label
        samplesPerSecond = header?.samplesPerSecond
        samples = header?.sampleCount
        bytes = block.bytes.count
    }
}
