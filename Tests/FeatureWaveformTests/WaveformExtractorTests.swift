import FeatureCore
import Foundation
import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

@testable import FeatureWaveform

struct WaveformExtractorTests {
    static let start = Instant(microsecondsSinceEpoch: 1_768_212_000_000_000)
    static let lead = Code.mdc("131330")
    static let pressure = Code.mdc("150036")
    static let pulse = Code.mdc("150452")

    static func waveform(
        _ samples: [Int32], _ samplesPerSecond: Double, steps: Double = 200, unit: String = "mV"
    ) -> Waveform {
        Waveform(
            label: "x", unit: unit, samplesPerSecond: samplesPerSecond,
            scale: WaveformScale(stepsPerUnit: steps, zeroStep: 0) ?? .unscaled, samples: samples)
    }

    /// The blocks of a signal, `seconds` each.
    static func blocks(
        _ whole: Waveform, _ code: Code, seconds: Double = 10, at start: Instant = start,
        unit: String? = nil
    ) throws -> [Observation] {
        let twin = try #require(TwinID("WARD|7"))
        let length = Int(seconds * whole.samplesPerSecond)
        return try stride(from: 0, to: whole.samples.count, by: length).map { first in
            var part = whole
            part.samples = Array(whole.samples[first..<min(first + length, whole.samples.count)])
            let time = start.adding(microseconds: Double(first) / whole.samplesPerSecond * 1e6)
            return Observation(
                twin: twin, code: code,
                value: .waveform(try #require(WaveformBlock(part, startedAt: time))),
                unit: unit ?? whole.unit, eventTime: time, receiveTime: time, source: "Monitor 7")
        }
    }

    static func heart(
        _ seconds: Double = 60, _ change: (inout SyntheticHeart) -> Void = { _ in }
    ) throws -> [Observation] {
        var heart = SyntheticHeart("") {
            $0.samplesPerSecond = 125
            $0.seconds = seconds
        }
        change(&heart)
        return try blocks(
            waveform(heart.record().samples, heart.samplesPerSecond), lead)
    }

    /// Pulses of 80 a minute between 80 and 120, that breathing of 15 a minute makes 10 % higher
    /// and lower.
    static func artery(seconds: Double = 60, steps: Double = 10) -> Waveform {
        let samples = (0..<Int(seconds * 125)).map { index -> Int32 in
            let time = Double(index) / 125
            let phase = (time / 0.75).truncatingRemainder(dividingBy: 1)
            let rise = phase < 0.15 ? sin(phase / 0.15 * .pi / 2) : exp(-(phase - 0.15) * 5)
            let notch = 0.08 * exp(-pow((phase - 0.45) / 0.04, 2))
            let height = 40 * (1 + 0.1 * sin(2 * .pi * time / 4))
            return Int32(((80 + height * (rise + notch)) * steps).rounded())
        }
        return waveform(samples, 125, steps: steps, unit: "mm[Hg]")
    }

    static func values(_ observations: [Observation]) -> [String: Double] {
        let extractor = WaveformExtractor()
        var timeline = Timeline()
        timeline.merge(observations, reading: extractor)
        let set = extractor.features(of: timeline, at: 1)
        return Dictionary(
            set.features.compactMap { one in one.value.map { (one.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    @Test func `waveform features keep the promises of all features`() throws {
        let observations =
            try Self.heart(40) + Self.blocks(Self.artery(seconds: 40), Self.pressure)
        for seed in [1, 2] as [UInt64] {
            #expect(
                ExtractorContract(WaveformExtractor()).violations(on: observations, seed: seed)
                    == [])
        }
    }

    /// Two hearts that one source tells of the same minute: one must be chosen, whichever came first.
    static func contradiction() throws -> [Observation] {
        try heart(40) + heart(40) { $0.beatsPerMinute = 110 }
    }

    @Test func `of two that contradict each other the same is chosen, whichever came first`()
        throws
    {
        let contract = ExtractorContract(WaveformExtractor())
        #expect(contract.violations(on: try Self.contradiction(), seed: 3) == [])
    }

    #if DEBUG
    @Test(arguments: [TimelineFlaw.trustsArrival, .trustsFlagged])
    func `each planted bug of the tracks is noticed`(flaw: TimelineFlaw) throws {
        let contract = ExtractorContract(WaveformExtractor()) { Timeline(flaw: flaw) }
        #expect(contract.violations(on: try Self.contradiction(), seed: 3) != [])
    }
    #endif

    @Test func `the rate, the quality and the variability of a calm heart are told`() throws {
        let values = Self.values(try Self.heart(300))
        #expect(abs((values["ecg.heart_rate"] ?? 0) - 75) < 1)
        #expect(try #require(values["ecg.quality"]) > 0.9)
        #expect(values["ecg.ectopic_share"] == 0)
        #expect(try #require(values["ecg.nn_share"]) > 0.95)
        // A swing of 3 % on both sides: its deviation is 0.03 / √2 of 800 ms.
        #expect(abs((values["ecg.sdnn"] ?? 0) - 17) < 2.5)
        #expect(try #require(values["ecg.hf"]) > 5 * (values["ecg.lf"] ?? 0))
        #expect(abs((values["ecg.resp_rate"] ?? 0) - 15) < 1.5)
        #expect(try #require(values["ecg.rr_irregularity"]) < 0.05)
    }

    @Test func `a heart without a rhythm is told from a calm one`() throws {
        let values = Self.values(try Self.heart(120) { $0.isIrregular = true })
        #expect(try #require(values["ecg.rr_irregularity"]) > 0.2)
    }

    @Test func `of several leads the best speaks, and noise alone says no rate`() throws {
        var noise = try Self.heart(60) {
            $0.height = 0
            $0.noise = 0.3
        }
        #expect(Self.values(noise)["ecg.heart_rate"] == nil)
        for index in noise.indices { noise[index].code = .mdc("131329") }
        let values = Self.values(noise + (try Self.heart(60)))
        #expect(abs((values["ecg.heart_rate"] ?? 0) - 75) < 1)
    }

    @Test func `what was not measured is a gap, and what was withdrawn is none of it`() throws {
        var observations = try Self.heart(120)
        observations.removeSubrange(3..<5)
        let gap = Self.values(observations)
        #expect(abs((gap["ecg.missing_share"] ?? 0) - 20.0 / 120) < 0.01)
        #expect(abs((gap["ecg.heart_rate"] ?? 0) - 75) < 1)
        var withdrawal = observations[5]
        withdrawal.value = .absent
        withdrawal.flags = [.deleted]
        let withdrawn = Self.values([withdrawal] + observations)
        #expect(abs((withdrawn["ecg.missing_share"] ?? 0) - 30.0 / 120) < 0.01)
    }

    @Test func `a correction that is withdrawn speaks no more than what it corrected`() throws {
        let heart = try Self.heart()
        var corrected = heart[3]
        corrected.flags.insert(.corrected)
        var withdrawal = heart[3]
        withdrawal.value = .absent
        withdrawal.flags.insert(.deleted)
        let without = Self.values(heart + [withdrawal])
        #expect(Self.values(heart + [corrected]) != without)
        #expect(Self.values(heart + [corrected, withdrawal]) == without)
        #expect(Self.values([withdrawal, corrected] + heart) == without)
    }

    @Test(arguments: [0.5, 1, 7, 60])
    func `however a signal is cut into blocks, it says the same`(seconds: Double) throws {
        let samples = SyntheticHeart("") {
            $0.samplesPerSecond = 125
            $0.seconds = 60
        }.record().samples
        let whole = Self.waveform(samples, 125)
        let values = Self.values(try Self.blocks(whole, Self.lead, seconds: seconds))
        #expect(values == Self.values(try Self.blocks(whole, Self.lead, seconds: 60)))
        #expect(values["ecg.missing_share"] == 0)
    }

    @Test func `pressures and what breathing does to them are told`() throws {
        let values = Self.values(try Self.blocks(Self.artery(), Self.pressure))
        #expect(abs((values["abp.sbp"] ?? 0) - 120) < 2)
        #expect(abs((values["abp.dbp"] ?? 0) - 80) < 2)
        #expect(abs((values["abp.pulse_pressure"] ?? 0) - 40) < 2)
        #expect(abs((values["abp.pulse_rate"] ?? 0) - 80) < 1)
        #expect(abs((values["abp.pulse_pressure_variation"] ?? 0) - 20) < 4)
        #expect(abs((values["abp.resp_rate"] ?? 0) - 15) < 1)
        let mean = try #require(values["abp.map"])
        #expect(mean > 85 && mean < 100)
        let kilopascals = Self.values(
            try Self.blocks(Self.artery(steps: 10), Self.pressure, unit: "kPa"))
        #expect(abs((kilopascals["abp.sbp"] ?? 0) - 120 * 7.50062) < 15)
    }

    @Test func `a plethysmogram tells pulse and breath`() throws {
        let values = Self.values(try Self.blocks(Self.artery(steps: 1000), Self.pulse))
        #expect(abs((values["pleth.pulse_rate"] ?? 0) - 80) < 1)
        #expect(abs((values["pleth.resp_rate"] ?? 0) - 15) < 1)
        #expect(values["abp.sbp"] == nil)
    }

    @Test func `flags of the blocks are flags of what is made of them`() throws {
        var observations = try Self.heart(40)
        observations[1].flags = [.zoneUnknown]
        let extractor = WaveformExtractor()
        var timeline = Timeline()
        timeline.merge(observations, reading: extractor)
        let set = extractor.features(of: timeline, at: 1)
        #expect(set.features.allSatisfy { $0.flags.contains(.zoneUnknown) })
        #expect(set.features.contains { $0.value == nil && $0.flags.contains(.incomplete) })
        #expect(set.referenceTime == observations.last?.eventTime)
    }

    @Test func `a track keeps the last quarter of an hour, whatever came when`() throws {
        let tick = Self.waveform([1, 2, 3], 100)
        let twin = try #require(TwinID("WARD|7"))
        let all = try (0..<400).map { index in
            let time = Self.start.adding(seconds: Int64(index) * 10)
            return Observation(
                twin: twin, code: Self.lead,
                value: .waveform(try #require(WaveformBlock(tick, startedAt: time))), unit: "mV",
                eventTime: time, receiveTime: time, source: "m")
        }
        var random = SplitMix64(seed: 5)
        for _ in 0..<5 {
            var timeline = Timeline()
            for piece in [all.shuffled(using: &random), all] {
                var rest = piece[...]
                while !rest.isEmpty {
                    timeline.merge(Array(rest.prefix(37)), reading: WaveformExtractor())
                    rest = rest.dropFirst(37)
                }
            }
            let blocks = timeline.waveforms.first?.blocks
            #expect(blocks?.map(\.eventTime) == all.suffix(90).map(\.eventTime))
        }
    }

    @Test func `bytes that are no waveform make no features and end nothing`() throws {
        var observations = try Self.heart(20)
        for index in observations.indices {
            observations[index].value = .waveform(try #require(WaveformBlock([1, 2, 3])))
        }
        #expect(Self.values(observations).isEmpty)
    }
}
