public import TwinCore
public import TwinImage

/// The segments of a DICOM SEG: frames of bits, each of one segment at one place.
public struct SegmentationObject: Sendable {
    public struct Segment: Hashable, Sendable {
        public let number: Int
        public let label: String
    }

    public let segments: [Segment]
    private let layout: PixelLayout
    private let values: [Int32]
    private let slices: [ImageSlice]
    private let numbers: [Int]

    public init(
        _ dataset: DICOMDataset, limits: ImageLimits = ImageLimits()
    ) throws(Refusal) {
        let root = dataset.root
        guard root.word(0x0008_0060) == "SEG" else {
            throw Refusal(.unsupported, "no SEG: modality \(root.word(0x0008_0060) ?? "none")")
        }
        layout = try PixelLayout(root, limits: limits)
        values = try DICOMFrames.values(root, layout)
        slices = try ImageSlice.slices(root, frameCount: layout.frameCount)
        segments = root.items(0x0062_0002).compactMap { item in
            item.unsigned16(0x0062_0004).map {
                Segment(number: $0, label: item.text(0x0062_0005) ?? "")
            }
        }
        let shared = root.items(0x5200_9229).first?.items(0x0062_000A).first
        let known = root.items(0x5200_9230).map { frame in
            (frame.items(0x0062_000A).first ?? shared)?.unsigned16(0x0062_000B)
        }
        guard known.count == layout.frameCount, !known.contains(nil) else {
            throw Refusal(.malformed, "a frame of a SEG that is of no segment")
        }
        numbers = known.compactMap { $0 }
    }

    /// The voxels of one segment on the grid of an image, whose slices it must share.
    public func mask(of segment: Int, on grid: ImageGrid) throws(Refusal) -> Mask {
        var inside = [UInt8](repeating: 0, count: grid.size.count)
        for (frame, slice) in slices.enumerated() where numbers[frame] == segment {
            let place = grid.voxel(atMm: slice.originMm)
            let whole = place.rounded(.toNearestOrAwayFromZero)
            let isOn =
                layout.columns == grid.size.x && layout.rows == grid.size.y
                && whole.x == 0 && whole.y == 0 && (0..<Double(grid.size.z)).contains(whole.z)
                && abs(place - whole).max() < 0.1
                && zip(slice.axes, grid.axes).allSatisfy { ($0 * $1).sum() > 0.999 }
            guard isOn else {
                throw Refusal(.conflict, "a frame of the SEG is on no slice of the image")
            }
            let start = Int(whole.z) * grid.size.sliceCount
            for index in 0..<layout.frameValues
            where values[frame * layout.frameValues + index] != 0 {
                inside[start + index] = 1
            }
        }
        return Mask(grid: grid, inside: inside)
    }
}

private func abs(_ vector: SIMD3<Double>) -> SIMD3<Double> {
    vector.replacing(with: -vector, where: vector .< 0)
}
