import TwinCleaning
public import TwinCore

extension Timeline {
    /// What the rules say of the measurements, and how good the data are at `reference`.
    ///
    /// `validSeconds` says how long a quantity's value stays valid.
    public func report(
        at reference: Instant?, validSeconds: (Concept) -> Double
    ) -> CleaningReport {
        var findings: [CleaningFinding] = []
        var count = 0
        let countMax = CleaningReport.findingCountMax
        for series in series {
            for track in series.columns.tracks {
                let found = track.findings(
                    of: series.code, countMax: countMax, rules: rules.identity)
                findings += found.newest
                count += found.count
            }
        }
        for comparison in comparisons {
            let found = comparison.findings(countMax: countMax, rules: rules.identity)
            findings += found.newest
            count += found.count
        }
        findings.sort(by: Timeline.precedes)
        let told = Array(findings.prefix(countMax))
        return CleaningReport(
            rules: rules.identity.description, findings: told,
            untoldCount: UInt32(clamping: count - told.count),
            biases: comparisons.prefix(CleaningReport.biasCountMax).map(\.bias),
            quality: quality(at: reference, validSeconds))
    }

    /// The newest first; of one moment in an order that is that of the set.
    private static func precedes(_ left: CleaningFinding, _ right: CleaningFinding) -> Bool {
        if left.to != right.to { return left.to > right.to }
        if left.from != right.from { return left.from > right.from }
        if left.code != right.code { return left.code < right.code }
        if left.source != right.source { return left.source < right.source }
        if left.reason != right.reason { return left.reason < right.reason }
        return (left.number ?? -.infinity) < (right.number ?? -.infinity)
    }

    private func quality(at reference: Instant?, _ validSeconds: (Concept) -> Double) -> TwinQuality
    {
        let expected = rules.quality.expected.map { newest(of: $0) }
        let present = expected.compactMap(\.self)
        var components = [
            QualityComponent(
                kind: .completeness,
                value: expected.isEmpty ? nil : Double(present.count) / Double(expected.count),
                part: UInt32(present.count), whole: UInt32(expected.count),
                names: zip(rules.quality.expected, expected).filter { $1 == nil }
                    .compactMap { $0.0.first?.name })
        ]
        guard let reference else { return TwinQuality(components: components) }
        components.append(Timeline.timeliness(of: present, at: reference, validSeconds))
        let micros = Int64(rules.quality.seconds * 1_000_000)
        let start = reference.adding(microseconds: -micros)
        components.append(plausibility(from: start))
        components.append(agreement(since: start))
        return TwinQuality(components: components)
    }

    /// The quantity of a group that was measured last, and when; of equals the first.
    private func newest(of group: [Concept]) -> (concept: Concept, time: Instant)? {
        var found: (concept: Concept, time: Instant)?
        for concept in group {
            guard let time = series(of: concept.code)?.lastBelievedTime,
                found.map({ $0.time < time }) ?? true
            else { continue }
            found = (concept, time)
        }
        return found
    }

    /// Each is worth 1 while it is valid, and less by and by until it is twice as old as that.
    private static func timeliness(
        of present: [(concept: Concept, time: Instant)], at reference: Instant,
        _ validSeconds: (Concept) -> Double
    ) -> QualityComponent {
        var sum = 0.0
        var stale: [String] = []
        for (concept, time) in present {
            let age = reference.seconds(since: time) / max(1, validSeconds(concept))
            sum += min(1, max(0, 2 - age))
            if age > 1 { stale.append(concept.name) }
        }
        return QualityComponent(
            kind: .timeliness, value: present.isEmpty ? nil : sum / Double(present.count),
            part: UInt32(present.count - stale.count), whole: UInt32(present.count), names: stale)
    }

    private func plausibility(from start: Instant) -> QualityComponent {
        var all = 0
        var implausible = 0
        var names: [String] = []
        for one in series {
            let counts = one.judgement(from: start)
            all += counts.all
            implausible += counts.implausible
            if counts.implausible > 0 {
                names.append(Concept.of(one.code)?.name ?? one.code.description)
            }
        }
        return QualityComponent(
            kind: .plausibility, value: all > 0 ? Double(all - implausible) / Double(all) : nil,
            part: UInt32(clamping: all - implausible), whole: UInt32(clamping: all),
            names: names.sorted())
    }

    /// One is added to what agrees and to all, so that one comparison alone says little.
    private func agreement(since start: Instant) -> QualityComponent {
        var (all, agreeing) = (0, 0)
        var names: Set<String> = []
        for comparison in comparisons {
            let counts = comparison.counts(since: start)
            all += counts.all
            agreeing += counts.agreeing
            if counts.agreeing < counts.all {
                let pair = [comparison.rule.first, comparison.rule.second].map {
                    Concept.of($0)?.name ?? $0.description
                }
                names.insert(pair.joined(separator: " ~ "))
            }
        }
        return QualityComponent(
            kind: .agreement, value: all > 0 ? Double(agreeing + 1) / Double(all + 1) : nil,
            part: UInt32(clamping: agreeing), whole: UInt32(clamping: all), names: names.sorted())
    }
}
