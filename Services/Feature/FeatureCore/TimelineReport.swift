import TwinCleaning
public import TwinCore

extension Timeline {
    /// What the rules say of the measurements, and how good the data are at `reference`.
    ///
    /// `inputs` are what scores may be made of, of one quantity: timeliness is theirs.
    public func report(
        at reference: Instant?, inputs: (Concept) -> [ScoreInput]
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
            quality: quality(at: reference, inputs))
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

    private func quality(
        at reference: Instant?, _ inputs: (Concept) -> [ScoreInput]
    ) -> TwinQuality {
        let expected = rules.quality.expected.map { Timeline.validity(of: $0, inputs) }
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
        components.append(QualityComponent(timelinessOf: present, at: reference))
        let micros = Int64(rules.quality.seconds * 1_000_000)
        let start = reference.adding(microseconds: -micros)
        components.append(plausibility(from: start))
        components.append(agreement(since: start))
        return TwinQuality(components: components, validities: present)
    }

    /// What stays valid longest of a group of quantities any of which will do; of equals what was
    /// measured last.
    private static func validity(
        of group: [Concept], _ inputs: (Concept) -> [ScoreInput]
    ) -> QualityValidity? {
        let last = Instant(microsecondsSinceEpoch: .max)
        var found: QualityValidity?
        for concept in group {
            for input in inputs(concept) {
                if let found,
                    (found.expiresAt ?? last, found.measuredAt)
                        >= (input.expiresAt ?? last, input.eventTime)
                {
                    continue
                }
                found = QualityValidity(
                    name: concept.name, measuredAt: input.eventTime, expiresAt: input.expiresAt)
            }
        }
        return found
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
