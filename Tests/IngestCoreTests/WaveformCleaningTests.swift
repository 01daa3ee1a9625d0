import Testing
import TwinCore
import TwinWaveform

@testable import IngestCore

struct WaveformCleaningTests {
    static let now = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

    static func clean(
        _ samples: [Int32], _ code: Code = .mdc("131330"), unit: String = "mV",
        samplesPerSecond: Double = 250, at time: Instant = now
    ) throws -> Observation {
        let waveform = Waveform(
            label: "II", unit: "mV", samplesPerSecond: samplesPerSecond, scale: .unscaled,
            samples: samples)
        let twin = try #require(TwinID("H|1"))
        let block = try #require(WaveformBlock(waveform, startedAt: time))
        let sent = Observation(
            twin: twin, code: code, value: .waveform(block), unit: unit, eventTime: time,
            receiveTime: time, source: "t")
        let cleaned = Cleaner().clean(sent, receivedAt: now)
        #expect(cleaned.value == sent.value)
        return cleaned
    }

    static let living = (0..<500).map { Int32(($0 * 37) % 101) }

    @Test func `a living signal has no flag, and its unit is canonical`() throws {
        #expect(try Self.clean(Self.living).flags == [])
        #expect(try Self.clean(Self.living, .mdc("150036"), unit: "mmHg").unit == "mm[Hg]")
        #expect(try Self.clean(Self.living, unit: "").unit == "mV")
    }

    @Test func `a signal that stands still or lies at its end is kept and flagged`() throws {
        #expect(try Self.clean([Int32](repeating: 7, count: 500)).flags == .flatLine)
        let clipped = Self.living.map { min($0 * 3, 200) }.sorted()
        #expect(try Self.clean(clipped).flags == .clipped)
        let nothing = [Int32](repeating: Waveform.missing, count: 500)
        #expect(try Self.clean(nothing).flags == .noResult)
    }

    @Test func `what is not known of a signal keeps it out of features`() throws {
        let unknown = Code(system: "", value: "channel 9")
        #expect(try Self.clean(Self.living, unknown).flags == .codeUnknown)
        #expect(try Self.clean(Self.living, .mdc("150036"), unit: "furlong").flags == .unitUnknown)
        #expect(try Self.clean(Self.living, samplesPerSecond: 0.001).flags == .outOfRange)
        let late = Self.now.adding(seconds: 3600)
        #expect(try Self.clean(Self.living, at: late).flags == .futureTime)
    }

    @Test func `a batch is weighed by the bytes of its waveforms`() throws {
        let large = (0..<300_000).map { Int32(truncatingIfNeeded: $0 &* 1_103_515_245) >> 12 }
        let one = try Self.clean(large)
        #expect(one.value.weight > 10_000)
        var room = IngestRoom(adapters: [])
        let batch = ObservationBatch([Observation](repeating: one, count: 7))
        let departures = room.receive(
            .observations(
                batch, byteCount: 1, from: Peer(connection: 1), correlation: 4,
                receivedAt: Self.now))
        guard case .refuse(_, .refused(4, let refusal))? = departures.first else {
            Issue.record("it was taken: \(departures.count)")
            return
        }
        #expect(refusal.reason == .tooLarge)
    }
}
