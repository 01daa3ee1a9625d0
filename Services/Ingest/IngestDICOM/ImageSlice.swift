import TwinCore
import TwinImage

/// One frame of a series: where it lies, and how its numbers are to be read.
struct ImageSlice {
    let instance: String
    let frame: Int
    let originMm: SIMD3<Double>
    let axes: [SIMD3<Double>]
    /// Between columns (x) and between rows (y).
    let spacingMm: (x: Double, y: Double)
    let thicknessMm: Double?
    let slope: Double
    let intercept: Double

    var normal: SIMD3<Double> {
        let (a, b) = (axes[0], axes[1])
        return .init(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }

    /// Along the normal, from the patient's middle.
    var height: Double { (originMm * normal).sum() }

    /// The slices of an object, one for each frame.
    static func slices(
        _ item: DICOMItem, frameCount: Int
    ) throws(Refusal) -> [ImageSlice] {
        let shared = item.items(0x5200_9229).first
        let perFrame = item.items(0x5200_9230)
        guard perFrame.isEmpty || perFrame.count == frameCount else {
            throw Refusal(.malformed, "\(perFrame.count) descriptions of \(frameCount) frames")
        }
        var slices: [ImageSlice] = []
        for frame in 0..<frameCount {
            let own = perFrame.isEmpty ? nil : perFrame[frame]
            /// What is said of the frame, of all frames, or of the object.
            func group(_ tag: DICOMTag) -> DICOMItem {
                own?.items(tag).first ?? shared?.items(tag).first ?? item
            }
            slices.append(
                try ImageSlice(
                    item, frame, position: group(0x0020_9113), orientation: group(0x0020_9116),
                    measures: group(0x0028_9110), values: group(0x0028_9145)))
        }
        return slices
    }

    private init(
        _ item: DICOMItem, _ frame: Int, position: DICOMItem, orientation: DICOMItem,
        measures: DICOMItem, values: DICOMItem
    ) throws(Refusal) {
        instance = item.word(0x0008_0018) ?? ""
        self.frame = frame
        guard let place = position.decimals(0x0020_0032), place.count == 3,
            let turn = orientation.decimals(0x0020_0037), turn.count == 6
        else { throw Refusal(.unsupported, "a slice without position and orientation") }
        originMm = .init(place[0], place[1], place[2])
        let along = SIMD3(turn[0], turn[1], turn[2])
        let across = SIMD3(turn[3], turn[4], turn[5])
        let lengths = [along, across].map { ($0 * $0).sum().squareRoot() }
        guard lengths.allSatisfy({ abs($0 - 1) < 0.01 }), abs((along * across).sum()) < 0.01
        else { throw Refusal(.malformed, "the orientation of a slice is \(turn)") }
        axes = [along / lengths[0], across / lengths[1]]
        guard let spacing = measures.decimals(0x0028_0030), spacing.count == 2,
            spacing.allSatisfy({ (1e-4...1e4).contains($0) })
        else { throw Refusal(.malformed, "a slice without a spacing of its pixels") }
        spacingMm = (spacing[1], spacing[0])
        thicknessMm = measures.decimal(0x0018_0050).flatMap { $0 > 0 && $0 < 1e4 ? $0 : nil }
        slope = values.decimal(0x0028_1053) ?? 1
        intercept = values.decimal(0x0028_1052) ?? 0
    }
}
