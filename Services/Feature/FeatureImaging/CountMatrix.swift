import CFeatureImaging

/// How often each level comes with each extent: runs by length, zones by size or distance, voxels
/// by dependence.
struct CountMatrix {
    let levelCount: Int
    let extentCount: Int
    /// counts[(level - 1) * extentCount + extent - 1].
    var counts: [UInt32]
    /// Level and extent of what is beyond the last column.
    var large: [(level: Int, extent: Int)] = []
    /// The voxels that it was made of, once for each direction.
    var voxelCount = 0.0

    init(levelCount: Int, extentCount: Int) {
        self.levelCount = levelCount
        self.extentCount = extentCount
        counts = [UInt32](repeating: 0, count: levelCount * extentCount)
    }

    mutating func merge(_ other: CountMatrix) {
        for index in counts.indices { counts[index] += other.counts[index] }
        large += other.large
        voxelCount += other.voxelCount
    }

    private struct Sums {
        var total = 0.0
        var levels: [Double]
        var extents: [Double]
        /// Beyond the last column, by extent.
        var far: [Int: Double] = [:]
        var emphases = [Double](repeating: 0, count: 8)
        var means = (level: 0.0, extent: 0.0)
        var squares = (level: 0.0, extent: 0.0)
        /// Of count times logarithm of count, and of squared counts.
        var information = 0.0
        var energy = 0.0

        mutating func add(_ level: Int, _ extent: Int, _ count: Double) {
            let (i, j) = (Double(level), Double(extent))
            let (ii, jj) = (i * i, j * j)
            total += count
            levels[level - 1] += count
            if extent <= extents.count {
                extents[extent - 1] += count
            } else {
                far[extent, default: 0] += count
            }
            emphases[0] += count / jj
            emphases[1] += count * jj
            emphases[2] += count / ii
            emphases[3] += count * ii
            emphases[4] += count / (ii * jj)
            emphases[5] += count * ii / jj
            emphases[6] += count * jj / ii
            emphases[7] += count * ii * jj
            means.level += count * i
            means.extent += count * j
            squares.level += count * ii
            squares.extent += count * jj
            information += count * twin_image_log2(count)
            energy += count * count
        }
    }

    private func sums() -> Sums? {
        var sums = Sums(
            levels: .init(repeating: 0, count: levelCount),
            extents: .init(repeating: 0, count: extentCount))
        for level in 1...levelCount {
            let start = (level - 1) * extentCount
            for extent in 1...extentCount where counts[start + extent - 1] > 0 {
                sums.add(level, extent, Double(counts[start + extent - 1]))
            }
        }
        var beyond: [Int: [Int: Double]] = [:]
        for one in large { beyond[one.level, default: [:]][one.extent, default: 0] += 1 }
        for level in beyond.keys.sorted() {
            for (extent, count) in (beyond[level] ?? [:]).sorted(by: { $0.key < $1.key }) {
                sums.add(level, extent, count)
            }
        }
        return sums.total > 0 ? sums : nil
    }

    /// Emphases, non-uniformities, percentage, variances, entropy and energy; nil where there is
    /// nothing to count.
    func values() -> [Double?]? {
        guard let sums = sums() else { return nil }
        let n = sums.total
        let levels = sums.levels.reduce(0) { $0 + $1 * $1 }
        let far = sums.far.sorted { $0.key < $1.key }.map(\.value)
        let extents = (sums.extents + far).reduce(0) { $0 + $1 * $1 }
        let level = sums.means.level / n
        let extent = sums.means.extent / n
        return sums.emphases.map { $0 / n } + [
            levels / n, levels / (n * n), extents / n, extents / (n * n), n / voxelCount,
            sums.squares.level / n - level * level, sums.squares.extent / n - extent * extent,
            twin_image_log2(n) - sums.information / n, sums.energy / (n * n),
        ]
    }
}
