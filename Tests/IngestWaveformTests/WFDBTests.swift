import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

@testable import IngestWaveform

struct WFDBTests {
    static let missing = Waveform.missing

    static func record(
        _ header: String, _ files: [String: [UInt8]] = [:]
    ) throws(Refusal) -> Recording {
        try WFDBRecord.read(header: Array(header.utf8)) { files[$0] }
    }

    /// Bytes written by hand from the format's definition, and the samples that they are.
    static let formats: [(format: Int, bytes: [UInt8], samples: [Int32])] = [
        (16, [1, 0, 0xFF, 0xFF, 0x00, 0x80, 0xFF, 0x7F], [1, -1, missing, 32_767]),
        (61, [0, 1, 0xFF, 0xFF, 0x80, 0x00, 0x7F, 0xFF], [1, -1, missing, 32_767]),
        (160, [1, 0x80, 0xFF, 0x7F, 0, 0], [1, -1, missing]),
        (80, [129, 127, 0, 255], [1, -1, missing, 127]),
        (24, [1, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0x80], [1, -1, missing]),
        (32, [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x80], [1, -1, missing]),
        // 0x001, 0xFFF, 0x800, and 0x7FF alone.
        (212, [0x01, 0xF0, 0xFF, 0x00, 0x78, 0xFF], [1, -1, missing, 2047]),
        (212, [0x01, 0xF0, 0xFF, 0x00, 0x08], [1, -1, missing]),
        // Words: third sample's low five bits, first sample, a spare bit.
        (310, [0x02, 0x08, 0xFE, 0x07], [1, -1, 1]),
        (310, [0x00, 0x04, 0x02, 0x80], [missing, 1, missing]),
        (311, [0x01, 0xFC, 0x1F, 0x00], [1, -1, 1]),
        (311, [0x00, 0x02], [missing]),
    ]

    @Test(arguments: formats.indices)
    func `each format's bytes become its samples, and its invalid one is missing`(
        index: Int
    ) throws {
        let (format, bytes, samples) = Self.formats[index]
        let recording = try Self.record(
            "r 1 360 \(samples.count)\nr.dat \(format)\n", ["r.dat": bytes])
        #expect(recording.waveforms.first?.samples == samples)
        #expect(throws: Refusal.self) {
            try Self.record(
                "r 1 360 \(samples.count)\nr.dat \(format)\n", ["r.dat": bytes.dropLast()])
        }
    }

    @Test func `gain, baseline, unit, rate and label are the header's`() throws {
        let recording = try Self.record(
            "# comment\r\nr 2 125.5/100(3) 2 10:14:00.5 12/01/2026\r\n"
                + "r.dat 16x2 200(1024)/mmHg 12 5 0 4328 0 arterial pressure\r\n"
                + "r.dat 16 0 12 7\r\n",
            ["r.dat": [0, 4, 232, 4, 7, 0, 0, 4, 0, 4, 8, 0]])
        let (pressure, other) = (recording.waveforms[0], recording.waveforms[1])
        #expect(pressure.label == "arterial pressure")
        #expect(pressure.unit == "mmHg")
        #expect(pressure.samplesPerSecond == 251)
        #expect(pressure.value(at: 1) == 1.16)
        #expect(pressure.samples == [1024, 1256, 1024, 1024])
        #expect(other.samples == [7, 8])
        #expect(other.scale == WaveformScale(stepsPerUnit: 200, zeroStep: 7))
        #expect(other.unit == "mV")
        #expect(recording.startedAt?.description == "2026-01-12T10:14:00.500Z")
        #expect(recording.flags == .zoneUnknown)
    }

    @Test
    func `segments are joined, gaps and absent signals are missing, scales are brought together`()
        throws
    {
        let recording = try Self.record(
            "m/4 2 360 7\nlayout 0\na 2\n~ 3\nb 2\n",
            [
                "layout.hea": Array(
                    "layout 2 360 0\n~ 0 200/mV 0 0 0 0 0 I\n~ 0 10/mV 0 0 0 0 0 II\n".utf8),
                "a.hea": Array("a 1 360 2\na.dat 16 100/mV 0 0 0 -32763 0 I\n".utf8),
                "a.dat": [5, 0, 0, 0x80],
                "b.hea": Array(
                    "b 2 360 2\nb.dat 16 10/mV 0 0 0 4 0 II\nb.dat 16 200/mV 0 0 0 6 0 I\n".utf8),
                "b.dat": [1, 0, 2, 0, 3, 0, 4, 0],
            ])
        let gap = Self.missing
        #expect(recording.waveforms[0].samples == [10, gap, gap, gap, gap, 2, 4])
        #expect(recording.waveforms[0].flags == .converted)
        #expect(recording.waveforms[1].samples == [gap, gap, gap, gap, gap, 1, 3])
    }

    @Test(arguments: [
        ("", Refusal.Reason.malformed), ("r", .malformed), ("r 1 360 10\n", .malformed),
        ("r 1 360 2\nr.dat 999\n", .unsupported), ("r 1 360 10\nabsent.dat 16\n", .notFound),
        ("r 1 360 2\n../r.dat 16\n", .malformed), ("r 1 0 2\nr.dat 16\n", .malformed),
        ("r 1 -5 2\nr.dat 16\n", .malformed), ("r 1 nan 2\nr.dat 16\n", .malformed),
        ("r 9999 360 2\n", .tooLarge), ("r 1 360 99999999999\nr.dat 16\n", .tooLarge),
        ("r 1 360 9999999\nr.dat 16\n", .malformed), ("r 1 360 2\nr.dat 16x0\n", .malformed),
        ("r 1 360 2\nr.dat 16 200 12 0 0 5\n", .malformed), ("r/2 1 360 4\na 2\n", .malformed),
        ("r/1 1 360 9\n~ 9\n", .malformed), ("r 1 360 2\nr.dat 16x99999999\n", .malformed),
        ("r 2 360 200000000\nr.dat 0\nr.dat 0\n", .tooLarge),
        ("r/2 1 360 4\nr 2\nr 2\n", .notFound),
    ])
    func `what is no record is refused, and why`(header: String, reason: Refusal.Reason) {
        #expect { try Self.record(header, ["r.dat": [1, 0, 2, 0]]) } throws: {
            ($0 as? Refusal)?.reason == reason
        }
    }

    @Test func `a checksum that fits is taken`() throws {
        let header = "r 1 360 2\nr.dat 16 200 12 0 1 3 0 I\n"
        #expect(try Self.record(header, ["r.dat": [1, 0, 2, 0]]).waveforms[0].samples == [1, 2])
    }

    @Test func `annotations carry time, code, subtype, number, channel and text`() throws {
        // 10 N; +600,000 by a skip, V with subtype 2, channel 1, number 3, text "abc"; S; end.
        let bytes: [UInt8] = [
            10, 0x04, 0, 0xEC, 9, 0, 0xC0, 0x27, 0, 0x14, 2, 0xF4, 1, 0xF8, 3, 0xF0, 3, 0xFC,
            0x61, 0x62, 0x63, 0, 5, 0x24, 0, 0,
        ]
        let annotations = try WFDBAnnotation.read(bytes)
        #expect(
            annotations == [
                WFDBAnnotation(sample: 10, code: 1),
                WFDBAnnotation(
                    sample: 600_010, code: 5, subtype: 2, channel: 1, number: 3, text: "abc"),
                WFDBAnnotation(sample: 600_015, code: 9, channel: 1, number: 3),
            ])
        #expect(annotations.map(\.letter) == ["N", "V", "S"])
        Mutations.truncations(of: bytes) { cut in
            #expect(throws: Refusal.self) { try WFDBAnnotation.read(cut) }
        }
    }

    static let sample: [String: [UInt8]] = [
        "r.hea": Array("m/3 1 360 6\na 2\n~ 2\nb 2\n".utf8),
        "a.hea": Array("a 1 360 2\na.dat 212 100(5)/mV 0 0 0 516 0 I\n".utf8),
        "a.dat": [1, 2, 3], "b.hea": Array("b 1 360 2\nb.dat 310\n".utf8), "b.dat": [1, 2, 3, 4],
    ]

    @Test func `damaged headers, signal files and annotations end nothing`() throws {
        var taken = 0
        for name in Self.sample.keys.sorted() {
            let good = try #require(Self.sample[name])
            Mutations.random(of: [good, Array("9999999".utf8)], count: 3000, seed: 1) { bytes in
                var files = Self.sample
                files[name] = bytes
                var limits = WaveformLimits()
                limits.samplesMax = 100_000
                let recording = try? WFDBRecord.read(header: files["r.hea"] ?? [], limits: limits) {
                    files[$0]
                }
                if recording != nil { taken += 1 }
                let count = recording?.waveforms.reduce(0) { $0 + $1.samples.count } ?? 0
                #expect(count <= 100_000)
            }
        }
        #expect(taken > 1000)
        let annotations: [UInt8] = [
            10, 4, 0, 0xEC, 9, 0, 0xC0, 0x27, 0, 0x14, 3, 0xFC, 1, 2, 3, 0, 0, 0,
        ]
        Mutations.random(of: [annotations], count: 20_000, seed: 2) {
            _ = try? WFDBAnnotation.read($0)
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `real records read whole, their checksums fit, and pack to less than 45 per cent`() throws
    {
        for name in ["100", "103", "105"] {
            let header = try #require(SharedData.bytes("mitdb/\(name).hea"))
            let recording = try WFDBRecord.read(header: header) { SharedData.bytes("mitdb/\($0)") }
            #expect(recording.waveforms.map(\.samples.count) == [650_000, 650_000])
            #expect(recording.waveforms[0].label == "MLII")
            let archives = recording.waveforms.map { WaveformArchive($0, startedAt: nil) }
            for (archive, waveform) in zip(archives, recording.waveforms) {
                #expect(try WaveformArchive(bytes: archive.bytes).waveform() == waveform)
            }
            let size = archives.reduce(0) { $0 + $1.bytes.count }
            #expect(Double(size) < 0.45 * 2 * 1_300_000, "\(name): \(size)")
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `the malformed records have their outcome`() throws {
        for (name, reason) in [
            ("12_bad_format", Refusal.Reason.unsupported), ("14_missing_dat", .notFound),
        ] {
            let header = try #require(SharedData.bytes("malformed/files/\(name).hea"))
            #expect {
                try WFDBRecord.read(header: header) {
                    $0 == "rec.dat" ? [UInt8](repeating: 0, count: 20) : nil
                }
            } throws: { ($0 as? Refusal)?.reason == reason }
        }
    }
}
