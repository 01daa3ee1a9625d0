public import TwinImage

/// The intensities that a picture shows from black to white.
public struct IntensityWindow: Hashable, Sendable {
    public let low: Double
    public let high: Double

    /// What is not said: on CT a soft-tissue window, else from the 1st to the 99th percentile; nil
    /// where the image holds no number.
    public init?(_ volume: Volume, _ mask: Mask? = nil, centre: Double? = nil, width: Double? = nil)
    {
        var sample: [Float] = []
        let size = volume.grid.size
        // Every voxel of a small image, about a hundred thousand of a large one.
        let step = max(1, Int(Double(size.count / 100_000).squareRoot()))
        for z in 0..<size.z {
            for y in stride(from: 0, to: size.y, by: step) {
                for x in stride(from: 0, to: size.x, by: step) {
                    let value = volume[x, y, z]
                    if value.isFinite { sample.append(value) }
                }
            }
        }
        guard !sample.isEmpty else { return nil }
        sample.sort()
        let isCT = volume.unit == .hounsfield && sample[0] < -200
        let least = isCT ? -160 : Double(sample[sample.count / 100])
        let most = isCT ? 240 : Double(sample[sample.count - 1 - sample.count / 100])
        let middle = centre ?? (least + most) / 2
        let whole = max(width ?? (most - least), 1e-6)
        low = middle - whole / 2
        high = middle + whole / 2
    }

    func grey(_ value: Float) -> UInt8 {
        guard value.isFinite else { return 0 }
        let share = (Double(value) - low) / (high - low)
        return UInt8((min(max(share, 0), 1) * 255).rounded())
    }
}

/// One slice of a volume as a doctor sees it, the region outlined, its pixels square.
public struct SlicePicture: Hashable, Sendable {
    public let width: Int
    public let height: Int
    /// Red, green and blue, row after row.
    public let colours: [UInt8]

    private static let outline: [UInt8] = [255, 64, 64]

    public init(_ volume: Volume, _ mask: Mask?, slice: Int, window: IntensityWindow) {
        let size = volume.grid.size
        precondition((0..<size.z).contains(slice))
        let spacing = volume.grid.spacingMm
        let least = min(spacing.x, spacing.y)
        let sides = [Double(size.x) * spacing.x / least, Double(size.y) * spacing.y / least]
        // A picture is at most 2,048 pixels wide and high.
        let scale = min(1, 2048 / max(sides[0], sides[1]))
        let (width, height) = (
            max(1, Int((sides[0] * scale).rounded())), max(1, Int((sides[1] * scale).rounded()))
        )
        // The patient's right is at the left, the back below, however the grid lies.
        let flipsX = volume.grid.axes[0].x < -0.5
        let flipsY = volume.grid.axes[1].y < -0.5
        var colours: [UInt8] = []
        colours.reserveCapacity(3 * width * height)
        func voxel(_ x: Int, _ y: Int) -> (Int, Int) {
            let column = min(size.x - 1, x * size.x / width)
            let row = min(size.y - 1, y * size.y / height)
            return (flipsX ? size.x - 1 - column : column, flipsY ? size.y - 1 - row : row)
        }
        for row in 0..<height {
            for column in 0..<width {
                let (x, y) = voxel(column, row)
                if let mask, SlicePicture.isEdge(mask, x, y, slice) {
                    colours += SlicePicture.outline
                } else {
                    let grey = window.grey(volume[x, y, slice])
                    colours += [grey, grey, grey]
                }
            }
        }
        self.width = width
        self.height = height
        self.colours = colours
    }

    private static func isEdge(_ mask: Mask, _ x: Int, _ y: Int, _ z: Int) -> Bool {
        let size = mask.grid.size
        guard mask.inside[mask.grid.index(x, y, z)] != 0 else { return false }
        guard x > 0, y > 0, x < size.x - 1, y < size.y - 1 else { return true }
        return [(-1, 0), (1, 0), (0, -1), (0, 1)].contains { step in
            mask.inside[mask.grid.index(x + step.0, y + step.1, z)] == 0
        }
    }

    public func png() -> [UInt8] { PNGPicture.file(width: width, height: height, colours: colours) }

    /// The slices worth seeing: the one with most of the region, and others spread over it; without
    /// a region, spread over the volume.
    public static func keySlices(_ volume: Volume, _ mask: Mask?, count: Int) -> [Int] {
        let size = volume.grid.size
        var areas = [Int](repeating: 1, count: size.z)
        if let mask {
            areas = (0..<size.z).map { slice in
                mask.inside[slice * size.sliceCount..<(slice + 1) * size.sliceCount].reduce(0) {
                    $0 + Int($1)
                }
            }
        }
        let present = areas.indices.filter { areas[$0] > 0 }
        guard !present.isEmpty else { return keySlices(volume, nil, count: count) }
        var chosen = Set(
            (0..<max(0, count - 1)).map { index in
                present[(2 * index + 1) * present.count / (2 * max(1, count - 1))]
            })
        let middle = present[present.count / 2]
        let fullest = present.max {
            (areas[$0], -abs($0 - middle)) < (areas[$1], -abs($1 - middle))
        }
        if let fullest { chosen.insert(fullest) }
        return chosen.sorted()
    }
}
