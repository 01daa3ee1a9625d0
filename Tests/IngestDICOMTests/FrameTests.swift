import IngestDICOM
import Testing
import TwinCore
import TwinImage
import TwinTestKit

struct FrameTests {
    /// Two rows of four pixels in run lengths: the high bytes, then the low.
    static func runLengths(_ planes: [[UInt8]], bits: Int = 16) -> DICOMSample {
        var header = DICOMSample()
        header.bytes += header.word(planes.count, 4)
        var start = 64
        for plane in planes {
            header.bytes += header.word(start, 4)
            start += plane.count
        }
        header.bytes += [UInt8](repeating: 0, count: 64 - header.bytes.count)
        let fragment = header.bytes + planes.joined()
        var sample = DICOMSample()
        sample.add(0x0028_0010, 2)
        sample.add(0x0028_0011, 4)
        sample.add(0x0028_0100, bits)
        sample.add(0x0028_0103, 1)
        sample.add(0x7FE0_0010, "OB", [], length: 0xFFFF_FFFF)
        for piece in [[], fragment] {
            sample.bytes += sample.word(0xFFFE, 2) + sample.word(0xE000, 2)
            sample.bytes += sample.word(piece.count, 4) + piece
        }
        sample.bytes += sample.word(0xFFFE, 2) + sample.word(0xE0DD, 2) + sample.word(0, 4)
        return sample
    }

    static func values(_ sample: DICOMSample) throws -> [Int32] {
        let root = try DICOMFile(sample.file(.runLengths)).dataset.root
        return try DICOMFrames.values(root, PixelLayout(root))
    }

    @Test func `run lengths are unpacked, plane by plane`() throws {
        // Seven times 0xFF and one 0x00; eight that differ.
        let high: [UInt8] = [0xFA, 0xFF, 0x00, 0x00]
        let low: [UInt8] = [0x07, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(
            try Self.values(Self.runLengths([high, low]))
                == [-255, -254, -253, -252, -251, -250, -249, 8])
    }

    @Test(
        arguments: [
            [[0xFA, 0xFF]], [[0xF0, 0xFF], [0x07, 1]], [[0x7F]], [], [[0xF9, 1], [0xF8, 2]],
        ] as [[[UInt8]]])
    func `run lengths that are too long or too short are refused`(planes: [[UInt8]]) {
        #expect(throws: Refusal.self) { try Self.values(Self.runLengths(planes)) }
    }

    @Test func `damaged run lengths end no process`() {
        let sample = Self.runLengths([[0xFA, 0xFF, 0x00, 0x00], [0x07, 1, 2, 3, 4, 5, 6, 7, 8]])
        Mutations.random(of: [sample.file(.runLengths)], count: 20_000, seed: 3) { bytes in
            guard let root = try? DICOMFile(bytes).dataset.root,
                let layout = try? PixelLayout(root, limits: ImageLimits(voxelsMax: 1 << 16))
            else { return }
            _ = try? DICOMFrames.values(root, layout)
        }
    }

    /// A SEG of two frames of one segment on a grid of three columns and two rows.
    static func segmentation(segment: Int = 1) -> DICOMSample {
        var sample = DICOMSample()
        sample.add(0x0008_0060, "CS", "SEG")
        sample.add(0x0028_0008, "IS", "2")
        sample.add(0x0028_0010, 2)
        sample.add(0x0028_0011, 3)
        sample.add(0x0028_0100, 1)
        sample.add(0x0028_0101, 1)
        sample.add(0x0028_0102, 0)
        sample.addSequence(
            0x0062_0002,
            [
                {
                    $0.add(0x0062_0004, 1)
                    $0.add(0x0062_0005, "LO", "lesion")
                }
            ])
        sample.addSequence(
            0x5200_9229,
            [
                {
                    $0.addSequence(0x0020_9116, [{ $0.add(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0") }])
                    $0.addSequence(0x0028_9110, [{ $0.add(0x0028_0030, "DS", "0.5\\0.75") }])
                }
            ])
        sample.addSequence(
            0x5200_9230,
            [2.5, 0].map { height in
                { sample in
                    sample.addSequence(
                        0x0020_9113, [{ $0.add(0x0020_0032, "DS", "-10\\0\\\(height)") }])
                    sample.addSequence(0x0062_000A, [{ $0.add(0x0062_000B, segment) }])
                }
            })
        // Bits from the lowest, across frames: 100000 and 010001.
        sample.add(0x7FE0_0010, "OB", [0b1000_0001, 0b0000_1000])
        return sample
    }

    @Test func `a segment is laid on the slices of its image`() throws {
        let image = try SeriesTests.series([0, 1, 2].map { .slice($0, height: 2.5 * Double($0)) })
        let object = try SegmentationObject(DICOMFile(Self.segmentation().file()).dataset)
        #expect(object.segments.map(\.number) == [1] && object.segments[0].label == "lesion")
        let mask = try object.mask(of: 1, on: image.volume.grid)
        #expect(mask.inside == [0, 1, 0, 0, 0, 1] + [1, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0])
        let other = try SeriesTests.series([0, 1].map { .slice($0, height: 1 + 2.5 * Double($0)) })
        #expect(throws: Refusal.self) { try object.mask(of: 1, on: other.volume.grid) }
    }
}
