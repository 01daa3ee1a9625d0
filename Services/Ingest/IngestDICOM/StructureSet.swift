public import TwinCore
public import TwinImage

/// The regions of an RTSTRUCT: contours that somebody drew on the slices of a series.
public struct StructureSet: Sendable {
    public struct Region: Sendable {
        public let number: Int
        public let name: String
        /// Closed ways, each the places of its corners.
        let contours: [[SIMD3<Double>]]
    }

    public let regions: [Region]

    private static let cornersMax = 4 << 20

    public init(_ dataset: DICOMDataset) throws(Refusal) {
        let root = dataset.root
        guard root.word(0x0008_0060) == "RTSTRUCT" else {
            throw Refusal(.unsupported, "no RTSTRUCT: modality \(root.word(0x0008_0060) ?? "none")")
        }
        var names: [Int: String] = [:]
        for region in root.items(0x3006_0020) {
            if let number = region.integer(0x3006_0022) {
                names[number] = region.text(0x3006_0026) ?? ""
            }
        }
        var regions: [Region] = []
        var cornerCount = 0
        for drawn in root.items(0x3006_0039) {
            guard let number = drawn.integer(0x3006_0084) else { continue }
            var contours: [[SIMD3<Double>]] = []
            for contour in drawn.items(0x3006_0040)
            where contour.word(0x3006_0042) == "CLOSED_PLANAR" {
                guard let numbers = contour.decimals(0x3006_0050), numbers.count % 3 == 0 else {
                    throw Refusal(.malformed, "a contour of region \(number)")
                }
                cornerCount += numbers.count / 3
                guard cornerCount <= StructureSet.cornersMax else {
                    throw Refusal(.tooLarge, "contours of more than \(cornerCount) corners")
                }
                contours.append(
                    stride(from: 0, to: numbers.count, by: 3).map {
                        .init(numbers[$0], numbers[$0 + 1], numbers[$0 + 2])
                    })
            }
            regions.append(
                Region(number: number, name: names[number] ?? "", contours: contours))
        }
        self.regions = regions
    }

    /// The voxels whose centres lie within a region's contours; a contour within another is a hole.
    public func mask(of region: Region, on grid: ImageGrid) -> Mask {
        var inside = [UInt8](repeating: 0, count: grid.size.count)
        for contour in region.contours where contour.count >= 3 {
            let corners = contour.map { grid.voxel(atMm: $0) }
            let height = corners.reduce(0) { $0 + $1.z } / Double(corners.count)
            guard height > -0.5, height < Double(grid.size.z) - 0.5 else { continue }
            let slice = Int(height.rounded())
            StructureSet.fill(&inside, grid, slice, corners)
        }
        return Mask(grid: grid, inside: inside)
    }

    /// Turns over every voxel of a slice that has the contour to its left an odd number of times.
    private static func fill(
        _ inside: inout [UInt8], _ grid: ImageGrid, _ slice: Int, _ corners: [SIMD3<Double>]
    ) {
        var crossings = [[Double]](repeating: [], count: grid.size.y)
        for (index, a) in corners.enumerated() {
            let b = corners[(index + 1) % corners.count]
            let (low, high) = a.y < b.y ? (a, b) : (b, a)
            // A row at the lower corner counts, one at the upper does not.
            let first = max(0, Int(max(low.y.rounded(.up), -1)))
            let last = min(grid.size.y - 1, Int(min(high.y.rounded(.up), 1e6)) - 1)
            guard first <= last else { continue }
            for row in first...last {
                let share = (Double(row) - low.y) / (high.y - low.y)
                crossings[row].append(low.x + share * (high.x - low.x))
            }
        }
        for (row, ends) in crossings.enumerated() where ends.count > 1 {
            let sorted = ends.sorted()
            for pair in 0..<sorted.count / 2 {
                let start = max(0, Int(max(sorted[2 * pair].rounded(.up), -1)))
                let end = min(grid.size.x - 1, Int(min(sorted[2 * pair + 1], 1e6).rounded(.down)))
                guard start <= end else { continue }
                for x in start...end { inside[grid.index(x, row, slice)] ^= 1 }
            }
        }
    }
}
