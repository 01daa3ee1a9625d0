import Testing
import TwinCore
import TwinTestKit

@testable import TwinWaveform

struct WaveformArchiveTests {
    static func waveform(_ samples: [Int32]) throws -> Waveform {
        Waveform(
            label: "MLII", unit: "mV", samplesPerSecond: 360,
            scale: try #require(WaveformScale(stepsPerUnit: 200, zeroStep: 1024)),
            samples: samples, flags: .converted)
    }

    /// A signal with slow waves, spikes, extremes and gaps.
    static func samples(count: Int, seed: UInt64) -> [Int32] {
        var generator = SplitMix64(seed: seed)
        var level: Int32 = 1000
        return (0..<count).map { index in
            level &+= Int32.random(in: -5...5, using: &generator)
            switch Int.random(in: 0..<400, using: &generator) {
            case 0: return .max
            case 1: return .min + 1
            case 2, 3: return Waveform.missing
            default: return index / 700 % 9 == 4 ? Waveform.missing : level
            }
        }
    }

    static let counts = [0, 1, 2, 31, 32, 33, 63, 64, 65, 4095, 4096, 4097, 20_000]

    @Test(arguments: counts)
    func `a waveform comes back as it went in, gaps and extremes too`(count: Int) throws {
        let waveform = try Self.waveform(Self.samples(count: count, seed: UInt64(count)))
        let start = Instant(microsecondsSinceEpoch: 1_234_567_890)
        let read = try WaveformArchive(bytes: WaveformArchive(waveform, startedAt: start).bytes)
        #expect(try read.waveform() == waveform)
        #expect(read.header.startedAt == start)
    }

    @Test func `one value, and nothing but missing, come back`() throws {
        for value in [Waveform.missing, 0, -1, .max, .min + 1] {
            let waveform = try Self.waveform([Int32](repeating: value, count: 9000))
            let archive = WaveformArchive(waveform, startedAt: nil)
            #expect(try WaveformArchive(bytes: archive.bytes).waveform() == waveform)
            #expect(archive.bytes.count < 900)
        }
    }

    @Test func `any range is read without the others`() throws {
        let samples = Self.samples(count: 10_000, seed: 5)
        let whole = WaveformArchive(
            try Self.waveform(samples), startedAt: nil, blockLength: 512)
        var bytes = whole.bytes
        // The first block is destroyed: what does not touch it can be read, and it can not.
        bytes[whole.places[0].range.lowerBound + 5] ^= 1
        let archive = try WaveformArchive(bytes: bytes)
        for range in [512..<513, 600..<5000, 9999..<10_000, 1024..<1536, 512..<10_000, 700..<700] {
            #expect(try archive.samples(in: range) == Array(samples[range]))
        }
        #expect(throws: Refusal.self) { try archive.samples(in: 0..<1) }
        #expect(throws: Refusal.self) { try archive.waveform() }
    }

    @Test func `every truncation and every changed byte is refused`() throws {
        let waveform = try Self.waveform(Self.samples(count: 700, seed: 9))
        let bytes = WaveformArchive(waveform, startedAt: nil, blockLength: 256).bytes
        func isRefused(_ bytes: [UInt8]) -> Bool {
            (try? WaveformArchive(bytes: bytes).waveform()) == nil
        }
        Mutations.truncations(of: bytes) { #expect(isRefused($0)) }
        Mutations.singleByteChanges(of: bytes, changes: [0, 1, 0x7F, 0xFF]) {
            #expect(isRefused($0))
        }
        #expect(isRefused(bytes + [0]))
        var other = bytes
        other[4] = 2
        #expect { try WaveformArchive(bytes: other) } throws: {
            ($0 as? Refusal)?.reason == .wrongVersion
        }
    }

    /// The checksum keeps chance out, not malice: sealed nonsense must be survived as well.
    @Test func `nonsense under a right checksum is refused or read, and never more than it says`() {
        var generator = SplitMix64(seed: 3)
        var refused = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...80, using: &generator)
            let length = Int.random(in: 1...100, using: &generator)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if count > 3 { bytes.replaceSubrange(0..<2, with: [UInt8(count % 3), 0]) }
            if count > 3 { bytes[2] %= 34 }
            var samples = [Int32](repeating: 7, count: length + 20)
            if !ArchiveBlock.read(bytes[...], into: &samples, at: 10..<10 + length) {
                refused += 1
            }
            #expect(samples.prefix(10).allSatisfy { $0 == 7 })
            #expect(samples.suffix(10).allSatisfy { $0 == 7 })
        }
        #expect(refused > 15_000)
    }

    @Test
    func `a header that promises more than its bytes can hold is refused before room is made`() {
        let header = WaveformArchive.Header(
            label: "", unit: "", samplesPerSecond: 1, scale: .unscaled, startedAt: nil, flags: [],
            sampleCount: 1 << 27, blockLength: 1 << 20)
        let bytes = WaveformArchive.encode(
            header, blocks: .init(repeating: [0, 0, 0], count: 128)
        ).bytes
        #expect { try WaveformArchive(bytes: bytes) } throws: {
            ($0 as? Refusal)?.reason == .malformed
        }
        #expect { try WaveformArchive(bytes: bytes, samplesMax: 1000) } throws: {
            ($0 as? Refusal)?.reason == .tooLarge
        }
    }

    @Test func `the checksum is the known one`() {
        let digits: [UInt8] = Array("123456789".utf8)
        #expect(WaveformKernel.checksum(digits[...]) == 0xE306_9283)
        #expect(
            WaveformKernel.checksum(digits[4...], seed: WaveformKernel.checksum(digits[..<4]))
                == 0xE306_9283)
    }
}
