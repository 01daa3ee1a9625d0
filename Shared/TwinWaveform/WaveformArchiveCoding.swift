import TwinCore

extension WaveformArchive {
    static func encode(_ header: Header, blocks: [[UInt8]]) -> (bytes: [UInt8], places: [Place]) {
        let label = Array(header.label.utf8)
        let unit = Array(header.unit.utf8)
        precondition(label.count <= 65_535 && unit.count <= 65_535)
        let headerSize = 60 + label.count + unit.count + blocks.count * 8 + 4
        var writer = WaveformByteWriter()
        writer.bytes = magic + [version, 0, 0, 0]
        writer.put(UInt32(headerSize))
        writer.put(UInt32(header.sampleCount))
        writer.put(UInt32(header.blockLength))
        writer.put(header.flags.rawValue)
        writer.put(header.samplesPerSecond.bitPattern)
        writer.put(header.scale.stepsPerUnit.bitPattern)
        writer.put(header.scale.zeroStep.bitPattern)
        writer.put(
            UInt64(bitPattern: header.startedAt?.microsecondsSinceEpoch ?? Int64.min))
        writer.put(UInt16(label.count))
        writer.put(UInt16(unit.count))
        writer.bytes += label + unit
        var places: [Place] = []
        var end = headerSize
        for block in blocks {
            let place = Place(
                range: end..<end + block.count, checksum: WaveformKernel.checksum(block[...]))
            end += block.count
            writer.put(UInt32(end - headerSize))
            writer.put(place.checksum)
            places.append(place)
        }
        writer.put(WaveformKernel.checksum(writer.bytes[...]))
        for block in blocks { writer.bytes += block }
        return (writer.bytes, places)
    }

    static func decode(
        _ reader: inout WaveformByteReader, samplesMax: Int
    ) throws(Refusal) -> (header: Header, places: [Place]) {
        let all = reader.rest
        guard try reader.bytes(4).elementsEqual(magic) else {
            throw Refusal(.malformed, "no waveform archive: it does not begin with TWVB")
        }
        let found = try reader.byte()
        guard found == version else {
            throw Refusal(.wrongVersion, "waveform archive of version \(found), not \(version)")
        }
        let reserved = try reader.bytes(3)
        let headerSize = Int(try reader.word32())
        guard reserved.allSatisfy({ $0 == 0 }), headerSize >= 64, headerSize <= all.count else {
            throw Refusal(.malformed, "the waveform archive's header is cut short")
        }
        let sealed = all.prefix(headerSize - 4)
        var seal = WaveformByteReader(all.dropFirst(headerSize - 4).prefix(4))
        guard try seal.word32() == WaveformKernel.checksum(sealed) else {
            throw Refusal(.malformed, "the waveform archive's header fails its checksum")
        }
        let header = try headerFields(&reader, samplesMax: samplesMax)
        guard header.blockCount * 8 + 4 == headerSize - (reader.rest.startIndex - all.startIndex)
        else { throw Refusal(.malformed, "the waveform archive's index has another length") }
        let payload = all.dropFirst(headerSize)
        // Each block costs its order and a byte for every group: nothing small unpacks to much.
        guard payload.count >= header.sampleCount / 32 + header.blockCount * 2 else {
            throw Refusal(.malformed, "the waveform archive is too short for its samples")
        }
        return (header, try index(&reader, blockCount: header.blockCount, payload: payload))
    }

    private static func headerFields(
        _ reader: inout WaveformByteReader, samplesMax: Int
    ) throws(Refusal) -> Header {
        let sampleCount = Int(try reader.word32())
        let blockLength = Int(try reader.word32())
        let flags = QualityFlags(rawValue: try reader.word32())
        let rate = Double(bitPattern: try reader.word64())
        let stepsPerUnit = Double(bitPattern: try reader.word64())
        let zeroStep = Double(bitPattern: try reader.word64())
        let start = Int64(bitPattern: try reader.word64())
        guard sampleCount <= samplesMax else {
            throw Refusal(.tooLarge, "\(sampleCount) samples, of which \(samplesMax) are allowed")
        }
        guard (1...blockLengthMax).contains(blockLength), rate.isFinite, rate > 0,
            let scale = WaveformScale(stepsPerUnit: stepsPerUnit, zeroStep: zeroStep)
        else { throw Refusal(.malformed, "the waveform archive's rate, scale or block length") }
        let labelCount = Int(try reader.word16())
        let unitCount = Int(try reader.word16())
        guard let label = String(validating: try reader.bytes(labelCount), as: UTF8.self),
            let unit = String(validating: try reader.bytes(unitCount), as: UTF8.self)
        else { throw Refusal(.malformed, "the waveform archive's label or unit is no UTF-8") }
        return Header(
            label: label, unit: unit, samplesPerSecond: rate, scale: scale,
            startedAt: start == .min ? nil : Instant(microsecondsSinceEpoch: start), flags: flags,
            sampleCount: sampleCount, blockLength: blockLength)
    }

    private static func index(
        _ reader: inout WaveformByteReader, blockCount: Int, payload: ArraySlice<UInt8>
    ) throws(Refusal) -> [Place] {
        var places: [Place] = []
        places.reserveCapacity(blockCount)
        var start = payload.startIndex
        for _ in 0..<blockCount {
            let end = payload.startIndex + Int(try reader.word32())
            guard end > start, end <= payload.endIndex else {
                throw Refusal(.malformed, "the waveform archive's blocks are out of order")
            }
            places.append(Place(range: start..<end, checksum: try reader.word32()))
            start = end
        }
        guard start == payload.endIndex else {
            throw Refusal(.malformed, "the waveform archive has bytes behind its last block")
        }
        return places
    }
}

/// Writes little-endian numbers.
struct WaveformByteWriter {
    var bytes: [UInt8] = []

    mutating func put(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Seven bits a byte, the lowest first.
    mutating func put(number: Int) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads little-endian numbers and refuses to read past the end.
struct WaveformByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func bytes(_ count: Int) throws(Refusal) -> ArraySlice<UInt8> {
        guard count <= rest.count else {
            throw Refusal(.malformed, "the waveform archive ends early")
        }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func byte() throws(Refusal) -> UInt8 {
        guard let byte = rest.popFirst() else {
            throw Refusal(.malformed, "the waveform archive ends early")
        }
        return byte
    }

    mutating func word16() throws(Refusal) -> UInt16 { UInt16(truncatingIfNeeded: try word(2)) }
    mutating func word32() throws(Refusal) -> UInt32 { UInt32(truncatingIfNeeded: try word(4)) }
    mutating func word64() throws(Refusal) -> UInt64 { try word(8) }

    /// A number of at most four bytes of seven bits.
    mutating func number() throws(Refusal) -> Int {
        var value = 0
        for shift in stride(from: 0, through: 21, by: 7) {
            let next = try byte()
            value |= Int(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
        }
        throw Refusal(.malformed, "a number of the waveform archive is too long")
    }

    private mutating func word(_ count: Int) throws(Refusal) -> UInt64 {
        try bytes(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
}
