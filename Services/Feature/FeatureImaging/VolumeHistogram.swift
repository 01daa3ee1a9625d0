/// How much of a region is at least so bright.
struct VolumeHistogram {
    /// The intensities that stand for the bins, and the share of the volume from each on.
    private let intensities: [Double]
    private let shares: [Double]
    private let step: Double

    init(
        sorted: [Float], lowest: Double?, highest: Double?,
        _ binning: ImagingConfiguration.Binning
    ) throws(ImagingError) {
        let binMax = 1 << 20
        let least = lowest ?? Double(sorted[0])
        let most = highest ?? Double(sorted[sorted.count - 1])
        var bin: (Double) -> Int
        let count: Double
        switch binning {
        case .none:
            count = (most - least).rounded(.down) + 1
            bin = { Int(($0 - least).rounded(.down)) }
            step = 1
        case .size(let size):
            count = ((most - least) / size).rounded(.up) + 1
            bin = { Int((($0 - least) / size).rounded(.down)) }
            step = size
        case .count(let bins):
            let (low, high) = (Double(sorted[0]), Double(sorted[sorted.count - 1]))
            let scale = high > low ? Double(bins) / (high - low) : 0
            count = Double(bins)
            bin = { min(bins - 1, Int((($0 - low) * scale).rounded(.down))) }
            step = 1
        }
        guard count < Double(binMax) else { throw .tooManyLevels(Int(min(count, 1e15))) }
        let first: Double =
            switch binning {
            case .none: least
            case .size(let size): least + 0.5 * size
            case .count: 1
            }
        var counts = [Int](repeating: 0, count: Int(count))
        for value in sorted { counts[min(max(0, bin(Double(value))), counts.count - 1)] += 1 }
        let width = step
        intensities = counts.indices.map { first + Double($0) * width }
        var left = sorted.count
        shares = counts.map { own in
            defer { left -= own }
            return Double(left) / Double(sorted.count)
        }
    }

    /// The share of the volume that has at least a share of the range of intensities.
    private func volume(at share: Double) -> Double? {
        guard intensities.count > 1 else { return 1 }
        let last = Double(intensities.count - 1)
        let place = intensities.indices.first { Double($0) / last >= share }
        return place.map { shares[$0] }
    }

    /// The least intensity that at most a share of the volume has.
    private func intensity(at share: Double) -> Double {
        guard let place = shares.indices.first(where: { shares[$0] <= share }) else {
            return intensities[intensities.count - 1] + step
        }
        return intensities[place]
    }

    /// The area under the volume as a function of the share of intensities.
    private var area: Double {
        guard intensities.count > 1 else { return 1 }
        let width = 1 / Double(intensities.count - 1)
        return (1..<shares.count).reduce(0) { $0 + (shares[$1] + shares[$1 - 1]) / 2 * width }
    }

    func values() -> [Double?] {
        let (v10, v90) = (volume(at: 0.1), volume(at: 0.9))
        let (i10, i90) = (intensity(at: 0.1), intensity(at: 0.9))
        let apart = v10.flatMap { high in v90.map { high - $0 } }
        return [v10, v90, i10, i90, apart, i10 - i90, area]
    }
}
