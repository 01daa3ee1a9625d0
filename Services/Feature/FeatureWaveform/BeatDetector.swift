public import TwinCore
import TwinWaveform

/// Finds the beats of an ECG as its samples arrive: samples in, beats out, each at a fixed delay.
///
/// What comes out does not depend on how the samples are cut into pieces, and what comes later
/// than ``delayCount`` samples does not change it. Hills of steepness are found; each is judged
/// when the 0.6 s behind it are known: by its height among the last beats and the last noise, by
/// the rhythm, and by how quiet the signal is between the hills.
public struct BeatDetector: Sendable {
    public static let rates = 80.0...4000.0

    public let samplesPerSecond: Double
    /// A beat comes out when this many samples after it have come in; less than a second.
    public let delayCount: Int

    private var filter: BeatFilter
    private var finder: HillFinder
    private var judge: BeatJudge
    private var classifier: BeatClassifier
    private var steep: [Double]
    private var count = 0
    private var held: Int64 = 0
    /// Keeps the filtered signal continuous over a gap.
    private var offset: Int64 = 0
    private var hasBegun = false
    private var wasMissing = false
    /// How many samples were missing up to each place of the ring, and up to the last beat.
    private var missingCounts: [Int]
    private var missingCount = 0
    private var missingCountAtBeat = 0
    private var lastBeat: Int?

    /// For a signal of a rate that its file states.
    public init(samplesPerSecond: Double) throws(Refusal) {
        guard BeatDetector.rates.contains(samplesPerSecond) else {
            throw Refusal(
                .unsupported,
                "beats are found at \(BeatDetector.rates) samples a second, not \(samplesPerSecond)"
            )
        }
        self.samplesPerSecond = samplesPerSecond
        filter = BeatFilter(samplesPerSecond: samplesPerSecond)
        finder = HillFinder(reach: Int((0.1 * samplesPerSecond).rounded()))
        judge = BeatJudge(samplesPerSecond: samplesPerSecond)
        classifier = BeatClassifier(samplesPerSecond: samplesPerSecond)
        delayCount = filter.hillDelay + finder.reach + judge.lookahead
        steep = [Double](repeating: 0, count: delayCount + classifier.reach * 4 + 64)
        missingCounts = [Int](repeating: 0, count: steep.count)
    }

    /// Takes the next samples, and returns the beats that are decided by them.
    public mutating func receive(_ samples: some Sequence<Int32>) -> [Beat] {
        var beats: [Beat] = []
        for sample in samples {
            if let beat = push(sample) { beats.append(beat) }
        }
        return beats
    }

    /// The beats that are not decided yet; the signal ends here.
    public mutating func finish() -> [Beat] {
        let end = count
        var beats: [Beat] = []
        for _ in 0...delayCount {
            if let beat = push(held: held), beat.sample < end { beats.append(beat) }
        }
        return beats
    }

    /// All beats of a whole signal.
    public static func beats(
        of samples: [Int32], samplesPerSecond: Double
    ) throws(Refusal) -> [Beat] {
        var detector = try BeatDetector(samplesPerSecond: samplesPerSecond)
        let beats = detector.receive(samples)
        return beats + detector.finish()
    }

    private mutating func push(_ sample: Int32) -> Beat? {
        if sample == Waveform.missing {
            wasMissing = true
            missingCount += 1
        } else {
            let value = Int64(sample)
            if wasMissing, hasBegun { offset = held - value }
            held = value + offset
            wasMissing = false
            hasBegun = true
        }
        return push(held: held)
    }

    private mutating func push(held value: Int64) -> Beat? {
        let output = filter.push(value)
        steep[count % steep.count] = output.steep
        missingCounts[count % steep.count] = missingCount
        count += 1
        if let hill = finder.push(output.hill) { judge.add(hill) }
        // Filtered places lie behind the signal's by the filter's delay.
        guard let verdict = judge.next(known: count - 1 - finder.reach) else { return nil }
        return beat(verdict)
    }

    private mutating func beat(_ verdict: BeatJudge.Verdict) -> Beat? {
        let middle = verdict.place - (filter.hillDelay - filter.steepDelay)
        var top = middle
        for place in max(0, middle - classifier.reach / 2)...(middle + classifier.reach / 2)
        where abs(steepness(place)) > abs(steepness(top)) { top = place }
        let sample = max(0, top - filter.steepDelay)
        let previous = lastBeat
        // Two hills can share their steepest place.
        if let previous, sample <= previous { return nil }
        lastBeat = sample
        let missing = missingCounts[sample % steep.count]
        let followsGap = missing > missingCountAtBeat
        missingCountAtBeat = missing
        var shape: [Double] = []
        shape.reserveCapacity(classifier.shapeCount)
        for place in top - classifier.outerReach...top + classifier.outerReach {
            shape.append(place < 0 ? 0 : steepness(place))
        }
        let kind = classifier.kind(
            shape: shape, intervalCount: previous.map { sample - $0 }, followsGap: followsGap,
            noise: verdict.noise)
        return Beat(
            sample: sample, kind: kind, amplitude: abs(steepness(top)),
            quality: BeatJudge.quality(noise: verdict.noise), followsGap: followsGap)
    }

    private func steepness(_ place: Int) -> Double { steep[place % steep.count] }
}
