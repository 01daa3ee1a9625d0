/// How many voxels there are along each axis.
public struct GridSize: Hashable, Sendable, CustomStringConvertible {
    public var x: Int
    public var y: Int
    public var z: Int

    public init(_ x: Int, _ y: Int, _ z: Int) {
        self.x = x
        self.y = y
        self.z = z
    }

    public var count: Int { x * y * z }
    public var sliceCount: Int { x * y }

    /// Nil where the count would be more than `countMax`, or a side is empty.
    public func count(upTo countMax: Int) -> Int? {
        guard x > 0, y > 0, z > 0 else { return nil }
        let (slice, tooWide) = x.multipliedReportingOverflow(by: y)
        let (all, tooDeep) = slice.multipliedReportingOverflow(by: z)
        return tooWide || tooDeep || all > countMax ? nil : all
    }

    public subscript(axis: Int) -> Int { axis == 0 ? x : axis == 1 ? y : z }

    public var description: String { "\(x) × \(y) × \(z)" }
}

/// Where the voxels of a volume lie in the patient.
///
/// Places are in millimetres, x to the patient's left, y to the back, z to the head (as in DICOM).
public struct ImageGrid: Hashable, Sendable {
    public var size: GridSize
    /// The distance of neighbours along each axis of the grid.
    public var spacingMm: SIMD3<Double>
    /// The centre of the first voxel.
    public var originMm: SIMD3<Double>
    /// The directions of the grid's axes, each of length one.
    public var axes: [SIMD3<Double>]

    public init(
        size: GridSize, spacingMm: SIMD3<Double>, originMm: SIMD3<Double> = .zero,
        axes: [SIMD3<Double>] = [.init(1, 0, 0), .init(0, 1, 0), .init(0, 0, 1)]
    ) {
        precondition(axes.count == 3)
        self.size = size
        self.spacingMm = spacingMm
        self.originMm = originMm
        self.axes = axes
    }

    public func index(_ x: Int, _ y: Int, _ z: Int) -> Int { x + size.x * (y + size.y * z) }

    /// The place of a voxel, whole or between the voxels.
    public func placeMm(_ voxel: SIMD3<Double>) -> SIMD3<Double> {
        let steps = voxel * spacingMm
        return originMm + axes[0] * steps.x + axes[1] * steps.y + axes[2] * steps.z
    }

    /// The voxel, whole or between the voxels, that lies at a place; the axes are perpendicular.
    public func voxel(atMm place: SIMD3<Double>) -> SIMD3<Double> {
        let way = place - originMm
        return .init(
            (way * axes[0]).sum() / spacingMm.x, (way * axes[1]).sum() / spacingMm.y,
            (way * axes[2]).sum() / spacingMm.z)
    }

    /// Whether two grids are the same but for `toleranceMm` at their corners.
    public func isSame(as other: ImageGrid, toleranceMm: Double = 0.01) -> Bool {
        guard size == other.size else { return false }
        let last = SIMD3(Double(size.x - 1), Double(size.y - 1), Double(size.z - 1))
        let corners: [SIMD3<Double>] = [
            .zero, .init(last.x, 0, 0), .init(0, last.y, 0), .init(0, 0, last.z),
        ]
        return corners.allSatisfy { corner in
            let way = placeMm(corner) - other.placeMm(corner)
            return (way * way).sum().squareRoot() <= toleranceMm
        }
    }
}
