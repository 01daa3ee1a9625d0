public import TwinCore
public import TwinImage

/// How the pixels of an object lie, checked before anything is read.
public struct PixelLayout: Hashable, Sendable {
    public let rows: Int
    public let columns: Int
    public let frameCount: Int
    let bitsAllocated: Int
    let bitsStored: Int
    let isSigned: Bool
    /// Whether white is the least value.
    public let isInverted: Bool

    var frameValues: Int { rows * columns }
    /// Bytes of all frames; single bits are packed across frames.
    var byteCount: Int { (frameValues * frameCount * bitsAllocated + 7) / 8 }

    public init(_ item: DICOMItem, limits: ImageLimits = ImageLimits()) throws(Refusal) {
        guard let rows = item.unsigned16(0x0028_0010), let columns = item.unsigned16(0x0028_0011),
            let allocated = item.unsigned16(0x0028_0100)
        else { throw Refusal(.malformed, "a DICOM object without rows, columns or bits") }
        let frames = item.has(0x0028_0008) ? item.integer(0x0028_0008) : 1
        guard let frames, frames > 0, rows > 0, columns > 0 else {
            throw Refusal(.malformed, "a DICOM object without frames, rows or columns")
        }
        guard rows <= limits.sideMax, columns <= limits.sideMax, frames <= limits.voxelsMax,
            GridSize(columns, rows, frames).count(upTo: limits.voxelsMax) != nil
        else { throw Refusal(.tooLarge, "\(frames) frames of \(columns) × \(rows) pixels") }
        let stored = item.unsigned16(0x0028_0101) ?? allocated
        let high = item.unsigned16(0x0028_0102) ?? stored - 1
        guard [1, 8, 16, 32].contains(allocated), (1...allocated).contains(stored),
            high == stored - 1
        else {
            throw Refusal(
                .malformed, "\(stored) of \(allocated) bits up to bit \(high) make no pixel")
        }
        guard (item.unsigned16(0x0028_0002) ?? 1) == 1 else {
            throw Refusal(.unsupported, "pixels in colours")
        }
        self.rows = rows
        self.columns = columns
        frameCount = frames
        bitsAllocated = allocated
        bitsStored = stored
        isSigned = item.unsigned16(0x0028_0103) == 1
        isInverted = item.word(0x0028_0004) == "MONOCHROME1"
    }
}

/// The pixels of an object as whole numbers, frame after frame.
public enum DICOMFrames {
    /// Native pixels and run lengths are read; other compressed ones are a decoder's work.
    public static func values(
        _ item: DICOMItem, _ layout: PixelLayout
    ) throws(Refusal) -> [Int32] {
        let syntax = item.dataset.syntax
        guard let node = item.node(.pixels) else {
            throw Refusal(.malformed, "a DICOM object without pixels")
        }
        if syntax == .runLengths { return try runLengths(item, layout) }
        guard syntax.isNative else {
            throw Refusal(.unsupported, "pixels in transfer syntax \(syntax.identifier)")
        }
        let count = node.end - node.start
        // One byte may fill up an odd length.
        guard count == layout.byteCount || count == layout.byteCount + 1 else {
            throw Refusal(
                .malformed, "\(count) bytes of pixels where \(layout.byteCount) are needed")
        }
        let isWords = node.kind.description == "OW" || node.kind == .unsaid
        let bytes = item.dataset.bytes
        return numbers(
            layout, isBigEndian: item.dataset.isBigEndian, isWords: isWords
        ) { bytes[node.start + $0] }
    }

    private static func numbers(
        _ layout: PixelLayout, isBigEndian: Bool, isWords: Bool, _ byte: (Int) -> UInt8
    ) -> [Int32] {
        let count = layout.frameValues * layout.frameCount
        var values: [Int32] = []
        values.reserveCapacity(count)
        let size = layout.bitsAllocated / 8
        for index in 0..<count {
            var word: UInt32 = 0
            switch size {
            case 0: word = UInt32(byte(index / 8) >> UInt8(index % 8) & 1)
            case 1:
                // Bytes in words of the other order come in pairs.
                let isSwapped = isBigEndian && isWords && (index ^ 1) < layout.byteCount
                word = UInt32(byte(isSwapped ? index ^ 1 : index))
            default:
                for part in 0..<size {
                    let place = index * size + (isBigEndian ? part : size - 1 - part)
                    word = word << 8 | UInt32(byte(place))
                }
            }
            values.append(layout.value(word))
        }
        return values
    }

    private static func runLengths(
        _ item: DICOMItem, _ layout: PixelLayout
    ) throws(Refusal) -> [Int32] {
        let fragments = item.fragments(.pixels).dropFirst()
        guard fragments.count == layout.frameCount, layout.bitsAllocated >= 8 else {
            throw Refusal(
                .malformed, "\(fragments.count) fragments of \(layout.frameCount) frames")
        }
        var values: [Int32] = []
        values.reserveCapacity(layout.frameValues * layout.frameCount)
        for fragment in fragments {
            let planes = try RunLengths.planes(
                item.dataset.bytes[fragment], count: layout.bitsAllocated / 8,
                size: layout.frameValues)
            for index in 0..<layout.frameValues {
                values.append(layout.value(planes.reduce(0) { $0 << 8 | UInt32($1[index]) }))
            }
        }
        return values
    }
}

extension PixelLayout {
    /// The number in the stored bits of a word.
    func value(_ word: UInt32) -> Int32 {
        let spare = UInt32(32 - bitsStored)
        return isSigned
            ? Int32(bitPattern: word << spare) >> Int32(spare)
            : Int32(truncatingIfNeeded: (word << spare) >> spare)
    }
}

/// DICOM's run lengths: the bytes of all pixels, the highest first, each plane by itself.
enum RunLengths {
    static func planes(
        _ bytes: ArraySlice<UInt8>, count: Int, size: Int
    ) throws(Refusal) -> [[UInt8]] {
        func word(_ index: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[bytes.startIndex + 4 * index + $1]) << (8 * $1) }
        }
        guard bytes.count >= 64, word(0) == count else {
            throw Refusal(.malformed, "run lengths without \(count) planes")
        }
        var planes: [[UInt8]] = []
        for plane in 1...count {
            let start = word(plane)
            let end = plane < count ? word(plane + 1) : bytes.count
            guard start >= 64, start <= end, end <= bytes.count else {
                throw Refusal(.malformed, "a plane of run lengths from \(start) to \(end)")
            }
            planes.append(
                try self.plane(bytes[bytes.startIndex + start..<bytes.startIndex + end], size))
        }
        return planes
    }

    private static func plane(_ bytes: ArraySlice<UInt8>, _ size: Int) throws(Refusal) -> [UInt8] {
        var out: [UInt8] = []
        // No more than a run of 128 comes of two bytes.
        out.reserveCapacity(min(size, 64 * bytes.count))
        var place = bytes.startIndex
        while out.count < size {
            guard place < bytes.endIndex else {
                throw Refusal(.malformed, "run lengths end after \(out.count) of \(size) bytes")
            }
            let code = Int8(bitPattern: bytes[place])
            place += 1
            if code == -128 { continue }
            let count = code >= 0 ? Int(code) + 1 : 1 - Int(code)
            guard count <= size - out.count, bytes.endIndex - place >= (code >= 0 ? count : 1)
            else { throw Refusal(.malformed, "run lengths of more than \(size) bytes") }
            if code >= 0 {
                out += bytes[place..<place + count]
                place += count
            } else {
                out += repeatElement(bytes[place], count: count)
                place += 1
            }
        }
        return out
    }
}
