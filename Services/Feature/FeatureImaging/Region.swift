import CFeatureImaging
import TwinImage

/// A region of an image, made ready to be measured.
///
/// Its arrays hold the box around the region with one voxel of outside around it.
struct Region {
    let box: TwinBox
    let spacingMm: SIMD3<Double>
    let values: [Float]
    /// The region's shape.
    let shape: [UInt8]
    /// What of it is in the range of intensities.
    let inside: [UInt8]
    let insideCount: Int
    /// The image around the box, and where the box begins there.
    let surroundings: Surroundings
    /// The range of intensities that was asked for, where it was.
    let lowest: Double?
    let highest: Double?

    struct Surroundings {
        var values: [Float]
        var sides: TwinBox
        var start: TwinBox
    }

    var voxelMm3: Double { spacingMm.x * spacingMm.y * spacingMm.z }
    var spacing: [Double] { [spacingMm.x, spacingMm.y, spacingMm.z] }

    init(
        _ volume: Volume, _ mask: Mask, _ configuration: ImagingConfiguration
    ) throws(ImagingError) {
        guard volume.grid.isSame(as: mask.grid) else { throw .otherGrid }
        var piece = try Piece(volume, mask, configuration.resampling)
        if configuration.rounds {
            unsafe piece.values.withUnsafeMutableBufferPointer { values in
                unsafe twin_image_round(values.baseAddress, Int64(values.count))
            }
        }
        guard let (low, high) = Piece.bounds(piece.mask, piece.sides) else { throw .emptyRegion }
        let inner = GridSize(high.x - low.x + 1, high.y - low.y + 1, high.z - low.z + 1)
        let padded = GridSize(inner.x + 2, inner.y + 2, inner.z + 2)
        guard max(padded.x, padded.y, padded.z) < 16_000, padded.count < Int(Int32.max) else {
            throw .tooLarge("a region of \(inner) voxels")
        }
        box = TwinBox(x: Int64(padded.x), y: Int64(padded.y), z: Int64(padded.z))
        spacingMm = piece.spacingMm
        (values, shape) = piece.padded(low, padded)
        surroundings = Surroundings(
            values: piece.values,
            sides: TwinBox(
                x: Int64(piece.sides.x), y: Int64(piece.sides.y), z: Int64(piece.sides.z)),
            start: TwinBox(x: Int64(low.x - 1), y: Int64(low.y - 1), z: Int64(low.z - 1)))
        lowest = configuration.lowest
        highest = configuration.highest
        let (least, most) = Region.range(values, shape, configuration)
        var inside = shape
        var count = 0
        for index in inside.indices where inside[index] != 0 {
            // What is not a number is in no range.
            let isInRange = Double(values[index]) >= least && Double(values[index]) <= most
            inside[index] = isInRange ? 1 : 0
            count += isInRange ? 1 : 0
        }
        guard count > 0 else { throw .nothingInRange }
        self.inside = inside
        insideCount = count
    }

    /// The range of intensities that stay: as asked for, and within the standard deviations of all
    /// of the region.
    private static func range(
        _ values: [Float], _ shape: [UInt8], _ configuration: ImagingConfiguration
    ) -> (Double, Double) {
        var least = configuration.lowest ?? -Double(Float.greatestFiniteMagnitude)
        var most = configuration.highest ?? Double(Float.greatestFiniteMagnitude)
        guard let sigmas = configuration.sigmas else { return (least, most) }
        var count = 0.0
        var sum = 0.0
        var squares = 0.0
        for index in shape.indices where shape[index] != 0 && values[index].isFinite {
            count += 1
            sum += Double(values[index])
        }
        let mean = sum / max(count, 1)
        for index in shape.indices where shape[index] != 0 && values[index].isFinite {
            let away = Double(values[index]) - mean
            squares += away * away
        }
        let spread = sigmas * (squares / max(count, 1)).squareRoot()
        least = max(least, mean - spread)
        most = min(most, mean + spread)
        return (least, most)
    }

    /// The intensities inside, sorted.
    func sortedValues() -> [Float] {
        var sorted: [Float] = []
        sorted.reserveCapacity(insideCount)
        for index in inside.indices where inside[index] != 0 { sorted.append(values[index]) }
        var scratch = sorted
        unsafe sorted.withUnsafeMutableBufferPointer { sorted in
            unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                unsafe twin_values_sort(
                    sorted.baseAddress, Int64(sorted.count), scratch.baseAddress)
            }
        }
        return sorted
    }
}
