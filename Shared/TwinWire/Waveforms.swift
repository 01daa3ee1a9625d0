import TwinCore
import TwinWaveform

// Waveforms lie beside the message that names them, one after the other: in the first attachment
// where it travels, behind the message where it is stored.

/// The waveforms of a message in the making.
final class WaveformsDraft {
    private(set) var bytes: [UInt8] = []

    /// Adds one; says how long it is.
    func append(_ block: WaveformBlock) -> UInt32 {
        bytes += block.bytes
        return UInt32(clamping: block.bytes.count)
    }
}

/// The waveforms of a message that was received, each taken once and in order.
struct WaveformsReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next one, proved to its last sample.
    mutating func next(byteCount: UInt32) throws(WireError) -> WaveformBlock {
        guard Int(byteCount) <= bytes.count - position else {
            throw .invalid("a waveform beyond the end of the attachment")
        }
        let block = try Rule.waveform(Array(bytes[position..<position + Int(byteCount)]))
        position += Int(byteCount)
        return block
    }

    /// Throws if some were taken and others are left.
    func proveEnd() throws(WireError) {
        guard position == 0 || position == bytes.count else {
            throw .invalid("attached bytes that belong to no observation")
        }
    }
}

extension Rule {
    /// A block that can be read; every sample of it was.
    static func waveform(_ bytes: [UInt8]) throws(WireError) -> WaveformBlock {
        guard let block = WaveformBlock(bytes) else {
            throw .invalid("a waveform of no bytes, or more than \(WaveformBlock.byteCountMax)")
        }
        do {
            let archive = try WaveformArchive(bytes: bytes, samplesMax: waveformSampleCountMax)
            for index in 0..<archive.header.blockCount { _ = try archive.samples(ofBlock: index) }
        } catch { throw .invalid(error.detail) }
        return block
    }

    /// An hour at 500 samples a second, and some more.
    static let waveformSampleCountMax = 1 << 21
}

/// A message and the waveforms that it names, as one sequence of bytes.
///
/// Without waveforms it is the message alone. With them a zero comes first, which begins no
/// message, then how long the message is.
enum StoredForm {
    static func bytes(_ frames: (body: [UInt8], waveforms: [UInt8])) -> [UInt8] {
        if frames.waveforms.isEmpty { return frames.body }
        let count = UInt32(clamping: frames.body.count)
        return [0] + (0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } + frames.body
            + frames.waveforms
    }

    static func frames(
        _ bytes: [UInt8]
    ) throws(WireError) -> (body: [UInt8], waveforms: [UInt8]) {
        guard bytes.first == 0 else { return (bytes, []) }
        guard bytes.count >= 5 else { throw .malformed("a record that is cut off") }
        let count = (0..<4).reduce(0) { $0 | Int(bytes[1 + $1]) << ($1 * 8) }
        guard count <= bytes.count - 5 else { throw .malformed("a record that is cut off") }
        return (Array(bytes[5..<5 + count]), Array(bytes[(5 + count)...]))
    }
}
