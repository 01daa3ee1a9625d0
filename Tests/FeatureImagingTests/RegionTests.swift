import FeatureImaging
import Testing
import TwinDeflate
import TwinImage

struct RegionTests {
    static let grid = ImageGrid(size: GridSize(6, 5, 4), spacingMm: .init(1, 2, 3))

    static func volume(_ value: (Int) -> Float) -> Volume {
        Volume(grid: grid, voxels: .float((0..<120).map(value)), unit: .hounsfield)
    }

    static func mask(_ isInside: (Int, Int, Int) -> Bool) -> Mask {
        var inside: [UInt8] = []
        for z in 0..<4 {
            for y in 0..<5 { for x in 0..<6 { inside.append(isInside(x, y, z) ? 1 : 0) } }
        }
        return Mask(grid: grid, inside: inside)
    }

    static let configuration = ImagingConfiguration(
        binning: .size(25), dimensions: [.slices, .space])

    static func value(_ features: [ImagingFeature], _ name: String) -> Double? {
        features.first { $0.name == name }?.value
    }

    @Test func `a box has the volume, the surface and the corners that geometry says`() throws {
        let features = try ImagingFeatures.measure(
            Self.volume { Float($0 % 7) }, Self.mask { x, y, z in x < 3 && y < 2 && z < 2 },
            Self.configuration)
        #expect(Self.value(features, "morph_vol_approx") == 72.0)
        // The corners of a mesh are cut; its farthest points are in the middles of edges.
        let volume = try #require(Self.value(features, "morph_volume"))
        #expect(volume < 72 && volume > 36)
        #expect(Self.value(features, "morph_vol_dens_aabb") == volume / 72)
        let density = try #require(Self.value(features, "morph_vol_dens_conv_hull"))
        #expect(density > 0.99 && density <= 1 + 1e-12)
        let least = try #require(Self.value(features, "morph_vol_dens_ombb"))
        #expect(least >= volume / 72 - 1e-9)
        let ellipsoid = try #require(Self.value(features, "morph_vol_dens_mvee"))
        #expect(ellipsoid > 0.3 && ellipsoid < 1)
    }

    @Test func `one voxel, one intensity and a plane give numbers or none, never a crash`() throws {
        let shapes = [
            Self.mask { x, y, z in x == 5 && y == 4 && z == 3 }, Self.mask { _, _, z in z == 0 },
            Self.mask { _, y, _ in y == 2 }, Self.mask { _, _, _ in true },
        ]
        for mask in shapes {
            for value in [{ _ in 50 }, { Float($0) }] as [(Int) -> Float] {
                for binning in [ImagingConfiguration.Binning.size(25), .count(8)] {
                    var configuration = Self.configuration
                    configuration.binning = binning
                    let features = try ImagingFeatures.measure(
                        Self.volume(value), mask, configuration)
                    #expect(features.count == 29 + 2 + 18 + 23 + 7 + 408)
                    #expect(features.allSatisfy { $0.value?.isFinite ?? true })
                }
            }
        }
    }

    @Test func `what can't be measured is refused with its reason`() {
        let volume = Self.volume { Float($0) }
        let none = Self.mask { _, _, _ in false }
        let all = Self.mask { _, _, _ in true }
        func error(_ mask: Mask, _ change: (inout ImagingConfiguration) -> Void) -> ImagingError? {
            var configuration = Self.configuration
            change(&configuration)
            do { _ = try ImagingFeatures.measure(volume, mask, configuration) } catch {
                return error
            }
            return nil
        }
        #expect(error(none) { _ in } == .emptyRegion)
        #expect(error(all) { $0.lowest = 1000 } == .nothingInRange)
        #expect(error(all) { $0.binning = .none } == .notDiscrete)
        #expect(error(all) { $0.binning = .size(1e-3) } == .tooManyLevels(4097))
        let other = Mask(
            grid: ImageGrid(size: Self.grid.size, spacingMm: .one), inside: all.inside)
        #expect(error(other) { _ in } == .otherGrid)
    }

    @Test func `what is no number is in no region`() throws {
        let features = try ImagingFeatures.measure(
            Self.volume { $0 == 7 ? .nan : Float($0) }, Self.mask { _, y, _ in y < 2 },
            Self.configuration)
        #expect(Self.value(features, "stat_min") == 0)
        #expect(Self.value(features, "stat_mean")?.isFinite == true)
        #expect(Self.value(features, "loc_peak_loc") == nil)
    }

    @Test func `a configuration is named by what it does`() throws {
        let file = Array(
            """
            {"spacingMm": [2, 2, 2], "round": true, "lowest": -1000, "highest": 400,
             "bins": {"size": 25}, "volumeBins": {"size": 2.5}, "dimensions": ["space"]}
            """.utf8)
        let named = try #require(ImagingConfiguration.named("ibsi-c"))
        #expect(try ImagingConfiguration(file: file) == named)
        // Stored features name it: it must never change.
        #expect(named.hash == "48e9dda2976a7c0b")
        #expect(Set(ImagingConfiguration.named.map(\.configuration.hash)).count == 7)
        for wrong in ["[]", "{\"bins\": 3}", "{\"color\": 1}", "{\"spacingMm\": [1, 2]}", "{"] {
            #expect(throws: ImagingError.self) { try ImagingConfiguration(file: Array(wrong.utf8)) }
        }
    }

    @Test func `a picture holds the greys of its window and the outline`() throws {
        let volume = Self.volume { Float($0 % 6 * 50) }
        let mask = Self.mask { x, y, _ in x > 1 && y > 1 }
        let window = try #require(IntensityWindow(volume, mask, centre: 125, width: 250))
        let picture = SlicePicture(volume, mask, slice: 1, window: window)
        #expect(picture.width == 6 && picture.height == 10)
        #expect(Array(picture.colours[0..<9]) == [0, 0, 0, 51, 51, 51, 102, 102, 102])
        let png = picture.png()
        #expect(Array(png.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        // The picture's lines come back from the stream: 10 of 1 + 3 × 6 bytes.
        let start = 8 + 25 + 8
        let lines = try Inflater.all(of: png, from: start, container: .zlib, countMax: 1000)
        #expect(lines.count == 190 && Array(lines[1...9]) == Array(picture.colours[0..<9]))
        #expect(SlicePicture.keySlices(volume, mask, count: 2).count <= 2)
    }

    @Test func `an image without a region still says something`() throws {
        let summary = try #require(ImageSummary(Self.volume { Float($0 % 6 * 50) }))
        #expect(summary.features.first { $0.feature == "mean" }?.value == 125)
        #expect(Set(summary.features.map(\.family)) == ["intensity", "edges", "texture"])
        #expect(ImageSummary(Self.volume { _ in .nan }) == nil)
    }
}
