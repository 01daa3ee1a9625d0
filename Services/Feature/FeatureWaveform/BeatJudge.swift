/// Decides which hills are beats, each when all hills within the lookahead are known.
struct BeatJudge {
    struct Verdict {
        var place: Int
        /// How high the valleys are beside the beats: 0.02 in a quiet signal, 0.2 in a noisy one.
        var noise: Double
    }

    /// In samples.
    let lookahead: Int
    private let refractory: Double
    private let repolarisation: Double
    private let second: Double
    private var decided: [Hill] = []
    private var pending: [Hill] = []
    private var beatHeights: [Double] = []
    private var noiseHeights: [Double] = []
    private var intervals: [Double] = []
    private var last: Hill?

    init(samplesPerSecond: Double) {
        second = samplesPerSecond
        lookahead = Int(0.6 * samplesPerSecond)
        refractory = 0.2 * samplesPerSecond
        repolarisation = 0.36 * samplesPerSecond
    }

    mutating func add(_ hill: Hill) { pending.append(hill) }

    /// The next beat, if the next hill is one and can be judged by now.
    mutating func next(known place: Int) -> Verdict? {
        guard let hill = pending.first, place >= hill.place + lookahead else { return nil }
        pending.removeFirst()
        let ahead = pending.prefix { $0.place <= hill.place + lookahead }
        let levels = levels(hill, ahead)
        let isBeat = isBeat(hill, ahead, levels)
        decided.append(hill)
        if decided.count > 20 { decided.removeFirst() }
        guard isBeat else {
            noiseHeights.append(hill.height)
            if noiseHeights.count > 12 { noiseHeights.removeFirst() }
            return nil
        }
        if let last, Double(hill.place - last.place) < 2.5 * levels.interval {
            intervals.append(Double(hill.place - last.place))
            if intervals.count > 8 { intervals.removeFirst() }
        }
        // One artefact must not lift the level.
        beatHeights.append(min(hill.height, 2 * levels.beat))
        if beatHeights.count > 8 { beatHeights.removeFirst() }
        last = hill
        return Verdict(place: hill.place, noise: levels.noise)
    }

    /// What a beat and what noise look like around a hill.
    private struct Levels {
        var beat: Double
        /// The height above which a hill is likely a beat, and above which it may be one that is
        /// missed.
        var bar: Double
        var searchBar: Double
        /// The valleys' height, as a share of a beat's.
        var noise: Double
        /// 0 in a quiet signal, 1 in a noisy one.
        var dirt: Double
        /// The rhythm's interval, in samples.
        var interval: Double
        var isRhythmKnown: Bool
        /// Since the last beat, in samples.
        var gap: Double
    }

    private mutating func levels(_ hill: Hill, _ ahead: ArraySlice<Hill>) -> Levels {
        let isRhythmKnown = intervals.count >= 3
        let interval = isRhythmKnown ? BeatJudge.median(intervals) : 0.9 * second
        let gap = last.map { Double(hill.place - $0.place) } ?? .infinity
        relearn(hill, ahead, gap: gap)
        let beat =
            beatHeights.count < 3
            ? 0.8 * highest(hill, ahead) : BeatJudge.median(beatHeights)
        let other = noiseHeights.isEmpty ? 0.1 * beat : BeatJudge.median(noiseHeights)
        let noiseHeight = min(other, 0.6 * beat)
        let valleys = decided.suffix(8) + [hill] + ahead.prefix(3)
        let noise = BeatJudge.median(valleys.map(\.valley)) / beat
        let dirt = min(1, max(0, (noise - 0.04) / 0.16))
        let step = beat - noiseHeight
        var bar = max(noiseHeight + 0.35 * step, (0.35 + 0.1 * dirt) * beat)
        // Silence lowers the bar.
        if gap > 1.5 * interval {
            bar = noiseHeight + 0.35 * step * max(0.4, 1 - 0.5 * (gap / interval - 1.5))
        }
        return Levels(
            beat: beat, bar: bar, searchBar: noiseHeight + 0.15 * step, noise: noise, dirt: dirt,
            interval: interval, isRhythmKnown: isRhythmKnown, gap: gap)
    }

    /// Forgets how high beats are after four seconds without one, unless all is quiet: the lead
    /// may have been changed, or an artefact may have been taken for beats.
    ///
    /// After eight seconds quiet hills count too, where they stand out: an artefact may have been
    /// of any height. Noise has no valleys, and a silent line no hills of more than a step.
    private mutating func relearn(_ hill: Hill, _ ahead: ArraySlice<Hill>, gap: Double) {
        guard gap > 4 * second, gap < .infinity, beatHeights.count >= 3 else { return }
        let highest = highest(hill, ahead)
        let isLoud = highest > 0.15 * BeatJudge.median(beatHeights)
        guard isLoud || (gap > 8 * second && standsOut(highest, hill, ahead)) else { return }
        beatHeights = []
        noiseHeights = []
        intervals = []
    }

    private func standsOut(_ highest: Double, _ hill: Hill, _ ahead: ArraySlice<Hill>) -> Bool {
        let valleys = (decided.suffix(8) + [hill] + ahead).map(\.valley)
        return highest > 1.5 && BeatJudge.median(valleys) < 0.2 * highest
    }

    private func highest(_ hill: Hill, _ ahead: ArraySlice<Hill>) -> Double {
        let recent = decided.filter { Double($0.place) > Double(hill.place) - 3 * second }
        return (recent + ahead).reduce(hill.height) { max($0, $1.height) }
    }

    private func isBeat(_ hill: Hill, _ ahead: ArraySlice<Hill>, _ levels: Levels) -> Bool {
        guard hill.height > levels.bar || isMissedBeat(hill, ahead, levels) else { return false }
        guard levels.gap >= refractory else { return false }
        // Of two that can't both be beats the higher one is.
        guard
            !ahead.contains(where: {
                Double($0.place - hill.place) < refractory && $0.height > hill.height
            })
        else { return false }
        // The wave of a ventricle's recovery can be higher than the beat, but is not as steep.
        let steepness = levels.gap < 0.84 * repolarisation ? 0.75 : 0.5
        if levels.gap < repolarisation, let last, hill.height < steepness * last.height {
            return false
        }
        guard levels.isRhythmKnown else { return true }
        // Too early for the rhythm: as high as a beat, the more so the noisier the signal is.
        if levels.gap < (0.55 + 0.15 * levels.dirt) * levels.interval,
            hill.height < (0.5 + 0.5 * levels.dirt) * levels.beat
        {
            return false
        }
        guard levels.gap < 0.8 * levels.interval else { return true }
        // Early, while one that is as high comes when the beat is due.
        return !ahead.contains { other in
            let due = Double(other.place - hill.place) + levels.gap
            return Double(other.place - hill.place) < 0.5 * levels.interval
                && abs(due - levels.interval) < 0.15 * levels.interval
                && other.height > (1 - 0.4 * levels.dirt) * hill.height
        }
    }

    /// Whether a low hill fills a hole in the rhythm better than any other.
    private func isMissedBeat(
        _ hill: Hill, _ ahead: ArraySlice<Hill>, _ levels: Levels
    ) -> Bool {
        guard hill.height > levels.searchBar, levels.gap > 0.5 * levels.interval else {
            return false
        }
        let following = ahead.first { $0.height > levels.bar }?.place
        let end = Double((following ?? hill.place + lookahead) - hill.place) + levels.gap
        guard end > 1.5 * levels.interval, end - levels.gap > 0.3 * levels.interval else {
            return false
        }
        let rivals = ahead.filter {
            let due = Double($0.place - hill.place) + levels.gap
            return due < min(end, 1.3 * levels.interval)
        }
        return rivals.allSatisfy { $0.height <= hill.height }
    }

    /// 1 in a quiet signal, falling to 0 where valleys are a third as high as beats.
    static func quality(noise: Double) -> Double { min(1, max(0, 1 - (noise - 0.04) / 0.29)) }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
