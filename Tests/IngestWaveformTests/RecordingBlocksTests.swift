import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

@testable import IngestWaveform

struct RecordingBlocksTests {
    static let start = Instant(microsecondsSinceEpoch: 1_768_212_000_000_000)

    static func recording(_ labels: [String], count: Int = 1000) -> Recording {
        Recording(
            name: "r", startedAt: start,
            waveforms: labels.enumerated().map { place, label in
                Waveform(
                    label: label, unit: "mV", samplesPerSecond: 360, scale: .unscaled,
                    samples: (0..<Int32(count)).map { $0 % 17 + Int32(place) })
            }, flags: .zoneUnknown)
    }

    static func maker(_ seconds: Double = 1) throws -> RecordingBlocks {
        RecordingBlocks(
            twin: try #require(TwinID("WARD|7")), source: "s", blockSeconds: seconds)
    }

    @Test func `every sample is in one block, at its time, and blocks end in order`() throws {
        let recording = Self.recording(["II", "V5"])
        let blocks = try Self.maker().blocks(of: recording, start: nil)
        #expect(blocks.map(\.endsAt) == blocks.map(\.endsAt).sorted())
        for (place, term) in ["131330", "131335"].enumerated() {
            let own = blocks.filter { $0.observation.code == .mdc(term) }
            var samples: [Int32] = []
            for block in own {
                guard case .waveform(let packed) = block.observation.value else { continue }
                let offset = Double(samples.count) / 360
                let elapsed = block.observation.eventTime.seconds(since: Self.start)
                #expect(abs(elapsed - offset) < 1e-5)
                samples += try WaveformArchive(bytes: packed.bytes).waveform().samples
                #expect(block.observation.flags == .zoneUnknown)
            }
            #expect(samples == recording.waveforms[place].samples)
        }
    }

    @Test func `signals of one name stay two, and what was not measured is not sent`() throws {
        var recording = Self.recording(["ECG", "ECG"])
        for place in 360..<720 { recording.waveforms[0].samples[place] = Waveform.missing }
        let blocks = try Self.maker().blocks(of: recording, start: nil)
        #expect(Set(blocks.map(\.observation.code)).count == 2)
        #expect(blocks.count == 5)
    }

    @Test func `a recording without a start needs one`() throws {
        var recording = Self.recording(["II"])
        recording.startedAt = nil
        recording.flags = .timeMissing
        let maker = try Self.maker()
        #expect(throws: Refusal.self) { try maker.blocks(of: recording, start: nil) }
        let given = try maker.blocks(of: recording, start: Self.start)
        #expect(given.first?.observation.eventTime == Self.start)
        #expect(given.first?.observation.flags == [])
    }

    @Test(arguments: [
        ("II", "urn:iso:std:iso:11073:10101|131330"),
        (" avr ", "urn:iso:std:iso:11073:10101|131390"),
        ("ECG V2", "urn:iso:std:iso:11073:10101|131332"), ("MLII", "urn:twinline:codes|ecg-mlii"),
        ("EKG", "urn:twinline:codes|ecg-ekg"), ("ABP", "urn:iso:std:iso:11073:10101|150036"),
        ("PLETH", "urn:iso:std:iso:11073:10101|150452"), ("EEG Fp1", "|EEG Fp1"), ("", "|signal"),
    ])
    func `a label means a code`(label: String, code: String) {
        #expect(WaveformKind.code(ofLabel: label).description == code)
    }
}
