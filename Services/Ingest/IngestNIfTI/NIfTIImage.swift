public import TwinCore
import TwinDeflate
public import TwinImage

/// A NIfTI-1 or NIfTI-2 file (.nii, .nii.gz) as a volume or a mask.
public enum NIfTIImage {
    /// The image; NIfTI does not say what its numbers mean, so the caller does.
    public static func volume(
        _ bytes: [UInt8], unit: ImageUnit = .raw, limits: ImageLimits = ImageLimits()
    ) throws(Refusal) -> Volume {
        let (header, body) = try open(bytes, limits)
        let isScaled = header.slope.isFinite && header.intercept.isFinite && header.slope != 0
        let slope = isScaled ? header.slope : 1
        let intercept = isScaled ? header.intercept : 0
        let voxels: Voxels =
            if header.kind.isSmall && slope == 1 && intercept == 0 {
                .int16(small(body, header))
            } else {
                .float(numbers(body, header) { Float($0 * slope + intercept) })
            }
        return Volume(grid: header.grid, voxels: voxels, unit: unit)
    }

    /// The voxels that have a label, or any label where none is named.
    public static func mask(
        _ bytes: [UInt8], label: Int? = nil, limits: ImageLimits = ImageLimits()
    ) throws(Refusal) -> Mask {
        let volume = try volume(bytes, limits: limits)
        let inside: [UInt8] =
            switch (volume.voxels, label) {
            case (.int16(let values), nil): values.map { $0 > 0 ? 1 : 0 }
            case (.float(let values), nil): values.map { $0 > 0 ? 1 : 0 }
            case (.int16(let values), let label?): values.map { Int($0) == label ? 1 : 0 }
            case (.float(let values), let label?): values.map { $0 == Float(label) ? 1 : 0 }
            }
        return Mask(grid: volume.grid, inside: inside)
    }

    /// The header, and the bytes of the voxels; no more is inflated than the header asks for.
    private static func open(
        _ bytes: [UInt8], _ limits: ImageLimits
    ) throws(Refusal) -> (NIfTIHeader, [UInt8]) {
        guard bytes.starts(with: [0x1F, 0x8B]) else {
            let header = try NIfTIHeader(
                Array(bytes.prefix(NIfTIHeader.sizeMax)), limits: limits)
            let count = header.size.count * header.kind.byteCount
            guard bytes.count - header.voxelOffset >= count else {
                throw Refusal(.malformed, "the voxels of a NIfTI file are cut short")
            }
            return (header, Array(bytes[header.voxelOffset..<header.voxelOffset + count]))
        }
        do {
            var inflater = Inflater(bytes, container: .gzip)
            let start = try inflater.read(NIfTIHeader.sizeMax)
            let header = try NIfTIHeader(start, limits: limits)
            let count = header.size.count * header.kind.byteCount
            let end = header.voxelOffset + count
            guard end <= limits.inflatedMax else {
                throw Refusal(.tooLarge, "a NIfTI file of \(end) bytes, inflated")
            }
            let all = start + (try inflater.read(max(0, end - start.count)))
            guard all.count >= end else {
                throw Refusal(.malformed, "the voxels of a NIfTI file are cut short")
            }
            return (header, Array(all[header.voxelOffset..<end]))
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.malformed, "the gzip stream of a NIfTI file is \(error)")
        }
    }

    private static func small(_ body: [UInt8], _ header: NIfTIHeader) -> [Int16] {
        switch header.kind {
        case .unsigned8: body.map { Int16($0) }
        case .signed8: body.map { Int16(Int8(bitPattern: $0)) }
        default: read(body, header) { Int16(bitPattern: $0) }
        }
    }

    private static func numbers(
        _ body: [UInt8], _ header: NIfTIHeader, _ scaled: (Double) -> Float
    ) -> [Float] {
        switch header.kind {
        case .unsigned8: body.map { scaled(Double($0)) }
        case .signed8: body.map { scaled(Double(Int8(bitPattern: $0))) }
        case .signed16: read(body, header) { scaled(Double(Int16(bitPattern: $0))) }
        case .unsigned16: read(body, header) { (word: UInt16) in scaled(Double(word)) }
        case .signed32: read(body, header) { scaled(Double(Int32(bitPattern: $0))) }
        case .unsigned32: read(body, header) { (word: UInt32) in scaled(Double(word)) }
        case .float32: read(body, header) { scaled(Double(Float(bitPattern: $0))) }
        case .float64: read(body, header) { scaled(Double(bitPattern: $0)) }
        case .signed64: read(body, header) { scaled(Double(Int64(bitPattern: $0))) }
        case .unsigned64: read(body, header) { (word: UInt64) in scaled(Double(word)) }
        }
    }

    /// The words of the body, turned where the file's order is not the machine's.
    private static func read<Word: FixedWidthInteger, Value>(
        _ body: [UInt8], _ header: NIfTIHeader, _ value: (Word) -> Value
    ) -> [Value] {
        let size = MemoryLayout<Word>.size
        return body.withUnsafeBytes { bytes in
            (0..<body.count / size).map { index in
                let word = bytes.loadUnaligned(fromByteOffset: index * size, as: Word.self)
                return value(header.isSwapped ? Word(bigEndian: word) : Word(littleEndian: word))
            }
        }
    }
}
