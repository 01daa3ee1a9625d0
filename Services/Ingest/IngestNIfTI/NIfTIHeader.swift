import TwinCore
import TwinImage

/// What the header of a NIfTI-1 or NIfTI-2 file says.
struct NIfTIHeader: Hashable {
    /// As many bytes as a header of either version takes, its extension flag included.
    static let sizeMax = 544

    var isSwapped: Bool
    var kind: VoxelKind
    var size: GridSize
    var voxelOffset: Int
    var slope: Double
    var intercept: Double
    var grid: ImageGrid

    init(_ bytes: [UInt8], limits: ImageLimits) throws(Refusal) {
        guard bytes.count >= 348 else { throw Refusal(.malformed, "a NIfTI header is cut short") }
        let little = ByteReader(bytes, isBigEndian: false)
        let first = little.int32(0)
        let reader = ByteReader(bytes, isBigEndian: first != 348 && first != 540)
        switch reader.int32(0) {
        case 348: try self.init(one: reader, limits: limits)
        case 540:
            guard bytes.count >= 540 else {
                throw Refusal(.malformed, "a NIfTI-2 header is cut short")
            }
            try self.init(two: reader, limits: limits)
        default: throw Refusal(.malformed, "neither NIfTI-1 nor NIfTI-2")
        }
    }

    private init(one reader: ByteReader, limits: ImageLimits) throws(Refusal) {
        guard reader.text(344, 4) == "n+1\0" else {
            throw reader.text(344, 4) == "ni1\0"
                ? Refusal(.unsupported, "a NIfTI header whose voxels are in another file (.img)")
                : Refusal(.malformed, "the magic word of NIfTI-1 is missing")
        }
        let places = (0..<8).map { 76 + 4 * $0 }
        let sides = (0..<8).map { Int(reader.int16(40 + 2 * $0)) }
        try self.init(
            reader, code: Int(reader.int16(70)), bits: Int(reader.int16(72)), sides: sides,
            offset: Double(reader.float(108)), limits: limits)
        slope = Double(reader.float(112))
        intercept = Double(reader.float(116))
        try place(
            steps: places.map { Double(reader.float($0)) },
            unit: Int(reader.byte(123)) & 7,
            turn: reader.int16(252) > 0 ? (0..<6).map { Double(reader.float(256 + 4 * $0)) } : nil,
            rows: reader.int16(254) > 0
                ? (0..<12).map { Double(reader.float(280 + 4 * $0)) } : nil)
    }

    private init(two reader: ByteReader, limits: ImageLimits) throws(Refusal) {
        guard reader.text(4, 8) == "n+2\0\r\n\u{1A}\n" else {
            throw reader.text(4, 4) == "ni2\0"
                ? Refusal(.unsupported, "a NIfTI header whose voxels are in another file (.img)")
                : Refusal(.malformed, "the magic word of NIfTI-2 is missing")
        }
        let sides = (0..<8).map { Int(clamping: reader.int64(16 + 8 * $0)) }
        try self.init(
            reader, code: Int(reader.int16(12)), bits: Int(reader.int16(14)), sides: sides,
            offset: Double(reader.int64(168)), limits: limits)
        slope = reader.double(176)
        intercept = reader.double(184)
        try place(
            steps: (0..<8).map { reader.double(104 + 8 * $0) },
            unit: Int(reader.int32(500)) & 7,
            turn: reader.int32(344) > 0 ? (0..<6).map { reader.double(352 + 8 * $0) } : nil,
            rows: reader.int32(348) > 0 ? (0..<12).map { reader.double(400 + 8 * $0) } : nil)
    }

    private init(
        _ reader: ByteReader, code: Int, bits: Int, sides: [Int], offset: Double,
        limits: ImageLimits
    ) throws(Refusal) {
        isSwapped = reader.isBigEndian
        kind = try VoxelKind(code: code)
        guard bits == kind.byteCount * 8 else {
            throw Refusal(.malformed, "NIfTI datatype \(code) with \(bits) bits")
        }
        guard (1...7).contains(sides[0]), sides[1...sides[0]].allSatisfy({ $0 > 0 }) else {
            throw Refusal(.malformed, "the sides of a NIfTI image: \(sides)")
        }
        let known = sides[1...sides[0]] + [Int](repeating: 1, count: 7 - sides[0])
        guard known[(known.startIndex + 3)...].allSatisfy({ $0 == 1 }) else {
            throw Refusal(.unsupported, "a NIfTI image of more than three dimensions")
        }
        let axes = Array(known)
        size = GridSize(axes[0], axes[1], axes[2])
        guard axes.allSatisfy({ $0 <= limits.sideMax }),
            size.count(upTo: limits.voxelsMax) != nil
        else { throw Refusal(.tooLarge, "a NIfTI image of \(size) voxels") }
        // A file of one piece has its voxels behind the header.
        guard offset >= 348, offset <= 1e9, offset == offset.rounded() else {
            throw Refusal(.malformed, "the voxels of a NIfTI file begin at \(offset)")
        }
        voxelOffset = Int(offset)
        slope = 0
        intercept = 0
        grid = ImageGrid(size: size, spacingMm: .one)
    }

    /// Places the grid: by the affine rows if there are any, else by the quaternion, else by the
    /// spacing alone.
    ///
    /// NIfTI's x goes right and its y to the front; the house's go the other way.
    private mutating func place(
        steps: [Double], unit: Int, turn: [Double]?, rows: [Double]?
    ) throws(Refusal) {
        let scale = unit == 1 ? 1000.0 : unit == 3 ? 0.001 : 1
        var columns: [SIMD3<Double>]
        var origin: SIMD3<Double>
        if let rows {
            columns = (0..<3).map { SIMD3(rows[$0], rows[$0 + 4], rows[$0 + 8]) }
            origin = SIMD3(rows[3], rows[7], rows[11])
        } else {
            let sides = SIMD3(steps[1], steps[2], steps[3])
            let hand = steps[0] < 0 ? -1.0 : 1
            let turned = NIfTIHeader.axes(turn ?? [0, 0, 0, 0, 0, 0])
            columns = [turned[0] * sides.x, turned[1] * sides.y, turned[2] * sides.z * hand]
            origin = turn.map { SIMD3($0[3], $0[4], $0[5]) } ?? .zero
        }
        let flip = SIMD3<Double>(-1, -1, 1) * scale
        columns = columns.map { $0 * flip }
        origin *= flip
        let lengths = columns.map { ($0 * $0).sum().squareRoot() }
        guard lengths.allSatisfy({ $0.isFinite && $0 > 0 && $0 < 1e6 }),
            (origin * origin).sum().isFinite
        else { throw Refusal(.malformed, "the spacing of a NIfTI image is \(lengths)") }
        let axes = zip(columns, lengths).map { $0 / $1 }
        let slants = [(0, 1), (0, 2), (1, 2)].map { abs((axes[$0.0] * axes[$0.1]).sum()) }
        guard slants.allSatisfy({ $0 < 1e-3 }) else {
            throw Refusal(.unsupported, "a NIfTI image whose axes are not perpendicular")
        }
        grid = ImageGrid(
            size: size, spacingMm: .init(lengths[0], lengths[1], lengths[2]), originMm: origin,
            axes: axes)
    }

    /// The axes that a quaternion turns to; its first part follows from the other three.
    private static func axes(_ turn: [Double]) -> [SIMD3<Double>] {
        let (b, c, d) = (turn[0], turn[1], turn[2])
        let a = max(0, 1 - b * b - c * c - d * d).squareRoot()
        return [
            .init(a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)),
            .init(2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)),
            .init(2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c),
        ]
    }
}
