import FeatureWaveform
import IngestWaveform
import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

/// A record of the shared data, with its annotators' beats.
struct KnownRecord {
    let name: String
    let lead: Waveform
    let marks: [WFDBAnnotation]

    init(_ name: String) throws {
        self.name = name
        let header = try #require(SharedData.bytes("mitdb/\(name).hea"))
        let recording = try WFDBRecord.read(header: header) { SharedData.bytes("mitdb/\($0)") }
        lead = recording.waveforms[0]
        marks = try WFDBAnnotation.read(try #require(SharedData.bytes("mitdb/\(name).atr")))
            .filter(\.isBeat)
    }

    func beats() throws -> [Beat] {
        try BeatDetector.beats(of: lead.samples, samplesPerSecond: lead.samplesPerSecond)
    }

    func comparison(_ beats: [Beat]) -> BeatComparison {
        BeatComparison(
            found: beats.map(\.sample), reference: marks.map(\.sample),
            samplesPerSecond: lead.samplesPerSecond)
    }
}

struct BeatDetectorTests {
    /// Triangles of 80 ms on a flat line, at the given places.
    static func train(
        _ places: [Int], count: Int, samplesPerSecond: Double, height: Int32 = 200
    ) -> [Int32] {
        var samples = [Int32](repeating: 1000, count: count)
        let half = Int(0.04 * samplesPerSecond)
        for place in places {
            for offset in -half...half where samples.indices.contains(place + offset) {
                samples[place + offset] += height * Int32(half - abs(offset)) / Int32(half)
            }
        }
        return samples
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `beats of real records are found as annotators marked them`() throws {
        var (matched, missed, added) = (0, 0, 0)
        for name in ["100", "103", "105"] {
            let record = try KnownRecord(name)
            let result = record.comparison(try record.beats())
            #expect(try #require(result.sensitivity) > 0.98, "\(name)")
            #expect(try #require(result.predictivity) > 0.95, "\(name)")
            matched += result.matched
            missed += result.missed
            added += result.added
        }
        #expect(matched > 5700)
        // What was measured when this was written, with little to spare.
        #expect(missed <= 18 && added <= 34)
        #expect(Double(matched) / Double(matched + missed) >= 0.995)
        #expect(Double(matched) / Double(matched + added) >= 0.99)
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `the answer is the same whatever the pieces, the polarity and the zero`() throws {
        let record = try KnownRecord("105")
        let samples = Array(record.lead.samples[300_000..<480_000])
        let whole = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        #expect(whole.count > 600)
        var generator = SplitMix64(seed: 4)
        var detector = try BeatDetector(samplesPerSecond: 360)
        var beats: [Beat] = []
        var place = 0
        while place < samples.count {
            let end = min(samples.count, place + Int.random(in: 0...900, using: &generator))
            let piece = detector.receive(samples[place..<end])
            // Nothing is known sooner, or later, than the delay.
            for beat in piece {
                #expect(beat.sample < end && beat.sample >= place - detector.delayCount - 40)
            }
            beats += piece
            place = end
        }
        #expect(beats + detector.finish() == whole)
        #expect(Double(detector.delayCount) / 360 < 1)
        let turned = try BeatDetector.beats(of: samples.map { 70_000 - $0 }, samplesPerSecond: 360)
        #expect(turned == whole)
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `what comes later than the delay changes nothing`() throws {
        let samples = Array(try KnownRecord("100").lead.samples.prefix(36_000))
        let whole = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        var detector = try BeatDetector(samplesPerSecond: 360)
        let early = detector.receive(samples.prefix(20_000))
        let delay = detector.delayCount
        #expect(early == Array(whole.prefix(early.count)))
        #expect(whole.dropFirst(early.count).allSatisfy { $0.sample > 20_000 - delay - 40 })
    }

    @Test(arguments: [100.0, 125, 250, 360, 500, 1000])
    func `every rate finds every beat, in its place`(rate: Double) throws {
        let places = (0..<120).map { Int((Double($0) * 0.8 + 0.5) * rate) }
        let samples = Self.train(places, count: Int(97 * rate), samplesPerSecond: rate)
        let beats = try BeatDetector.beats(of: samples, samplesPerSecond: rate)
        let result = BeatComparison(
            found: beats.map(\.sample), reference: places, samplesPerSecond: rate,
            skipSeconds: 0, windowSeconds: 0.05)
        #expect(result.matched == 120 && result.added == 0)
        #expect(beats.dropFirst(6).allSatisfy { $0.kind == .normal })
    }

    @Test func `noise a third as high as beats lowers the quality, and adds few beats`() throws {
        let places = (0..<300).map { 200 + $0 * 300 }
        var samples = Self.train(places, count: 90_500, samplesPerSecond: 360)
        var generator = SplitMix64(seed: 12)
        var level = 0.0
        for index in 30_000..<60_000 {
            level = 0.7 * level + Double.random(in: -45...45, using: &generator)
            samples[index] += Int32(level)
        }
        let beats = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        let result = BeatComparison(
            found: beats.map(\.sample), reference: places, samplesPerSecond: 360, skipSeconds: 0)
        #expect(result.missed + result.added <= 4, "\(result.missed) \(result.added)")
        func quality(_ range: Range<Int>) -> Double {
            let own = beats.filter { range.contains($0.sample) }
            return own.reduce(0) { $0 + $1.quality } / Double(own.count)
        }
        #expect(quality(1000..<29_000) > 0.95)
        #expect(quality(31_000..<59_000) < 0.8)
    }

    @Test func `an early beat is ectopic, and its neighbours are not`() throws {
        var places = (0..<60).map { 200 + $0 * 300 }
        places[40] -= 100
        let beats = try BeatDetector.beats(
            of: Self.train(places, count: 18_500, samplesPerSecond: 360), samplesPerSecond: 360)
        #expect(beats.indices.filter { beats[$0].kind == .ectopic } == [40])
        #expect(BeatIntervals(beats, samplesPerSecond: 360).intervals.count == 60 - 4 - 1 - 2)
    }

    @Test func `a gap makes no beat and no interval`() throws {
        let places = (0..<60).map { 200 + $0 * 300 }
        var samples = Self.train(places, count: 18_500, samplesPerSecond: 360)
        for index in 6000..<9100 { samples[index] = Waveform.missing }
        // The baseline is another one after it.
        for index in 9100..<samples.count { samples[index] += 5000 }
        let beats = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        #expect(!beats.contains { (5990..<9110).contains($0.sample) })
        let result = BeatComparison(
            found: beats.map(\.sample), reference: places.filter { !(6000..<9100).contains($0) },
            samplesPerSecond: 360, skipSeconds: 0)
        #expect(result.missed == 0 && result.added == 0)
        #expect(beats.count { $0.followsGap } == 1)
        let intervals = BeatIntervals(beats, samplesPerSecond: 360).intervals
        #expect(intervals.allSatisfy { abs($0.durationMs - 300 / 0.36) < 10 })
    }

    @Test func `silence has no beats, and beats that return are found`() throws {
        let places = (0..<30).map { 200 + $0 * 300 } + (0..<30).map { 14_000 + $0 * 300 }
        let samples = Self.train(places, count: 23_500, samplesPerSecond: 360)
        let beats = try BeatDetector.beats(of: samples, samplesPerSecond: 360)
        #expect(beats.count == 60)
        #expect(
            try BeatDetector.beats(of: .init(repeating: 5, count: 9000), samplesPerSecond: 360)
                .isEmpty)
        #expect(
            try BeatDetector.beats(
                of: .init(repeating: Waveform.missing, count: 9000), samplesPerSecond: 360
            ).isEmpty)
        #expect(try BeatDetector.beats(of: [], samplesPerSecond: 360).isEmpty)
    }

    @Test(arguments: [0, -1, 79, 4001, Double.nan, .infinity])
    func `a rate at which no beat can be found is refused`(rate: Double) {
        #expect(throws: Refusal.self) { try BeatDetector(samplesPerSecond: rate) }
    }

    @Test func `extremes of every sample end nothing`() throws {
        var generator = SplitMix64(seed: 8)
        let values: [Int32] = [.min, .max, .min + 1, 0, 1]
        let samples = (0..<30_000).map { _ in values.randomElement(using: &generator) ?? 0 }
        _ = try BeatDetector.beats(of: samples, samplesPerSecond: 4000)
    }

    @Test func `comparison pairs nearest partners once, and counts what is left`() {
        let result = BeatComparison(
            found: [90, 100, 300, 500, 900], reference: [100, 320, 700, 905],
            samplesPerSecond: 360, skipSeconds: 0)
        #expect(result.matched == 3)
        #expect(result.missedSamples == [700])
        #expect(result.addedSamples == [90, 500])
        let later = BeatComparison(
            found: [90, 100, 300, 500, 900], reference: [100, 320, 700, 905],
            samplesPerSecond: 360, skipSeconds: 1, excluding: [600..<800])
        #expect(later.matched == 1 && later.missed == 0 && later.added == 1)
    }
}
