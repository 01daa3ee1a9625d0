import CFeatureImaging

/// The grey levels of a region: 1 and up inside, 0 outside.
struct GreyLevels {
    static let countMax = 4096

    let levels: [UInt16]
    /// The highest level there is.
    let count: Int
    let box: TwinBox

    init(
        _ region: Region, sorted: [Float], _ binning: ImagingConfiguration.Binning
    ) throws(ImagingError) {
        box = region.box
        let least = Double(sorted[0])
        let most = Double(sorted[sorted.count - 1])
        let low: Double
        let scale: Double
        var ceiling = GreyLevels.countMax
        switch binning {
        case .none:
            guard least >= 1, most <= 65_535, sorted.allSatisfy({ $0 == $0.rounded() }) else {
                throw .notDiscrete
            }
            (low, scale) = (1, 1)
        case .size(let size):
            (low, scale) = (region.lowest ?? least, 1 / size)
        case .count(let count):
            ceiling = count
            guard most > least else {
                // One intensity is in the middle of its bins.
                (low, scale) = (least - Double((count + 1) / 2 - 1), 1)
                break
            }
            (low, scale) = (least, Double(count) / (most - least))
        }
        let highest = min(max(1, ((most - low) * scale).rounded(.down) + 1), Double(ceiling) + 1)
        let count = min(Int(highest), binning.levelMax ?? Int.max)
        guard count <= GreyLevels.countMax else { throw .tooManyLevels(count) }
        self.count = count
        levels = unsafe [UInt16](unsafeUninitializedCapacity: region.values.count) { out, made in
            unsafe region.values.withUnsafeBufferPointer { values in
                unsafe region.inside.withUnsafeBufferPointer { inside in
                    unsafe twin_image_levels(
                        values.baseAddress, inside.baseAddress, Int64(values.count), low, scale,
                        Int32(count), out.baseAddress)
                }
            }
            made = region.values.count
        }
    }

    /// How many voxels each level has, that of level 1 first.
    func histogram() -> [Int] {
        var counts = [Int](repeating: 0, count: count + 1)
        for level in levels { counts[Int(level)] += 1 }
        return Array(counts[1...])
    }

    /// The slices without the padding.
    var slices: Range<Int> { 1..<Int(box.z) - 1 }

    func place(_ x: Int, _ y: Int, _ z: Int) -> Int64 {
        Int64(x) + box.x * (Int64(y) + box.y * Int64(z))
    }

    /// Directions that stand for themselves and their opposites.
    func directions(inSlices: Bool) -> [Int64] {
        let steps =
            inSlices
            ? GreyLevels.offsets.filter { $0.2 == 0 } : GreyLevels.offsets
        return steps.map { place($0.0, $0.1, $0.2) }
    }

    /// All neighbours.
    func neighbours(inSlices: Bool) -> [Int64] {
        let half = directions(inSlices: inSlices)
        return half + half.map { -$0 }
    }

    /// The thirteen directions in space, the four in a slice among them; each leads to a voxel
    /// that comes later.
    private static let offsets: [(Int, Int, Int)] = {
        var offsets: [(Int, Int, Int)] = []
        for z in 0...1 {
            for y in (z == 0 ? 0 : -1)...1 {
                for x in (z == 0 && y == 0 ? 1 : -1)...1 { offsets.append((x, y, z)) }
            }
        }
        return offsets
    }()

    /// Calls with the slab of some slices.
    @unsafe func withSlab(_ slices: Range<Int>, _ body: (TwinSlab) -> Void) {
        unsafe levels.withUnsafeBufferPointer { levels in
            let slab = unsafe TwinSlab(
                levels: levels.baseAddress, box: box, first: Int64(slices.lowerBound),
                end: Int64(slices.upperBound))
            unsafe body(slab)
        }
    }
}

extension ImagingConfiguration.Binning {
    var levelMax: Int? {
        guard case .count(let count) = self else { return nil }
        return count
    }
}
