import CFeatureImaging

/// How often levels lie beside each other: both ways, so that the matrix is symmetric.
struct CooccurrenceMatrix {
    let levelCount: Int
    /// Row and column 0 are outside.
    private(set) var counts: [UInt32]

    init(levelCount: Int) {
        self.levelCount = levelCount
        counts = [UInt32](repeating: 0, count: (levelCount + 1) * (levelCount + 1))
    }

    mutating func add(_ levels: GreyLevels, _ slices: Range<Int>, direction: Int64) {
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            unsafe levels.withSlab(slices) { slab in
                unsafe twin_texture_pairs(
                    slab, direction, Int64(levelCount), counts.baseAddress)
            }
        }
    }

    mutating func merge(_ other: CooccurrenceMatrix) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// Sums that the features are made of.
    private struct Sums {
        var rows: [Double]
        var apart: [Double]
        var together: [Double]
        var most = 0.0
        var energy = 0.0
        var entropy = 0.0
        var product = 0.0
    }

    private func sums() -> Sums? {
        let n = levelCount
        var total = 0.0
        for row in 1...n {
            for column in 1...n { total += 2 * Double(counts[row * (n + 1) + column]) }
        }
        guard total > 0 else { return nil }
        var sums = Sums(
            rows: .init(repeating: 0, count: n + 1), apart: .init(repeating: 0, count: n),
            together: .init(repeating: 0, count: 2 * n + 1))
        for row in 1...n {
            for column in row...n {
                let count = counts[row * (n + 1) + column]
                let mirrored = counts[column * (n + 1) + row]
                guard count + mirrored > 0 else { continue }
                // A pair of equal levels counts both ways in one place.
                let share = Double(count + mirrored) / total
                let times = row == column ? 1.0 : 2
                sums.rows[row] += share
                if row != column { sums.rows[column] += share }
                sums.apart[column - row] += times * share
                sums.together[row + column] += times * share
                sums.most = max(sums.most, share)
                sums.energy += times * share * share
                sums.entropy -= times * share * twin_image_log2(share)
                sums.product += times * share * Double(row * column)
            }
        }
        return sums
    }

    private static func moments(_ shares: [Double]) -> (mean: Double, variance: Double) {
        var mean = 0.0
        for (place, share) in shares.enumerated() { mean += Double(place) * share }
        var variance = 0.0
        for (place, share) in shares.enumerated() {
            variance += (Double(place) - mean) * (Double(place) - mean) * share
        }
        return (mean, variance)
    }

    private static func entropy(_ shares: [Double]) -> Double {
        shares.reduce(0) { $1 > 0 ? $0 - $1 * twin_image_log2($1) : $0 }
    }

    /// In the order of the names; nil where there is no pair.
    func values() -> [Double?]? {
        guard let sums = sums() else { return nil }
        let (mean, variance) = Self.moments(sums.rows)
        let apart = Self.moments(sums.apart)
        let together = Self.moments(sums.together)
        let n = Double(levelCount)
        var contrast = 0.0
        var inverse = [0.0, 0, 0, 0, 0]
        for (place, share) in sums.apart.enumerated() {
            let k = Double(place)
            contrast += k * k * share
            inverse[0] += share / (1 + k)
            inverse[1] += share / (1 + k / n)
            inverse[2] += share / (1 + k * k)
            inverse[3] += share / (1 + k * k / (n * n))
            if place > 0 { inverse[4] += share / (k * k) }
        }
        var clusters = [0.0, 0, 0]
        for (place, share) in sums.together.enumerated() {
            let away = Double(place) - 2 * mean
            clusters[0] += away * away * share
            clusters[1] += away * away * away * share
            clusters[2] += away * away * away * away * share
        }
        let rowEntropy = Self.entropy(sums.rows)
        // Both ways of taking the rows as independent give twice their entropy.
        let first = rowEntropy > 0 ? (sums.entropy - 2 * rowEntropy) / rowEntropy : 0
        let second = max(0, 1 - twin_image_exp(-2 * (2 * rowEntropy - sums.entropy)))
        return [
            sums.most, mean, variance, sums.entropy, apart.mean, apart.variance,
            Self.entropy(sums.apart), together.mean, together.variance,
            Self.entropy(sums.together), sums.energy, contrast, apart.mean, inverse[0],
            inverse[1], inverse[2], inverse[3], inverse[4],
            variance > 0 ? (sums.product - mean * mean) / variance : 1, sums.product, clusters[0],
            clusters[1], clusters[2], first, second.squareRoot(),
        ]
    }
}
