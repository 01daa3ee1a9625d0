import CFeatureImaging

/// What the intensities of a region say without their places, the sorted ones given.
struct Intensities {
    let sorted: [Float]
    private let count: Double
    let mean: Double

    init(sorted: [Float]) {
        precondition(!sorted.isEmpty)
        self.sorted = sorted
        count = Double(sorted.count)
        mean = sorted.reduce(0.0) { $0 + Double($1) } / count
    }

    /// Between two intensities a percentile is linear.
    func percentile(_ percent: Double) -> Double {
        let place = percent / 100 * (count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        let part = place - Double(low)
        return Double(sorted[low]) + part * Double(sorted[high] - sorted[low])
    }

    private func powers(_ values: [Float], about centre: Double) -> [Double] {
        var sums = [Double](repeating: 0, count: 5)
        unsafe values.withUnsafeBufferPointer { values in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                unsafe twin_values_powers(
                    values.baseAddress, Int64(values.count), centre, sums.baseAddress)
            }
        }
        return sums
    }

    /// The figures that statistics and histogram share.
    struct Figures {
        var variance, skewness, kurtosis, median, least, tenth, ninetieth, most: Double
        var quartiles, deviation, robust, medianDeviation: Double
        var variation, dispersion: Double?
        var energy: Double
    }

    func figures() -> Figures {
        let sums = powers(sorted, about: mean)
        let variance = sums[0] / count
        let middle = percentile(50)
        let (low, high) = (percentile(25), percentile(75))
        let (tenth, ninetieth) = (percentile(10), percentile(90))
        let robust = Intensities(
            sorted: sorted.filter { Double($0) >= tenth && Double($0) <= ninetieth })
        return Figures(
            variance: variance,
            skewness: variance > 0 ? sums[1] / count / twin_image_power(variance, 1.5) : 0,
            kurtosis: variance > 0 ? sums[2] / count / (variance * variance) - 3 : 0,
            median: middle, least: Double(sorted[0]), tenth: tenth, ninetieth: ninetieth,
            most: Double(sorted[sorted.count - 1]), quartiles: high - low,
            deviation: sums[3] / count,
            robust: robust.powers(robust.sorted, about: robust.mean)[3] / robust.count,
            medianDeviation: powers(sorted, about: middle)[3] / count,
            variation: mean != 0 ? variance.squareRoot() / mean : nil,
            dispersion: high + low != 0 ? (high - low) / (high + low) : nil, energy: sums[4])
    }

    func statistics() -> [Double?] {
        let f = figures()
        return [
            mean, f.variance, f.skewness, f.kurtosis, f.median, f.least, f.tenth, f.ninetieth,
            f.most, f.quartiles, f.most - f.least, f.deviation, f.robust, f.medianDeviation,
            f.variation, f.dispersion, f.energy, (f.energy / count).squareRoot(),
        ]
    }

    /// Of the levels instead of the intensities: how many voxels each has.
    static func histogram(_ counts: [Int]) -> [Double?] {
        let levels = Intensities(
            sorted: counts.enumerated().flatMap { level, count in
                [Float](repeating: Float(level + 1), count: count)
            })
        let f = levels.figures()
        let shares = counts.map { Double($0) / levels.count }
        let entropy = shares.reduce(0) { $1 > 0 ? $0 - $1 * twin_image_log2($1) : $0 }
        let uniformity = shares.reduce(0) { $0 + $1 * $1 }
        let most = counts.max() ?? 0
        let modes = counts.indices.filter { counts[$0] == most }.map { Double($0 + 1) }
        let mode = modes.min { abs($0 - levels.mean) < abs($1 - levels.mean) }
        let slopes = slopes(counts)
        let steepest = slopes.indices.max { slopes[$0] < slopes[$1] }
        let fall = slopes.indices.min { slopes[$0] < slopes[$1] }
        return [
            levels.mean, f.variance, f.skewness, f.kurtosis, f.median, f.least, f.tenth,
            f.ninetieth, f.most, mode, f.quartiles, f.most - f.least, f.deviation, f.robust,
            f.medianDeviation, f.variation, f.dispersion, entropy, uniformity,
            steepest.map { slopes[$0] }, steepest.map { Double($0 + 1) }, fall.map { slopes[$0] },
            fall.map { Double($0 + 1) },
        ]
    }

    /// How the histogram rises: by half the difference of the neighbours, at the ends by that of
    /// the end.
    private static func slopes(_ counts: [Int]) -> [Double] {
        guard counts.count > 1 else { return [] }
        return counts.indices.map { index in
            if index == 0 { return Double(counts[1] - counts[0]) }
            if index == counts.count - 1 { return Double(counts[index] - counts[index - 1]) }
            return Double(counts[index + 1] - counts[index - 1]) / 2
        }
    }
}
