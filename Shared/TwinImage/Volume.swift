/// What the numbers of an image mean.
public enum ImageUnit: String, Hashable, Sendable, CaseIterable {
    case hounsfield = "HU"
    case standardUptake = "SUV"
    /// As the machine made them: magnetic resonance, ultrasound, radiographs.
    case raw = "raw"
}

/// The voxels of a volume, x first, then y, then z.
public enum Voxels: Hashable, Sendable {
    case int16([Int16])
    case float([Float])

    public var count: Int {
        switch self {
        case .int16(let values): values.count
        case .float(let values): values.count
        }
    }
}

/// An image in space: voxels, where they lie, and what they mean.
public struct Volume: Hashable, Sendable {
    public let grid: ImageGrid
    public let voxels: Voxels
    public let unit: ImageUnit

    public init(grid: ImageGrid, voxels: Voxels, unit: ImageUnit) {
        precondition(voxels.count == grid.size.count)
        self.grid = grid
        self.voxels = voxels
        self.unit = unit
    }

    public subscript(_ x: Int, _ y: Int, _ z: Int) -> Float {
        switch voxels {
        case .int16(let values): Float(values[grid.index(x, y, z)])
        case .float(let values): values[grid.index(x, y, z)]
        }
    }
}

/// The voxels of an image that belong to a region.
public struct Mask: Hashable, Sendable {
    public let grid: ImageGrid
    /// One byte a voxel, 1 inside and 0 outside.
    public let inside: [UInt8]

    public init(grid: ImageGrid, inside: [UInt8]) {
        precondition(inside.count == grid.size.count)
        self.grid = grid
        self.inside = inside
    }

    public var voxelCount: Int { inside.reduce(0) { $0 + Int($1) } }
}
