import CFeatureImaging

/// Zones of one level: by size, and by their distance from the edge of the region's shape.
struct ZoneMatrix {
    private static let smallMax = 1024

    var bySize: CountMatrix
    var byDistance: CountMatrix

    init(levelCount: Int, distanceMax: Int) {
        bySize = CountMatrix(levelCount: levelCount, extentCount: ZoneMatrix.smallMax)
        byDistance = CountMatrix(levelCount: levelCount, extentCount: max(1, distanceMax))
    }

    mutating func merge(_ other: ZoneMatrix) {
        bySize.merge(other.bySize)
        byDistance.merge(other.byDistance)
    }

    mutating func add(
        _ levels: GreyLevels, _ slices: Range<Int>, inSlices: Bool, distances: [UInt16],
        scratch: inout Scratch
    ) {
        // Those that come before a voxel.
        let offsets = levels.directions(inSlices: inSlices).map { -$0 }
        let perSlice = Int(levels.box.x * levels.box.y)
        let room = slices.count * perSlice / ZoneMatrix.smallMax + 1
        var large = [Int64](repeating: 0, count: 2 * room)
        var found = 0
        unsafe large.withUnsafeMutableBufferPointer { large in
            unsafe scratch.use { parents, sizes, nearest in
                unsafe bySize.counts.withUnsafeMutableBufferPointer { small in
                    unsafe byDistance.counts.withUnsafeMutableBufferPointer { far in
                        unsafe distances.withUnsafeBufferPointer { distances in
                            unsafe offsets.withUnsafeBufferPointer { offsets in
                                var zones = unsafe TwinZones(
                                    parents: parents, sizes: sizes, nearest: nearest,
                                    small: small.baseAddress,
                                    small_max: Int64(ZoneMatrix.smallMax),
                                    large: large.baseAddress, large_count: 0,
                                    distances: far.baseAddress,
                                    distance_max: Int64(byDistance.extentCount))
                                unsafe levels.withSlab(slices) { slab in
                                    unsafe twin_texture_zones(
                                        slab, offsets.baseAddress, Int64(offsets.count),
                                        distances.baseAddress, &zones)
                                }
                                unsafe found = Int(zones.large_count)
                            }
                        }
                    }
                }
            }
        }
        bySize.large += (0..<found).map { (Int(large[2 * $0]), Int(large[2 * $0 + 1])) }
    }

    /// The loops' own memory, one number of each kind for each voxel of the box.
    struct Scratch {
        private var parents: [Int32]
        private var sizes: [Int32]
        private var nearest: [UInt16]

        init(count: Int) {
            parents = [Int32](repeating: 0, count: count)
            sizes = parents
            nearest = [UInt16](repeating: 0, count: count)
        }

        @unsafe mutating func use(
            _ body: (
                UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int32>?,
                UnsafeMutablePointer<UInt16>?
            ) -> Void
        ) {
            unsafe parents.withUnsafeMutableBufferPointer { parents in
                unsafe sizes.withUnsafeMutableBufferPointer { sizes in
                    unsafe nearest.withUnsafeMutableBufferPointer { nearest in
                        unsafe body(parents.baseAddress, sizes.baseAddress, nearest.baseAddress)
                    }
                }
            }
        }
    }

    /// The city-block distance of each voxel to the outside of the shape.
    static func distances(_ region: Region, inSlices: Bool) -> [UInt16] {
        unsafe [UInt16](unsafeUninitializedCapacity: region.shape.count) { out, made in
            unsafe region.shape.withUnsafeBufferPointer { shape in
                unsafe twin_texture_distance(
                    shape.baseAddress, region.box, inSlices ? 2 : 3, out.baseAddress)
            }
            made = region.shape.count
        }
    }
}
