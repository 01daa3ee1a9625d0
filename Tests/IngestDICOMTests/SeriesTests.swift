import IngestDICOM
import IngestNIfTI
import Testing
import TwinCore
import TwinImage
import TwinTestKit

struct SeriesTests {
    static func dataset(_ sample: DICOMSample) throws -> DICOMDataset {
        try DICOMFile(sample.file()).dataset
    }

    static func series(_ samples: [DICOMSample]) throws -> DICOMSeries {
        try DICOMSeries(samples.map(dataset))
    }

    @Test(arguments: ParserTests.writings)
    func `slices in any order, and twice, are one volume in HU`(
        isExplicit: Bool, isBigEndian: Bool
    ) throws {
        let slices = [2, 0, 1, 0].map {
            DICOMSample.slice(
                $0, height: 5 + 2.5 * Double($0), isBigEndian: isBigEndian, isExplicit: isExplicit)
        }
        let series = try Self.series(slices)
        #expect(series.volume.unit == .hounsfield && series.notes.isEmpty)
        #expect(series.volume.grid.size == GridSize(3, 2, 3))
        #expect(series.volume.grid.spacingMm == .init(0.75, 0.5, 2.5))
        #expect(series.volume.grid.originMm == .init(-10, 0, 5))
        for z in 0..<3 {
            #expect(series.volume[0, 0, z] == Float(10 * z))
            #expect(series.volume[2, 1, z] == Float(10 * z + 5))
        }
    }

    static let wrong: [([DICOMSample], Refusal.Reason)] = [
        ([0, 1, 3].map { .slice($0, height: 2.5 * Double($0)) }, .malformed),
        ([0.0, 2.5, 4.5, 7].enumerated().map { .slice($0, height: $1) }, .malformed),
        ([0, 1].map { .slice($0, height: 1) }, .conflict),
        ([0, 1, 2].map { .slice($0, height: 2.5 * Double($0), shift: Double($0)) }, .unsupported),
    ]

    @Test(arguments: 0..<wrong.count)
    func `gaps, mixed spacings, two slices at one place and a tilt are refused`(index: Int) {
        let (slices, reason) = Self.wrong[index]
        let refusal = #expect(throws: Refusal.self) { try Self.series(slices) }
        #expect(refusal?.reason == reason)
    }

    @Test func `pixels that do not fit their sizes are refused before they are read`() {
        for (tag, value, reason) in [
            (0x0028_0010, 65_535, Refusal.Reason.tooLarge), (0x0028_0010, 3, .malformed),
            (0x0028_0100, 12, .malformed), (0x0028_0101, 17, .malformed),
        ] as [(UInt32, Int, Refusal.Reason)] {
            var sample = DICOMSample()
            sample.add(0x0028_0002, 1)
            sample.add(0x0028_0010, tag == 0x0028_0010 ? value : 2)
            sample.add(0x0028_0011, 650)
            sample.add(0x0028_0100, tag == 0x0028_0100 ? value : 16)
            sample.add(0x0028_0101, tag == 0x0028_0101 ? value : 12)
            sample.add(0x7FE0_0010, "OW", [0, 0])
            let refusal = #expect(throws: Refusal.self) { try Self.series([sample]) }
            #expect(refusal?.reason == reason)
        }
    }

    @Test func `activity becomes uptake by weight, dose and decay`() throws {
        func scan(correction: String, weight: String?) -> DICOMSample {
            .slice(0, height: 0, modality: "PT") { sample in
                sample.add(0x0008_0031, "TM", "110000")
                sample.add(0x0008_0032, "TM", "110500")
                if let weight { sample.add(0x0010_1030, "DS", weight) }
                sample.addSequence(
                    0x0054_0016,
                    [
                        {
                            $0.add(0x0018_1072, "TM", "100000.00")
                            $0.add(0x0018_1074, "DS", "2000000")
                            $0.add(0x0018_1075, "DS", "3600")
                        }
                    ])
                sample.add(0x0054_1001, "CS", "BQML")
                sample.add(0x0054_1102, "CS", correction)
            }
        }
        // Stored 1005 less 1000 is 5 Bq/ml; one half-life after the injection half the dose is left.
        let start = try Self.series([scan(correction: "START", weight: "80")])
        #expect(start.volume.unit == .standardUptake)
        #expect(abs(start.volume[2, 1, 0] - 5 * 80_000 / 1_000_000) < 1e-6)
        let admitted = try Self.series([scan(correction: "ADMIN", weight: "80")])
        #expect(abs(admitted.volume[2, 1, 0] - 5 * 80_000 / 2_000_000) < 1e-6)
        let unknown = try Self.series([scan(correction: "START", weight: nil)])
        #expect(unknown.volume.unit == .raw && !unknown.notes.isEmpty)
        #expect(unknown.volume[2, 1, 0] == 5)
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `the phantom from DICOM and its contours is that from NIfTI`() throws {
        let folder = "ibsi/ct_phantom"
        let files = try (0..<60).map { number in
            let digits = number < 10 ? "0\(number)" : "\(number)"
            let bytes = try #require(
                SharedData.bytes("\(folder)/dicom/image/DCM_IMG_000\(digits).dcm"))
            return try DICOMFile(bytes).dataset
        }
        let series = try DICOMSeries(files)
        let drawn = try StructureSet(
            DICOMFile(#require(SharedData.bytes("\(folder)/dicom/mask/DCM_RS_00060.dcm"))).dataset)
        #expect(drawn.regions.map(\.name) == ["GTV-1"])
        let mask = drawn.mask(of: drawn.regions[0], on: series.volume.grid)
        let image = try NIfTIImage.volume(
            #require(SharedData.bytes("\(folder)/nifti/image/phantom.nii.gz")))
        let region = try NIfTIImage.mask(
            #require(SharedData.bytes("\(folder)/nifti/mask/mask.nii.gz")))
        #expect(mask.inside == region.inside)
        #expect(series.volume.grid.isSame(as: image.grid))
        guard case .int16(let own) = series.volume.voxels, case .float(let other) = image.voxels
        else { throw Refusal(.failed, "kinds of voxels") }
        #expect(own.map { Float($0) } == other)
    }
}
