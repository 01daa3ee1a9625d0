public import TwinCore
public import TwinImage

/// A series of images, put together to a volume by where its slices lie.
public struct DICOMSeries: Sendable {
    public let volume: Volume
    public let modality: String
    public let seriesIdentifier: String
    /// What a reader should know: that the numbers could not become HU or SUV, for one.
    public let notes: [String]

    /// Instances in any order; one that came twice counts once, and all must be of one series.
    public init(
        _ files: [DICOMDataset], limits: ImageLimits = ImageLimits()
    ) throws(Refusal) {
        guard let first = files.first?.root else {
            throw Refusal(.malformed, "a series without an instance")
        }
        seriesIdentifier = first.word(0x0020_000E) ?? ""
        modality = first.word(0x0008_0060) ?? ""
        var seen: Set<String> = []
        var slices: [(slice: ImageSlice, values: ArraySlice<Int32>, layout: PixelLayout)] = []
        var count = 0
        for file in files {
            let root = file.root
            guard root.word(0x0020_000E) ?? "" == seriesIdentifier else {
                throw Refusal(.conflict, "instances of more than one series")
            }
            guard seen.insert(root.word(0x0008_0018) ?? "").inserted else { continue }
            let layout = try PixelLayout(root, limits: limits)
            count += layout.frameValues * layout.frameCount
            guard count <= limits.voxelsMax else {
                throw Refusal(.tooLarge, "a series of more than \(limits.voxelsMax) voxels")
            }
            let values = try DICOMFrames.values(root, layout)
            let own = try ImageSlice.slices(root, frameCount: layout.frameCount)
            for (frame, slice) in own.enumerated() {
                let start = frame * layout.frameValues
                slices.append((slice, values[start..<start + layout.frameValues], layout))
            }
        }
        slices.sort { $0.slice.height < $1.slice.height }
        let layout = slices[0].layout
        guard
            slices.allSatisfy({
                $0.layout.rows == layout.rows && $0.layout.columns == layout.columns
            })
        else { throw Refusal(.conflict, "slices of different sizes") }
        let grid = try DICOMSeries.grid(slices.map(\.slice), layout)
        let scale = DICOMSeries.scale(first, modality)
        notes = scale.note.map { [$0] } ?? []
        volume = Volume(
            grid: grid, voxels: DICOMSeries.voxels(slices.map { ($0.slice, $0.values) }, scale),
            unit: scale.unit)
    }

    /// The grid of slices that are sorted; gaps, tilts and mixed spacings are refused.
    static func grid(_ slices: [ImageSlice], _ layout: PixelLayout) throws(Refusal) -> ImageGrid {
        let first = slices[0]
        for slice in slices {
            let turns = zip(slice.axes, first.axes).map { ($0 * $1).sum() }
            guard turns.allSatisfy({ $0 > 0.9999 }) else {
                throw Refusal(.conflict, "slices of different orientations")
            }
            guard abs(slice.spacingMm.x - first.spacingMm.x) < 1e-3,
                abs(slice.spacingMm.y - first.spacingMm.y) < 1e-3
            else { throw Refusal(.conflict, "slices of different pixel spacings") }
        }
        var step = first.thicknessMm ?? 1
        let steps = zip(slices.dropFirst(), slices).map { $0.height - $1.height }
        if !steps.isEmpty {
            guard steps.allSatisfy({ $0 > 1e-3 }) else {
                throw Refusal(.conflict, "two slices at one place")
            }
            step = steps.sorted()[steps.count / 2]
            for (index, own) in steps.enumerated() where abs(own - step) > max(0.02 * step, 0.01) {
                let missing = Int((own / step).rounded()) - 1
                throw Refusal(
                    .malformed,
                    missing > 0
                        ? "\(missing) slices are missing after slice \(index + 1)"
                        : "slices \(step) mm and \(own) mm apart")
            }
            let way = slices[slices.count - 1].originMm - first.originMm
            let aside = way - first.normal * (way * first.normal).sum()
            guard (aside * aside).sum().squareRoot() <= 0.01 * (way * way).sum().squareRoot() + 0.01
            else { throw Refusal(.unsupported, "slices of a tilted gantry") }
        }
        return ImageGrid(
            size: GridSize(layout.columns, layout.rows, slices.count),
            spacingMm: .init(first.spacingMm.x, first.spacingMm.y, step),
            originMm: first.originMm, axes: first.axes + [first.normal])
    }

    struct Scale {
        var unit: ImageUnit
        /// By which what the slices say is multiplied.
        var factor = 1.0
        var note: String?
    }

    private static func scale(_ item: DICOMItem, _ modality: String) -> Scale {
        switch modality {
        case "CT":
            guard let slope = item.decimal(0x0028_1053), slope != 0,
                item.decimal(0x0028_1052) != nil
            else {
                let isEnhanced = item.has(0x5200_9229)
                return isEnhanced
                    ? Scale(unit: .hounsfield)
                    : Scale(unit: .raw, note: "a CT without a rescale slope is not in HU")
            }
            let type = item.word(0x0028_1054) ?? "HU"
            return type == "HU"
                ? Scale(unit: .hounsfield)
                : Scale(unit: .raw, note: "a CT whose rescale type is \(type)")
        case "PT": return UptakeScale.scale(item)
        default: return Scale(unit: .raw)
        }
    }

    /// Whole numbers stay whole where they fit.
    private static func voxels(
        _ slices: [(slice: ImageSlice, values: ArraySlice<Int32>)], _ scale: Scale
    ) -> Voxels {
        let isWhole = slices.allSatisfy { slice, values in
            slice.slope == 1 && slice.intercept == slice.intercept.rounded() && scale.factor == 1
                && abs(slice.intercept) < 65_536
        }
        if isWhole {
            var all: [Int16] = []
            all.reserveCapacity(slices.reduce(0) { $0 + $1.values.count })
            fitting: for (slice, values) in slices {
                let offset = Int64(slice.intercept)
                for value in values {
                    guard let small = Int16(exactly: Int64(value) + offset) else { break fitting }
                    all.append(small)
                }
            }
            if all.count == slices.reduce(0, { $0 + $1.values.count }) { return .int16(all) }
        }
        var all: [Float] = []
        all.reserveCapacity(slices.reduce(0) { $0 + $1.values.count })
        for (slice, values) in slices {
            let slope = slice.slope == 0 ? 1 : slice.slope
            for value in values {
                all.append(Float((Double(value) * slope + slice.intercept) * scale.factor))
            }
        }
        return .float(all)
    }
}
