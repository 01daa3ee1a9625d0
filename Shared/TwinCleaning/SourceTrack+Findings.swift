public import TwinCore

extension SourceTrack {
    /// What the rules say of the values, the newest first and at most `countMax` of it, and how
    /// much there is in all; a flat line is said once.
    public func findings(
        of code: Code, countMax: Int, rules identity: RulesIdentity
    ) -> (newest: [CleaningFinding], count: Int) {
        var newest: [CleaningFinding] = []
        var count = 0
        func add(_ make: @autoclosure () -> CleaningFinding) {
            count += 1
            if newest.count < countMax { newest.append(make()) }
        }
        let unit = Concept.of(code)?.unit ?? ""
        let author = Author(code: code, unit: unit, rules: identity.description)
        var index = times.count - 1
        var lineEnd = times.count
        while index >= 0 {
            let verdict = verdicts[index]
            if verdict.contains(.flatLine), index < lineEnd {
                lineEnd = startOfLine(at: index)
                add(flatLine(at: index, author))
            }
            if verdict.contains(.spike) { add(spike(at: index, author)) }
            if verdict.contains(.rate) { add(step(at: index, author)) }
            index -= 1
        }
        return (newest, count)
    }

    /// What all findings of one code have in common.
    private struct Author {
        var code: Code
        var unit: String
        var rules: String

        func words(_ number: Double) -> String { number.words(in: unit) }

        func finding(
            _ rule: String, of source: Source, _ span: ClosedRange<Instant>, _ number: Double?,
            _ flags: QualityFlags, limit: String, saw: String
        ) -> CleaningFinding {
            CleaningFinding(
                code: code, source: source, from: span.lowerBound, to: span.upperBound,
                number: number, flags: flags,
                reason: RuleReason(rule: rule, limit: limit, saw: saw, rules: rules))
        }
    }

    private func flatLine(at end: Int, _ author: Author) -> CleaningFinding {
        let begin = startOfLine(at: end)
        let rule = rules.flatLine
        let seconds = times[end].seconds(since: times[begin])
        return author.finding(
            "flat-line", of: source, times[begin]...times[end], nil, flags(of: .flatLine),
            limit: "\(rule?.samples ?? 0) values and \((rule?.seconds ?? 0).words) s within "
                + author.words(rule?.spread ?? 0),
            saw: "\(end - begin + 1) values of about \(author.words(numbers[begin])) in "
                + "\(seconds.words) s")
    }

    private func spike(at index: Int, _ author: Author) -> CleaningFinding {
        var (limit, saw) = ("", "")
        if let rule = rules.spike, let range = neighbourhood(rule, of: index) {
            let distance = distance(rule, of: index, in: range)
            limit = "\(author.words(distance.limit)) from the median of \(range.count) values"
            saw =
                "\(author.words(numbers[index])) beside a median of "
                + author.words(distance.median)
        }
        return author.finding(
            "spike", of: source, times[index]...times[index], numbers[index],
            flags(of: .spike), limit: limit, saw: saw)
    }

    private func step(at index: Int, _ author: Author) -> CleaningFinding {
        var (limit, saw) = ("", "")
        if let rule = rules.rate, let last = believed(before: index) {
            limit =
                "\(author.words(rule.change)) in \(rule.seconds.words) s, until \(rule.settle) "
                + "values in a row hold to it"
            saw =
                "\(author.words(numbers[last])) to \(author.words(numbers[index])) in "
                + "\(times[index].seconds(since: times[last]).words) s"
        }
        return author.finding(
            "rate", of: source, times[index]...times[index], numbers[index], flags(of: .rate),
            limit: limit, saw: saw)
    }
}

extension Double {
    /// With its unit, where it has one.
    package func words(in unit: String) -> String { unit.isEmpty ? words : "\(words) \(unit)" }
}
