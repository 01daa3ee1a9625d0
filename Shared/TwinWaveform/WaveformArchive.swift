public import TwinCore

/// A waveform as losslessly compressed bytes: checksummed, and read from any block on.
///
/// Little-endian: a header (magic, version, counts, rate, scale, start, label, unit), an index
/// (the end and the CRC-32C of each block), the header's own CRC-32C, and the blocks. A block
/// holds the runs of missing samples and the packed differences of the others.
public struct WaveformArchive: Hashable, Sendable {
    public static let version: UInt8 = 1
    /// Samples a block: how far apart two places are from which reading can begin.
    public static let blockLength = 4096
    static let blockLengthMax = 1 << 20
    static let magic: [UInt8] = Array("TWVB".utf8)

    /// What the bytes say, but for the samples.
    public struct Header: Hashable, Sendable {
        public var label: String
        public var unit: String
        public var samplesPerSecond: Double
        public var scale: WaveformScale
        public var startedAt: Instant?
        public var flags: QualityFlags
        public var sampleCount: Int
        public var blockLength: Int

        public var blockCount: Int { (sampleCount + blockLength - 1) / blockLength }
    }

    struct Place: Hashable, Sendable {
        var range: Range<Int>
        var checksum: UInt32
    }

    public let header: Header
    public let bytes: [UInt8]
    let places: [Place]

    /// Packs a waveform.
    ///
    /// Its label and unit have at most 65,535 bytes of UTF-8 each; readers allow far less.
    public init(_ waveform: Waveform, startedAt: Instant?, blockLength: Int = blockLength) {
        precondition((1...WaveformArchive.blockLengthMax).contains(blockLength))
        let samples = waveform.samples
        header = Header(
            label: waveform.label, unit: waveform.unit,
            samplesPerSecond: waveform.samplesPerSecond, scale: waveform.scale,
            startedAt: startedAt, flags: waveform.flags, sampleCount: samples.count,
            blockLength: blockLength)
        let blocks = stride(from: 0, to: samples.count, by: blockLength).map { start in
            ArchiveBlock.bytes(samples[start..<min(start + blockLength, samples.count)])
        }
        (bytes, places) = WaveformArchive.encode(header, blocks: blocks)
    }

    /// Reads and proves the header and the index; blocks are proved as they are read.
    public init(bytes: [UInt8], samplesMax: Int = 1 << 28) throws(Refusal) {
        var reader = WaveformByteReader(bytes[...])
        (header, places) = try WaveformArchive.decode(&reader, samplesMax: samplesMax)
        self.bytes = bytes
    }

    /// The samples of one block.
    public func samples(ofBlock block: Int) throws(Refusal) -> [Int32] {
        let start = block * header.blockLength
        return try samples(in: start..<min(start + header.blockLength, header.sampleCount))
    }

    /// The samples of a range, for which only the blocks that it touches are read.
    public func samples(in range: Range<Int>) throws(Refusal) -> [Int32] {
        precondition(range.lowerBound >= 0 && range.upperBound <= header.sampleCount)
        guard !range.isEmpty else { return [] }
        let length = header.blockLength
        let first = range.lowerBound / length
        let last = (range.upperBound - 1) / length
        let end = min((last + 1) * length, header.sampleCount)
        var samples = [Int32](repeating: Waveform.missing, count: end - first * length)
        for block in first...last {
            let start = (block - first) * length
            try read(block, into: &samples, at: start..<min(start + length, samples.count))
        }
        let offset = range.lowerBound - first * length
        return offset == 0 && range.count == samples.count
            ? samples : Array(samples[offset..<offset + range.count])
    }

    /// The whole waveform, as it was packed.
    public func waveform() throws(Refusal) -> Waveform {
        Waveform(
            label: header.label, unit: header.unit, samplesPerSecond: header.samplesPerSecond,
            scale: header.scale, samples: try samples(in: 0..<header.sampleCount),
            flags: header.flags)
    }

    private func read(
        _ block: Int, into samples: inout [Int32], at range: Range<Int>
    ) throws(Refusal) {
        let place = places[block]
        let bytes = bytes[place.range]
        guard WaveformKernel.checksum(bytes) == place.checksum else {
            throw Refusal(.malformed, "waveform block \(block) fails its checksum")
        }
        guard ArchiveBlock.read(bytes, into: &samples, at: range) else {
            throw Refusal(.malformed, "waveform block \(block) does not hold its samples")
        }
    }
}

/// One block of an archive: the order of its differences, its missing runs, its packed samples.
enum ArchiveBlock {
    static func bytes(_ samples: ArraySlice<Int32>) -> [UInt8] {
        var filled = samples
        var runs: [Range<Int>] = []
        var held: Int32 = samples.first { $0 != Waveform.missing } ?? 0
        for index in samples.indices {
            guard samples[index] == Waveform.missing else {
                held = samples[index]
                continue
            }
            // A missing sample costs nothing where it repeats its neighbour.
            filled[index] = held
            let place = index - samples.startIndex
            if let last = runs.last, last.upperBound == place {
                runs[runs.count - 1] = last.lowerBound..<place + 1
            } else {
                runs.append(place..<place + 1)
            }
        }
        var writer = WaveformByteWriter()
        writer.put(number: runs.count)
        var end = 0
        for run in runs {
            writer.put(number: run.lowerBound - end)
            writer.put(number: run.count)
            end = run.upperBound
        }
        let orders = (0...2).map { WaveformKernel.packed(filled, order: $0) }
        let best = orders.indices.min { orders[$0].count < orders[$1].count } ?? 0
        return [UInt8(best)] + writer.bytes + orders[best]
    }

    static func read(
        _ bytes: ArraySlice<UInt8>, into samples: inout [Int32], at range: Range<Int>
    ) -> Bool {
        var reader = WaveformByteReader(bytes)
        guard let order = try? reader.byte(), order <= 2,
            let runCount = try? reader.number(), runCount <= range.count
        else { return false }
        var runs: [Range<Int>] = []
        var end = range.lowerBound
        for _ in 0..<runCount {
            guard let gap = try? reader.number(), let length = try? reader.number(),
                gap <= range.upperBound - end, length > 0,
                length <= range.upperBound - end - gap
            else { return false }
            runs.append(end + gap..<end + gap + length)
            end += gap + length
        }
        guard WaveformKernel.unpack(reader.rest, order: Int(order), into: &samples, at: range)
        else { return false }
        for run in runs {
            for index in run { samples[index] = Waveform.missing }
        }
        return true
    }
}
