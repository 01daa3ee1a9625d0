import ArgumentParser
import FeatureImaging
import Foundation
import IngestNIfTI
import TwinCore
import TwinImage

/// An image on the command line, with the mask of a region where one is named.
struct ImagingSource: ParsableArguments {
    @Argument(help: "A NIfTI image (.nii, .nii.gz).") var image: String
    @Option(help: "A NIfTI mask on the grid of the image.") var mask: String?
    @Option(help: "The label of the region in the mask; all labels where none is given.")
    var label: Int?
    @Option(help: "What the numbers of a NIfTI image mean: HU, SUV or raw.") var unit = "HU"

    func validate() throws {
        guard ImageUnit(rawValue: unit) != nil else {
            throw ValidationError("--unit is HU, SUV or raw")
        }
    }

    func volume() throws -> Volume {
        let bytes = try FileList.bytes(of: image)
        do {
            return try NIfTIImage.volume(bytes, unit: ImageUnit(rawValue: unit) ?? .raw)
        } catch { throw CommandFailure("\(image) is refused: \(error)") }
    }

    /// The region; nil where no mask is named.
    func region() throws -> Mask? {
        guard let mask else { return nil }
        let bytes = try FileList.bytes(of: mask)
        do { return try NIfTIImage.mask(bytes, label: label) } catch {
            throw CommandFailure("\(mask) is refused: \(error)")
        }
    }

    /// A named configuration, or one in a file.
    static func configuration(_ name: String) throws -> ImagingConfiguration {
        if let named = ImagingConfiguration.named(name) { return named }
        guard FileManager.default.fileExists(atPath: name) else {
            let names = ImagingConfiguration.named.map(\.name).joined(separator: ", ")
            throw CommandFailure(
                "--config \(name) is no file, and no name among \(names)", status: 2)
        }
        do { return try ImagingConfiguration(file: try FileList.bytes(of: name)) } catch {
            guard let error = error as? ImagingError else { throw error }
            throw CommandFailure("\(name): \(error)")
        }
    }
}

/// One feature, as programs read it.
struct ImagingRow: Encodable {
    let family: String
    let feature: String
    let ibsi: String
    let aggregation: String
    let value: Double?
    let unit: String

    init(_ one: ImagingFeature) {
        family = one.family.rawValue
        feature = one.name
        ibsi = one.code
        aggregation = one.aggregation?.code ?? ""
        value = one.value
        unit = one.unit
    }
}
