import IngestNIfTI
import Testing
import TwinCore
import TwinDeflate
import TwinImage
import TwinTestKit

struct NIfTITests {
    static let numbers: [Double] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 100, 101, 102]

    /// Code, bits, and how a number is written.
    static let kinds: [(code: Int, bits: Int, word: @Sendable (Double) -> UInt64)] = [
        (2, 8, { UInt64($0) }), (256, 8, { UInt64($0) }), (4, 16, { UInt64($0) }),
        (512, 16, { UInt64($0) }), (8, 32, { UInt64($0) }), (768, 32, { UInt64($0) }),
        (1024, 64, { UInt64($0) }), (1280, 64, { UInt64($0) }),
        (16, 32, { UInt64(Float($0).bitPattern) }), (64, 64, { $0.bitPattern }),
    ]

    @Test(arguments: 0..<10, [false, true])
    func `every kind of number is read in both orders, from both versions`(
        kind: Int, isBigEndian: Bool
    ) throws {
        let (code, bits, word) = Self.kinds[kind]
        for isSecond in [false, true] {
            for slope in [0, 0.5] {
                let sample = NIfTISample(
                    isSecond: isSecond, isBigEndian: isBigEndian, code: code, bits: bits,
                    slope: slope, intercept: -7
                ).with(Self.numbers.map(word))
                let volume = try NIfTIImage.volume(sample.bytes())
                let expected = Self.numbers.map { slope == 0 ? $0 : $0 * slope - 7 }
                let read = (0..<12).map { Double(volume[$0 % 3, $0 / 3 % 2, $0 / 6]) }
                #expect(read == expected)
                #expect(volume.grid.size == GridSize(3, 2, 2))
                #expect(volume.grid.spacingMm == .init(2, 3, 4))
                // Right and front become left and back.
                #expect(volume.grid.originMm == .init(-10, -20, 30))
                #expect(volume.grid.axes[0] == .init(1, 0, 0))
                let packed = Deflater.deflate(sample.bytes(), container: .gzip)
                #expect(try NIfTIImage.volume(packed) == volume)
            }
        }
    }

    @Test func `a quaternion places the grid, and without one the spacing alone`() throws {
        var sample = NIfTISample(rows: nil).with(Self.numbers.map { UInt64($0) })
        #expect(try NIfTIImage.volume(sample.bytes()).grid.spacingMm == .init(2, 3, 4))
        // A quarter turn about z, and a left-handed third axis.
        sample.turn = [0, 0, 0.5.squareRoot(), 1, 2, 3]
        sample.steps = [-1, 2, 3, 4]
        let grid = try NIfTIImage.volume(sample.bytes()).grid
        let expected = [SIMD3(0.0, -1, 0), .init(1, 0, 0), .init(0, 0, -1)]
        for (axis, wanted) in zip(grid.axes, expected) {
            #expect(((axis - wanted) * (axis - wanted)).sum() < 1e-10)
        }
        #expect(grid.originMm == .init(-1, -2, 3))
    }

    static let refused: [(NIfTISample, Refusal.Reason)] = [
        (NIfTISample(code: 128, bits: 24), .unsupported),
        (NIfTISample(code: 32, bits: 64), .unsupported),
        (NIfTISample(code: 1, bits: 1), .unsupported),
        (NIfTISample(code: 3, bits: 16), .malformed),
        (NIfTISample(code: 4, bits: 8), .malformed),
        (NIfTISample(sides: [3, 2, 2, 5]), .unsupported),
        (NIfTISample(sides: [30_000, 30_000, 30_000]), .tooLarge),
        (NIfTISample(isSecond: true, sides: [1 << 40, 1 << 40, 1 << 40]), .tooLarge),
        (NIfTISample(sides: [3, -2, 2]), .malformed),
        (NIfTISample(rows: [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), .malformed),
        (NIfTISample(rows: [1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), .unsupported),
        (NIfTISample(magic: Array("ni1\0".utf8)), .unsupported),
        (NIfTISample(magic: Array("abc\0".utf8)), .malformed),
        (NIfTISample(), .malformed),
    ]

    @Test(arguments: 0..<refused.count)
    func `what is not a whole image of numbers is refused with its reason`(index: Int) {
        let (sample, reason) = Self.refused[index]
        let refusal = #expect(throws: Refusal.self) { try NIfTIImage.volume(sample.bytes()) }
        #expect(refusal?.reason == reason)
    }

    @Test func `a stream that inflates for ever is not followed`() throws {
        let sample = NIfTISample().with(Self.numbers.map { UInt64($0) })
        let bomb = sample.bytes() + [UInt8](repeating: 0, count: 64 << 20)
        let packed = Deflater.deflate(bomb, container: .gzip)
        #expect(try NIfTIImage.volume(packed) == NIfTIImage.volume(sample.bytes()))
    }

    @Test func `no damage ends the process`() {
        let plain = NIfTISample().with(Self.numbers.map { UInt64($0) }).bytes()
        let second = NIfTISample(isSecond: true).with(Self.numbers.map { UInt64($0) }).bytes()
        let packed = Deflater.deflate(plain, container: .gzip)
        let limits = ImageLimits(voxelsMax: 1 << 16, inflatedMax: 1 << 20)
        for sample in [plain, second, packed] {
            Mutations.truncations(of: sample) { bytes in
                #expect(throws: Refusal.self) { try NIfTIImage.volume(bytes, limits: limits) }
            }
            Mutations.singleByteChanges(of: sample, changes: [0, 1, 0x7F, 0xFF]) {
                _ = try? NIfTIImage.volume($0, limits: limits)
            }
        }
        Mutations.random(of: [plain, second, packed], count: 20_000, seed: 11) {
            _ = try? NIfTIImage.volume($0, limits: limits)
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `the digital phantom is read as its table says`() throws {
        let image = try #require(SharedData.bytes("ibsi/digital_nifti/image/phantom.nii.gz"))
        let region = try #require(SharedData.bytes("ibsi/digital_nifti/mask/mask.nii.gz"))
        let volume = try NIfTIImage.volume(image)
        let mask = try NIfTIImage.mask(region)
        let rows = SharedData.table("ibsi/phantom.csv").rows
        #expect(rows.count == 80)
        for row in rows {
            let place = ["x", "y", "z"].map { Int(row[$0] ?? "") ?? -1 }
            #expect(volume[place[0], place[1], place[2]] == Float(row["value"] ?? ""))
            let index = mask.grid.index(place[0], place[1], place[2])
            #expect(mask.inside[index] == UInt8(row["mask"] ?? ""))
        }
        #expect(mask.voxelCount == 74)
    }
}
