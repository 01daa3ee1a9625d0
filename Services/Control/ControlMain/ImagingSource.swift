import ArgumentParser
import FeatureImaging
import Foundation
import IngestDICOM
import IngestNIfTI
import TwinCore
import TwinImage

/// An image on the command line, with the mask of a region where one is named.
struct ImagingSource: ParsableArguments {
    @Argument(
        help: "A NIfTI image (.nii, .nii.gz), a DICOM file, a DICOMDIR or a folder of one series.")
    var image: String
    @Option(help: "A NIfTI mask on the grid of the image, an RTSTRUCT or a DICOM SEG.")
    var mask: String?
    @Option(
        help:
            "The region of the mask: a label, a name or a number; all there is where none is given."
    )
    var region: String?
    @Option(help: "What the numbers of a NIfTI image mean: HU, SUV or raw.") var unit = "HU"

    func validate() throws {
        guard ImageUnit(rawValue: unit) != nil else {
            throw ValidationError("--unit is HU, SUV or raw")
        }
    }

    func volume() throws -> Volume {
        let files = try DICOMFolder.files(image)
        do {
            guard !files.isEmpty else {
                return try NIfTIImage.volume(
                    try FileList.bytes(of: image), unit: ImageUnit(rawValue: unit) ?? .raw)
            }
            let series = try DICOMSeries(files)
            for note in series.notes { Output.note("note: \(note)") }
            return series.volume
        } catch let refusal as Refusal {
            throw CommandFailure("\(image) is refused: \(refusal)")
        }
    }

    /// The region; nil where no mask is named.
    func region(on grid: ImageGrid) throws -> Mask? {
        guard let mask else { return nil }
        let bytes = try FileList.bytes(of: mask)
        do {
            guard DICOMFile.isLikely(bytes) else {
                guard let region else { return try NIfTIImage.mask(bytes) }
                guard let label = Int(region) else {
                    throw CommandFailure("--region of a NIfTI mask is a number", status: 2)
                }
                return try NIfTIImage.mask(bytes, label: label)
            }
            let dataset = try DICOMFile(bytes).dataset
            return dataset.root.word(0x0008_0060) == "SEG"
                ? try segment(SegmentationObject(dataset), on: grid)
                : try drawn(StructureSet(dataset), on: grid)
        } catch let refusal as Refusal {
            throw CommandFailure("\(mask) is refused: \(refusal)")
        }
    }

    private func drawn(_ set: StructureSet, on grid: ImageGrid) throws -> Mask {
        let chosen = set.regions.filter { one in
            region.map { $0 == one.name || Int($0) == one.number } ?? true
        }
        guard chosen.count == 1 else {
            let names = set.regions.map { "\($0.name) (\($0.number))" }.joined(separator: ", ")
            throw CommandFailure("choose one --region: the RTSTRUCT has \(names)", status: 2)
        }
        return set.mask(of: chosen[0], on: grid)
    }

    private func segment(_ object: SegmentationObject, on grid: ImageGrid) throws -> Mask {
        let chosen = object.segments.filter { one in
            region.map { $0 == one.label || Int($0) == one.number } ?? true
        }
        guard chosen.count == 1 else {
            let names = object.segments.map { "\($0.label) (\($0.number))" }
                .joined(separator: ", ")
            throw CommandFailure("choose one --region: the SEG has \(names)", status: 2)
        }
        return try object.mask(of: chosen[0].number, on: grid)
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

/// The DICOM files of a path.
enum DICOMFolder {
    /// Of a folder those with pixels, of a DICOMDIR those it names; nothing where the path is
    /// another kind of file.
    static func files(_ path: String) throws -> [DICOMDataset] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure("\(path) does not exist")
        }
        if isFolder.boolValue {
            let names = try FileList.files(in: [path])
            let found = try read(names.filter { !$0.hasSuffix("/DICOMDIR") })
            guard !found.isEmpty else {
                throw CommandFailure("\(path) holds no DICOM file with pixels")
            }
            return found
        }
        let bytes = try FileList.bytes(of: path)
        guard DICOMFile.isLikely(bytes) else { return [] }
        let file = try DICOMFile(bytes)
        let names = file.referencedFiles
        guard !names.isEmpty else { return [file.dataset] }
        let folder = URL(filePath: path).deletingLastPathComponent()
        return try read(names.map { folder.appending(path: $0).path })
    }

    /// What is refused is said, and the others go on.
    private static func read(_ paths: [String]) throws -> [DICOMDataset] {
        try paths.compactMap { path in
            let bytes = try FileList.bytes(of: path)
            guard DICOMFile.isLikely(bytes) else { return nil }
            do {
                let dataset = try DICOMFile(bytes).dataset
                return dataset.root.has(0x7FE0_0010) ? dataset : nil
            } catch {
                Output.note("\(path) is refused: \(error)")
                return nil
            }
        }
    }
}
