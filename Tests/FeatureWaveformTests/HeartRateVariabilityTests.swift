import FeatureWaveform
import Foundation
import IngestWaveform
import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

struct HeartRateVariabilityTests {
    /// Intervals `average + deviation sin(2 π frequency t)`, in seconds.
    static func pattern(
        average: Double, deviation: Double, frequency: Double, seconds: Double
    ) -> BeatIntervals {
        var time = 0.0
        var intervals: [BeatIntervals.Interval] = []
        while time < seconds {
            let interval = average + deviation * sin(2 * .pi * frequency * time)
            time += interval
            intervals.append(.init(endSeconds: time, durationMs: interval * 1000))
        }
        return BeatIntervals(intervals: intervals)
    }

    @Test(arguments: [300.0, 1800, 86_400])
    func `the sinusoidal patterns of EC57 have their power in their band`(seconds: Double) throws {
        func spectrum(
            _ average: Double, _ deviation: Double, _ frequency: Double
        ) throws
            -> HeartRateSpectrum
        {
            try #require(
                HeartRateSpectrum(
                    Self.pattern(
                        average: average, deviation: deviation, frequency: frequency,
                        seconds: seconds)))
        }
        let high = try spectrum(0.8, 0.035, 0.25)
        #expect(abs(high.hfMs2 / 612.5 - 1) < 0.015)
        #expect(high.lfMs2 + high.vlfMs2 < 1)
        let low = try spectrum(1, 0.07, 0.1)
        #expect(abs(low.lfMs2 / 2450 - 1) < 0.015)
        let veryLow = try spectrum(3, 0.28, 1.0 / 30)
        #expect(abs(veryLow.vlfMs2 / 39_200 - 1) < 0.015)
        #expect(try spectrum(1.5, 0.14, 0.0002).totalMs2 < 0.2)
    }

    @Test(
        .enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"),
        arguments: [
            ("100", true, 2204, 35.961, 27.791, 5.992), ("100", false, 2272, 48.846, 63.232, 9.996),
            ("103", true, 2079, 45.901, 31.672, 10.202),
        ])
    func `the reference table's values come out of the annotators' beats`(
        name: String, normalOnly: Bool, count: Int, sdnn: Double, rmssd: Double, pnn50: Double
    ) throws {
        let record = try KnownRecord(name)
        let beats = record.marks.map { mark in
            Beat(
                sample: mark.sample, kind: mark.isNormalBeat || !normalOnly ? .normal : .ectopic,
                amplitude: 1, quality: 1, followsGap: false)
        }
        let series = BeatIntervals(beats, samplesPerSecond: record.lead.samplesPerSecond)
        let result = try #require(HeartRateVariability(series))
        #expect(result.intervalCount == count)
        #expect(abs(result.sdnnMs / sdnn - 1) < 0.0001)
        #expect(abs(result.rmssdMs / rmssd - 1) < 0.0001)
        #expect(abs(result.pnn50Percent / pnn50 - 1) < 0.0005)
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `ectopic beats that were found do not spoil the variability`() throws {
        let record = try KnownRecord("100")
        let series = BeatIntervals(try record.beats(), samplesPerSecond: 360)
        let result = try #require(HeartRateVariability(series))
        #expect(abs(result.sdnnMs / 35.961 - 1) < 0.01)
        #expect(abs(result.rmssdMs / 27.791 - 1) < 0.01)
    }

    @Test func `too few intervals, or too many holes, have no variability`() {
        #expect(HeartRateVariability(BeatIntervals(intervals: [])) == nil)
        let short = Self.pattern(average: 1, deviation: 0.1, frequency: 0.1, seconds: 90)
        #expect(HeartRateVariability(short) != nil)
        #expect(HeartRateSpectrum(short) == nil)
        var holes = Self.pattern(average: 1, deviation: 0.1, frequency: 0.1, seconds: 300)
        holes.intervals.removeAll { Int($0.endSeconds) % 3 == 0 }
        #expect(HeartRateSpectrum(holes) == nil)
        let wild = BeatIntervals(
            intervals: [0, .infinity, .nan, 1e300, -5].map {
                .init(endSeconds: $0, durationMs: $0)
            })
        #expect(HeartRateSpectrum(wild) == nil)
    }

    @Test(arguments: [8.0, 12, 18, 24, 33])
    func `breathing that moves heights, or the rhythm, is found`(perMinute: Double) throws {
        func beats(height: Double, rhythm: Double) -> [Beat] {
            var time = 0.0
            return (0..<120).map { _ in
                let phase = sin(2 * .pi * perMinute / 60 * time)
                defer { time += 0.75 + rhythm * phase }
                return Beat(
                    sample: Int(time * 1000), kind: .normal, amplitude: 100 + height * phase,
                    quality: 1, followsGap: false)
            }
        }
        for (beats, source) in [
            (beats(height: 10, rhythm: 0), RespirationRate.Source.heights),
            (beats(height: 0, rhythm: 0.03), .rhythm), (beats(height: 10, rhythm: 0.03), .heights),
        ] {
            let rate = try #require(RespirationRate(beats, samplesPerSecond: 1000))
            #expect(abs(rate.perMinute - perMinute) < 0.5)
            #expect(rate.quality > 0.5 && rate.source == source)
        }
        #expect(RespirationRate(beats(height: 0, rhythm: 0), samplesPerSecond: 1000) == nil)
    }

    @Test func `what is flat or missing is not to be relied on`() throws {
        let beat = Beat(sample: 50, kind: .normal, amplitude: 1, quality: 0.9, followsGap: false)
        var samples = (0..<1000).map { Int32($0 % 7) }
        func index() -> Double? {
            SignalQuality(samples, in: 0..<1000, beats: [beat], samplesPerSecond: 100)?.index
        }
        #expect(index() == 0.9)
        for place in 100..<350 { samples[place] = 3 }
        for place in 500..<750 { samples[place] = Waveform.missing }
        #expect(abs((index() ?? 0) - 0.45) < 0.01)
        #expect(
            SignalQuality(samples, in: 0..<1000, beats: [], samplesPerSecond: 100)?.index == 0)
        #expect(SignalQuality(samples, in: 5..<5, beats: [], samplesPerSecond: 100) == nil)
    }
}
