import ArgumentParser
import FeatureImaging
import Foundation
import TwinCore
import TwinImage

struct ImagingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imaging",
        abstract:
            "Reads images without a running system: features of a region, pictures of slices.",
        subcommands: [Features.self, Show.self])

    struct Features: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Every feature of IBSI 1 of a region; one row a feature.")
        @OptionGroup var source: ImagingSource
        @Option(
            help: "How: default, ibsi-digital, ibsi-a to ibsi-e, or a file (see the README).")
        var config = "default"
        @OptionGroup var output: OutputOptions

        func run() throws {
            let configuration = try ImagingSource.configuration(config)
            let volume = try source.volume()
            guard let mask = try source.region(on: volume.grid) else {
                return try withoutMask(volume)
            }
            var progress = Progress("measuring", total: ImagingFeatures.stepCount)
            let features: [ImagingFeature]
            do {
                features = try ImagingFeatures.measure(volume, mask, configuration) { step in
                    if !output.json { progress.update(step) }
                }
            } catch { throw CommandFailure("\(source.image): \(error)") }
            guard !output.json else {
                for feature in features { try Output.json(ImagingRow(feature)) }
                return
            }
            Output.table(
                [["family", "feature", "IBSI", "over", "value", "unit"]]
                    + features.map { feature in
                        [
                            feature.family.rawValue, feature.name, feature.code,
                            feature.aggregation?.rawValue ?? "",
                            feature.value.map { Output.short($0, digits: 6) } ?? "-",
                            feature.unit,
                        ]
                    })
            Output.note(
                "\(features.count) features of \(mask.voxelCount) voxels, "
                    + "configuration \(config) (\(configuration.hash))")
        }

        /// Without a mask, what the whole image says.
        private func withoutMask(_ volume: Volume) throws {
            guard let features = ImageSummary(volume)?.features else {
                throw CommandFailure("\(source.image) holds no number: there is nothing to say")
            }
            Output.note(
                "no --mask: first-aid features of the whole image, which IBSI does not name")
            if output.json {
                for feature in features { try Output.json(feature) }
            } else {
                Output.table(
                    features.map { [$0.family, $0.feature, Output.short($0.value, digits: 6)] })
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Key slices as PNG pictures, the region outlined.")
        @OptionGroup var source: ImagingSource
        @Option(help: "The folder for the pictures.") var out = "."
        @Option(help: "The middle of the window; by itself where none is given.")
        var center: Double?
        @Option(help: "The width of the window.") var width: Double?
        @Option(help: "How many slices.") var count = 3
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...64).contains(count), width.map({ $0 > 0 }) ?? true else {
                throw ValidationError("--count is 1 to 64, --width more than 0")
            }
        }

        func run() throws {
            let volume = try source.volume()
            let mask = try source.region(on: volume.grid)
            guard mask.map({ $0.grid.isSame(as: volume.grid) }) ?? true else {
                throw CommandFailure("the mask does not lie on the grid of the image")
            }
            guard
                let window = IntensityWindow(volume, mask, centre: center, width: width)
            else { throw CommandFailure("\(source.image) holds no number") }
            let stem = URL(filePath: source.image).lastPathComponent.prefix { $0 != "." }
            for slice in SlicePicture.keySlices(volume, mask, count: count) {
                let picture = SlicePicture(volume, mask, slice: slice, window: window)
                let url = URL(filePath: out).appending(path: "\(stem)-\(slice).png")
                do {
                    try FileManager.default.createDirectory(
                        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(picture.png()).write(to: url)
                } catch { throw CommandFailure("\(url.path) can't be written: \(error)") }
                if output.json {
                    try Output.json(PictureRow(slice: slice, file: url.path))
                } else {
                    Output.line(
                        "\(url.path): slice \(slice) of \(volume.grid.size.z), window "
                            + "\(Output.short(window.low)) to \(Output.short(window.high)) "
                            + volume.unit.rawValue)
                }
            }
        }
    }

    private struct PictureRow: Encodable {
        let slice: Int
        let file: String
    }
}
