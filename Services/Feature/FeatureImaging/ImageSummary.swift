import CFeatureImaging
public import TwinImage

/// What an image says of itself where nobody outlined a region: a chest film counts too.
public struct ImageSummary: Sendable {
    /// One number of it; IBSI has no names for these.
    public struct Feature: Hashable, Sendable, Encodable {
        public let family: String
        public let feature: String
        public let value: Double
    }

    public let features: [Feature]

    /// Nil where the image holds no number.
    public init?(_ volume: Volume) {
        let size = volume.grid.size
        var numbers: [Float] = []
        numbers.reserveCapacity(size.count)
        switch volume.voxels {
        case .int16(let values): numbers = values.map { Float($0) }
        case .float(let values): numbers = values.filter(\.isFinite)
        }
        guard !numbers.isEmpty else { return nil }
        numbers.sort()
        let intensities = Intensities(sorted: numbers)
        let known = intensities.statistics()
        let names = FeatureNames.names(of: .statistics)
        var features = zip(names, known).compactMap { name, value in
            value.map {
                Feature(
                    family: "intensity", feature: String(name.name.dropFirst(5)), value: $0)
            }
        }
        let range = intensities.percentile(99) - intensities.percentile(1)
        let edges = ImageSummary.edges(volume, range: range)
        features += zip(["mean", "spread", "share"], edges).map {
            Feature(family: "edges", feature: $0, value: $1)
        }
        features += ImageSummary.texture(volume, intensities)
        self.features = features
    }

    /// How steep intensities are in the plane: the mean and the spread of the slope in shares of
    /// the range a pixel, and how much of the image is an edge (steeper than a tenth).
    private static func edges(_ volume: Volume, range: Double) -> [Double] {
        let size = volume.grid.size
        guard range > 0, size.x > 2, size.y > 2 else { return [0, 0, 0] }
        var (count, sum, squares, steep) = (0.0, 0.0, 0.0, 0.0)
        for z in 0..<size.z {
            for y in 1..<size.y - 1 {
                for x in 1..<size.x - 1 {
                    let along = Double(volume[x + 1, y, z] - volume[x - 1, y, z]) / 2
                    let across = Double(volume[x, y + 1, z] - volume[x, y - 1, z]) / 2
                    let slope = (along * along + across * across).squareRoot() / range
                    guard slope.isFinite else { continue }
                    count += 1
                    sum += slope
                    squares += slope * slope
                    if slope > 0.1 { steep += 1 }
                }
            }
        }
        guard count > 0 else { return [0, 0, 0] }
        let mean = sum / count
        return [mean, max(0, squares / count - mean * mean).squareRoot(), steep / count]
    }

    /// Co-occurrence in slices of thirty-two levels between the 1st and the 99th percentile.
    private static func texture(_ volume: Volume, _ intensities: Intensities) -> [Feature] {
        let whole = Mask(
            grid: volume.grid, inside: [UInt8](repeating: 1, count: volume.grid.size.count))
        let configuration = ImagingConfiguration(
            lowest: intensities.percentile(1), highest: intensities.percentile(99),
            binning: .count(32), dimensions: [.slices])
        guard let region = try? Region(volume, whole, configuration),
            let levels = try? GreyLevels(
                region, sorted: region.sortedValues(), configuration.binning)
        else { return [] }
        var matrix = CooccurrenceMatrix(levelCount: levels.count)
        for direction in levels.directions(inSlices: true) {
            matrix.add(levels, levels.slices, direction: direction)
        }
        guard let values = matrix.values() else { return [] }
        return zip(FeatureNames.names(of: .cooccurrence), values).compactMap { name, value in
            value.map {
                Feature(family: "texture", feature: String(name.name.dropFirst(3)), value: $0)
            }
        }
    }
}
