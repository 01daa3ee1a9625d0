import FeatureWaveform
import Testing
import TwinTestKit
import TwinWaveform

/// Rhythms that were not what the detector was made on.
struct HardRhythmTests {
    static let hearts: [SyntheticHeart] =
        [100.0, 128, 250, 500, 1000].map { rate in
            SyntheticHeart("\(rate) samples/s") { $0.samplesPerSecond = rate }
        }
        + [30.0, 45, 140, 200].map { rate in
            SyntheticHeart("\(rate) beats/min") { $0.beatsPerMinute = rate }
        }
        + [
            SyntheticHeart("a twentieth of a millivolt") {
                $0.height = 0.05
                $0.noise = 0.002
            },
            SyntheticHeart("twenty steps a millivolt") { $0.stepsPerMillivolt = 20 },
            SyntheticHeart("a thousand steps a millivolt") { $0.stepsPerMillivolt = 1000 },
            SyntheticHeart("noise") { $0.noise = 0.15 },
            SyntheticHeart("a wandering baseline") { $0.wander = 2 },
            SyntheticHeart("mains hum") { $0.mains = 0.5 },
            SyntheticHeart("inverted") { $0.isInverted = true },
            SyntheticHeart("wide complexes") { $0.isWide = true },
            SyntheticHeart("wide and inverted") {
                $0.isWide = true
                $0.isInverted = true
            },
            SyntheticHeart("paced") { $0.isPaced = true },
            SyntheticHeart("no rhythm at all") { $0.isIrregular = true },
            SyntheticHeart("fast without a rhythm") {
                $0.isIrregular = true
                $0.beatsPerMinute = 130
            },
            SyntheticHeart("many early beats") { $0.ectopicShare = 0.2 },
            SyntheticHeart("a silent start") { $0.silentSeconds = 20 },
            SyntheticHeart("recovery waves higher than the beats") { $0.recovery = 1.2 },
            SyntheticHeart("recovery waves as high, fast") {
                $0.recovery = 1
                $0.beatsPerMinute = 120
            },
        ]

    @Test(arguments: hearts)
    func `beats are found where they were put`(heart: SyntheticHeart) throws {
        let (samples, places) = heart.record()
        let beats = try BeatDetector.beats(
            of: samples, samplesPerSecond: heart.samplesPerSecond)
        let result = BeatComparison(
            found: beats.map(\.sample), reference: places,
            samplesPerSecond: heart.samplesPerSecond, skipSeconds: heart.silentSeconds + 10)
        #expect(try #require(result.sensitivity) >= 0.98)
        #expect(try #require(result.predictivity) >= 0.98)
    }

    @Test(arguments: [2000, 300, 60] as [Int32])
    func `beats are found again behind an artefact of any height`(height: Int32) throws {
        let heart = SyntheticHeart("")
        var (samples, places) = heart.record()
        for index in 0..<1440 { samples[index] = (index / 11) % 2 == 0 ? height : -height }
        let beats = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        places.removeAll { $0 < 360 * 15 }
        let result = BeatComparison(
            found: beats.map(\.sample), reference: places, samplesPerSecond: 360,
            skipSeconds: 16)
        #expect(result.missed == 0 && result.added == 0)
    }

    @Test func `a line without beats stays without, whatever was before`() throws {
        let heart = SyntheticHeart("")
        var (samples, _) = heart.record()
        var random = SplitMix64(seed: 3)
        let end = 360 * 40
        for index in end..<samples.count {
            samples[index] = Int32.random(in: -2...2, using: &random)
        }
        let beats = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        #expect(beats.count { $0.sample > end + 200 } == 0)
        for index in end..<samples.count { samples[index] = index % 900 < 400 ? 1 : 0 }
        let quiet = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        #expect(quiet.count { $0.sample > end + 200 } == 0)
    }

    @Test func `early wide beats are ectopic, the others are not`() throws {
        let heart = SyntheticHeart("early beats") { $0.ectopicShare = 0.1 }
        let (samples, places) = heart.record()
        let beats = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        let ectopic = beats.count { $0.kind == .ectopic }
        let calm = try BeatDetector.beats(
            of: SyntheticHeart("calm").record().samples, samplesPerSecond: 360)
        #expect(calm.count { $0.kind == .ectopic } == 0)
        #expect(ectopic >= places.count / 20 && ectopic <= places.count / 5)
    }
}
