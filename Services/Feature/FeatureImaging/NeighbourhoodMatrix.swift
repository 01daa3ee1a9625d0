import CFeatureImaging

/// How each level differs from the mean of what lies around it, and how many neighbours are like.
struct NeighbourhoodMatrix {
    var dependence: CountMatrix
    /// By level, the first being level 1.
    private var differences: [Double]
    private var counts: [UInt32]

    init(levelCount: Int, neighbourCount: Int) {
        dependence = CountMatrix(levelCount: levelCount, extentCount: neighbourCount + 1)
        differences = [Double](repeating: 0, count: levelCount)
        counts = [UInt32](repeating: 0, count: levelCount)
    }

    mutating func add(
        _ levels: GreyLevels, _ slices: Range<Int>, inSlices: Bool, coarseness: Int
    ) {
        let offsets = levels.neighbours(inSlices: inSlices)
        var scratch = [UInt32](repeating: 0, count: 2 * Int(levels.box.x))
        unsafe dependence.counts.withUnsafeMutableBufferPointer { table in
            unsafe differences.withUnsafeMutableBufferPointer { differences in
                unsafe counts.withUnsafeMutableBufferPointer { counts in
                    unsafe offsets.withUnsafeBufferPointer { offsets in
                        unsafe scratch.withUnsafeMutableBytes { scratch in
                            unsafe levels.withSlab(slices) { slab in
                                unsafe twin_texture_neighbours(
                                    slab, offsets.baseAddress, Int64(offsets.count),
                                    Int32(coarseness), table.baseAddress,
                                    differences.baseAddress, counts.baseAddress,
                                    scratch.assumingMemoryBound(to: UInt16.self).baseAddress)
                            }
                        }
                    }
                }
            }
        }
    }

    mutating func merge(_ other: NeighbourhoodMatrix) {
        dependence.merge(other.dependence)
        for index in counts.indices {
            counts[index] += other.counts[index]
            differences[index] += other.differences[index]
        }
    }

    /// Coarseness, contrast, busyness, complexity, strength; nil where no voxel has a neighbour.
    func differenceValues() -> [Double?]? {
        let total = counts.reduce(0.0) { $0 + Double($1) }
        guard total > 0 else { return nil }
        let present = counts.indices.filter { counts[$0] > 0 }
        let shares = present.map { Double(counts[$0]) / total }
        let apart = present.map { differences[$0] }
        let levels = present.map { Double($0 + 1) }
        let weighted = zip(shares, apart).reduce(0) { $0 + $1.0 * $1.1 }
        let allApart = apart.reduce(0, +)
        var (contrast, busyness, complexity, strength) = (0.0, 0.0, 0.0, 0.0)
        for i in present.indices {
            for j in present.indices where i != j {
                let away = levels[i] - levels[j]
                contrast += shares[i] * shares[j] * away * away
                busyness += abs(levels[i] * shares[i] - levels[j] * shares[j])
                complexity +=
                    abs(away) * (shares[i] * apart[i] + shares[j] * apart[j])
                    / (shares[i] + shares[j])
                strength += (shares[i] + shares[j]) * away * away
            }
        }
        let n = Double(present.count)
        return [
            weighted > 0 ? 1 / weighted : 1e6,
            present.count > 1 ? contrast / (n * (n - 1)) * allApart / total : 0,
            busyness > 0 ? weighted / busyness : 0, complexity / total,
            allApart > 0 ? strength / allApart : 0,
        ]
    }
}
