import CFeatureImaging
import TwinImage

/// The part of an image that a region needs: its box and what lies within a few millimetres.
struct Piece {
    /// Local intensity looks one cubic centimetre far: 6.2 mm.
    static let reachMm = 6.5
    /// Where a spline has forgotten what lies beyond.
    private static let splineMargin = 20

    var values: [Float]
    var mask: [UInt8]
    var sides: GridSize
    var spacingMm: SIMD3<Double>

    init(
        _ volume: Volume, _ mask: Mask, _ resampling: ImagingConfiguration.Resampling?
    ) throws(ImagingError) {
        guard let bounds = Piece.bounds(mask.inside, mask.grid.size) else { throw .emptyRegion }
        let spacing = volume.grid.spacingMm
        let wished = [resampling?.xMm, resampling?.yMm, resampling?.zMm]
        let isCubic = resampling?.interpolation == .cubic
        let axes = (0..<3).map { axis in
            Axis(
                side: volume.grid.size[axis], spacing: spacing[axis], wished: wished[axis],
                low: bounds.low[axis], high: bounds.high[axis],
                margin: isCubic ? Piece.splineMargin : 2)
        }
        for axis in axes where axis.newCount > 16_384 {
            throw .tooLarge("a side of \(axis.newCount) voxels")
        }
        let ranges = axes.map(\.old)
        sides = GridSize(ranges[0].count, ranges[1].count, ranges[2].count)
        guard
            GridSize(axes[0].newCount, axes[1].newCount, axes[2].newCount).count(upTo: 1 << 30)
                != nil
        else { throw .tooLarge("the resampled region") }
        spacingMm = spacing
        values = Piece.cut(volume, ranges)
        self.mask = Piece.cut(mask, ranges)
        let resampled = (0..<3).filter { axes[$0].isResampled }
        guard let resampling, !resampled.isEmpty else { return }
        var weights = self.mask.map { Float($0) }
        if isCubic { for axis in resampled { spline(axis) } }
        var maskSides = sides
        for axis in resampled {
            let (taps, mask) = (axes[axis].taps(resampling.interpolation), axes[axis].taps(.linear))
            values = Piece.resample(values, &sides, axis, taps, axes[axis])
            weights = Piece.resample(weights, &maskSides, axis, mask, axes[axis])
            spacingMm[axis] = axes[axis].newSpacing
        }
        self.mask = weights.map { $0 >= 0.5 - 1e-5 ? 1 : 0 }
    }

    /// The least and greatest places of a mask; nil where it is empty.
    static func bounds(_ mask: [UInt8], _ size: GridSize) -> (low: GridSize, high: GridSize)? {
        var low = size
        var high = GridSize(-1, -1, -1)
        for z in 0..<size.z {
            for y in 0..<size.y {
                let start = size.x * (y + size.y * z)
                let row = mask[start..<start + size.x]
                guard let first = row.firstIndex(where: { $0 != 0 }),
                    let last = row.lastIndex(where: { $0 != 0 })
                else { continue }
                low.x = min(low.x, first - start)
                high.x = max(high.x, last - start)
                low.y = min(low.y, y)
                high.y = max(high.y, y)
                low.z = min(low.z, z)
                high.z = z
            }
        }
        return high.z < 0 ? nil : (low, high)
    }

    private static func cut(_ volume: Volume, _ ranges: [Range<Int>]) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(ranges.reduce(1) { $0 * $1.count })
        for z in ranges[2] {
            for y in ranges[1] {
                let start = volume.grid.index(ranges[0].lowerBound, y, z)
                let row = start..<start + ranges[0].count
                switch volume.voxels {
                case .int16(let all): for index in row { values.append(Float(all[index])) }
                case .float(let all): values.append(contentsOf: all[row])
                }
            }
        }
        return values
    }

    private static func cut(_ mask: Mask, _ ranges: [Range<Int>]) -> [UInt8] {
        var values: [UInt8] = []
        for z in ranges[2] {
            for y in ranges[1] {
                let start = mask.grid.index(ranges[0].lowerBound, y, z)
                values.append(contentsOf: mask.inside[start..<start + ranges[0].count])
            }
        }
        return values
    }

    private mutating func spline(_ axis: Int) {
        var scratch = [Double](repeating: 0, count: sides[axis])
        let box = TwinBox(x: Int64(sides.x), y: Int64(sides.y), z: Int64(sides.z))
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                unsafe twin_image_spline(values.baseAddress, box, Int32(axis), scratch.baseAddress)
            }
        }
    }

    private static func resample(
        _ values: [Float], _ sides: inout GridSize, _ axis: Int, _ taps: Axis.Taps, _ along: Axis
    ) -> [Float] {
        let box = TwinBox(x: Int64(sides.x), y: Int64(sides.y), z: Int64(sides.z))
        let oldCount = sides[axis]
        switch axis {
        case 0: sides.x = along.newCount
        case 1: sides.y = along.newCount
        default: sides.z = along.newCount
        }
        return unsafe [Float](unsafeUninitializedCapacity: sides.count) { out, count in
            unsafe values.withUnsafeBufferPointer { values in
                unsafe taps.starts.withUnsafeBufferPointer { starts in
                    unsafe taps.weights.withUnsafeBufferPointer { weights in
                        let taps = unsafe TwinTaps(
                            starts: starts.baseAddress, weights: weights.baseAddress,
                            tap_count: Int64(taps.count), old_count: Int64(oldCount),
                            new_count: Int64(along.newCount))
                        unsafe twin_image_resample(
                            values.baseAddress, box, Int32(axis), taps, out.baseAddress)
                    }
                }
            }
            count = out.count
        }
    }

    /// The box from `low` on, with a voxel of outside around it.
    func padded(_ low: GridSize, _ padded: GridSize) -> (values: [Float], mask: [UInt8]) {
        var values = [Float](repeating: 0, count: padded.count)
        var mask = [UInt8](repeating: 0, count: padded.count)
        for z in 1..<padded.z - 1 {
            for y in 1..<padded.y - 1 {
                let from = low.x + sides.x * (low.y + y - 1 + sides.y * (low.z + z - 1))
                let to = 1 + padded.x * (y + padded.y * z)
                for x in 0..<padded.x - 2 {
                    values[to + x] = self.values[from + x]
                    mask[to + x] = self.mask[from + x]
                }
            }
        }
        return (values, mask)
    }
}
