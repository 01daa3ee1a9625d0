public import TwinCore

/// Two sources of one quantity, value by value: each of the second with that of the first which is
/// nearest in time.
public struct SourceComparison: Sendable {
    /// A bias is the median of at most so many comparisons, the newest.
    public static let biasCountMax = 1000

    private struct Match {
        var first: Int
        var second: Int
        /// Second less first.
        var difference: Double
    }

    public let rule: PairRule
    private let first: SourceTrack
    private let second: SourceTrack
    private let matches: [Match]

    /// Nil where no two values are close enough in time to be compared.
    public init?(_ first: SourceTrack, _ second: SourceTrack, by rule: PairRule) {
        let matches = SourceComparison.matches(first, second, within: rule.seconds)
        guard !matches.isEmpty else { return nil }
        (self.first, self.second, self.rule, self.matches) = (first, second, rule, matches)
    }

    public var firstSource: Source { first.source }
    public var secondSource: Source { second.source }

    private static func matches(
        _ first: SourceTrack, _ second: SourceTrack, within seconds: Double
    ) -> [Match] {
        // What other rules keep out is compared with nothing.
        let places = first.times.indices.filter { first.isBelieved(at: $0) }
        var matches: [Match] = []
        var next = 0
        for index in second.times.indices where second.isBelieved(at: index) {
            let time = second.times[index]
            while next < places.count, first.times[places[next]] < time { next += 1 }
            guard
                let place = nearest(to: time, in: places, before: next, of: first),
                first.times[place].seconds(since: time).magnitude <= seconds
            else { continue }
            matches.append(
                Match(
                    first: place, second: index,
                    difference: second.numbers[index] - first.numbers[place]))
        }
        return matches
    }

    /// The nearer one of the last place before `time` and the first one that is not; the earlier
    /// of two that are equally near, the least of those of one moment.
    private static func nearest(
        to time: Instant, in places: [Int], before next: Int, of track: SourceTrack
    ) -> Int? {
        let later = next < places.count ? places[next] : nil
        guard next > 0 else { return later }
        var earlier = next - 1
        while earlier > 0, track.times[places[earlier - 1]] == track.times[places[earlier]] {
            earlier -= 1
        }
        guard let later else { return places[earlier] }
        let before = time.seconds(since: track.times[places[earlier]])
        return track.times[later].seconds(since: time) < before ? later : places[earlier]
    }

    private func agrees(_ match: Match) -> Bool { match.difference.magnitude <= rule.difference }

    /// How many comparisons there were since `time`, and how many of them agreed.
    public func counts(since time: Instant) -> (all: Int, agreeing: Int) {
        let recent = matches[matches.partitioningIndex { second.times[$0.second] >= time }...]
        return (recent.count, recent.count { agrees($0) })
    }

    /// Whether a comparison follows the one before so soon that what that one said still held.
    private func isSoon(_ place: Int) -> Bool {
        let before = second.times[matches[place - 1].second]
        return second.times[matches[place].second].seconds(since: before) <= rule.seconds
    }

    /// Runs of comparisons that all disagree.
    private var disputes: [Range<Int>] {
        var runs: [Range<Int>] = []
        for place in matches.indices where !agrees(matches[place]) {
            if let last = runs.last, last.upperBound == place, isSoon(place) {
                runs[runs.count - 1] = last.lowerBound..<place + 1
            } else {
                runs.append(place..<place + 1)
            }
        }
        return runs
    }

    /// The spans in which values of the first and of the second source are in dispute.
    public var disputed: (first: [ClosedRange<Instant>], second: [ClosedRange<Instant>]) {
        let runs = disputes
        return (runs.map { firstSpan($0) }, runs.map { secondSpan($0) })
    }

    /// What a comparison says of the first source holds until the next, and no longer than two
    /// values may be apart: the second may be as rare as a cuff.
    private func firstSpan(_ run: Range<Int>) -> ClosedRange<Instant> {
        let last = run.upperBound - 1
        let from = first.times[matches[run.lowerBound].first]
        let lastTime = first.times[matches[last].first]
        var end = lastTime.adding(seconds: Int64(rule.seconds))
        if last + 1 < matches.count {
            let next = first.times[matches[last + 1].first]
            guard next > lastTime else { return from...lastTime }
            end = min(end, next.adding(microseconds: -1))
        }
        return from...max(lastTime, end)
    }

    private func secondSpan(_ run: Range<Int>) -> ClosedRange<Instant> {
        second.times[
            matches[run.lowerBound].second]...second.times[
                matches[run.upperBound - 1].second]
    }

    /// One finding for either source of each run of comparisons that disagree, the newest first.
    public func findings(
        countMax: Int, rules identity: RulesIdentity
    ) -> (newest: [CleaningFinding], count: Int) {
        let runs = disputes
        let findings = runs.reversed().prefix(countMax).flatMap { run in
            let reason = reason(of: run, identity)
            return [
                CleaningFinding(
                    code: rule.first, source: first.source, from: firstSpan(run).lowerBound,
                    to: firstSpan(run).upperBound, number: nil, flags: .disagreement,
                    reason: reason),
                CleaningFinding(
                    code: rule.second, source: second.source, from: secondSpan(run).lowerBound,
                    to: secondSpan(run).upperBound, number: nil, flags: .disagreement,
                    reason: reason),
            ]
        }
        return (findings, 2 * runs.count)
    }

    private func reason(of run: Range<Int>, _ identity: RulesIdentity) -> RuleReason {
        let unit = Concept.of(rule.first)?.unit ?? ""
        func name(_ code: Code, _ source: Source) -> String {
            "\(Concept.of(code)?.name ?? code.value) (\(source))"
        }
        let last = matches[run.upperBound - 1]
        var saw =
            "\(name(rule.first, first.source)) \(first.numbers[last.first].words), "
            + "\(name(rule.second, second.source)) \(second.numbers[last.second].words(in: unit))"
        if run.count > 1 { saw += ", the last of \(run.count) in a row" }
        return RuleReason(
            rule: "disagreement",
            limit: "\(rule.difference.words(in: unit)) within \(rule.seconds.words) s", saw: saw,
            rules: identity.description)
    }

    /// By how much the second source differs from the first.
    public var bias: SourceBias {
        let differences = matches.suffix(SourceComparison.biasCountMax).map(\.difference)
        let median = differences.median
        return SourceBias(
            first: rule.first, firstSource: first.source, second: rule.second,
            secondSource: second.source, unit: Concept.of(rule.first)?.unit ?? "",
            count: UInt32(differences.count), median: median,
            spread: differences.map { ($0 - median).magnitude }.median)
    }
}

extension SourceTrack {
    /// Whether the rules that look at its neighbours let a value enter scores.
    func isBelieved(at index: Int) -> Bool {
        verdicts[index].isEmpty || !flags(of: verdicts[index]).contains(.suspect)
    }
}
