import TwinCore

/// The house's answers as a clinician would read them.
enum StoryWords {
    static func lines(_ answer: Answer, at now: Instant) -> [String] {
        switch answer {
        case .twin(let state): lines(state, at: now)
        case .twins([]): ["there are no twins"]
        case .twins(let summaries):
            summaries.map {
                "\($0.id): revision \($0.revision), assessed at revision \($0.assessedRevision)"
            }
        case .assessments([]): ["no shadow has said anything"]
        case .assessments(let made):
            made.flatMap { lines($0.assessment) }.filter { !$0.hasPrefix("advice") }
        case .releases(let releases): releases.map(line)
        default: ["\(answer)"]
        }
    }

    static func line(_ release: Activation) -> String {
        let name = Artifacts.name(release.artifact)
        let outcome = release.outcome
        let deed =
            switch (release.mode, release.isEnded) {
            case (.speaking, _): "speaks for \(outcome)"
            case (.canary, false): "speaks for \(number(release.share * 100)) % of \(outcome)"
            case (.canary, true): "is no canary of \(outcome) any more"
            case (.shadow, false): "is a shadow of \(outcome)"
            case (.shadow, true): "is no shadow of \(outcome) any more"
            }
        return "\(name) \(deed) since epoch \(release.epoch)"
    }

    private static func lines(_ state: TwinState, at now: Instant) -> [String] {
        ["\(state.id) at revision \(state.revision)"]
            + state.links.filter(\.isSilent).map {
                "technical alarm: \($0.source) is silent since \(time($0.lastReceived))"
            }
            + state.latest.map { line(state.judged($0.observation), of: state, at: now) }
            + state.features.flatMap { ScoreWords.headline(of: "news2", in: $0.sheet, at: now) }
            + state.assessments.flatMap { lines($0.assessment) }
    }

    /// What the rules of cleaning say of a twin's measurements.
    static func judgement(_ state: TwinState, at now: Instant) -> [String] {
        state.features.compactMap(\.cleaning).flatMap { report in
            let quality = report.quality.aged(to: now)
            return quality.components.map { one in
                "\(one.kind.name) \(one.value.map(rounded) ?? "not known"): \(one.account)"
            } + ["quality \(quality.combined.map(rounded) ?? "not known")"]
                + report.findings.map { finding in
                    let name = Concept.of(finding.code)?.name ?? finding.code.value
                    let effect = finding.flags.contains(.suspect) ? "left out" : "noted"
                    let span =
                        finding.from == finding.to
                        ? "\(time(finding.from))" : "\(time(finding.from)) to \(time(finding.to))"
                    return "\(effect): \(name) of \(span) by \(finding.source), "
                        + "\(finding.reason.rule): \(finding.reason.saw)"
                }
                + report.biases.map { bias in
                    let (first, second) = (Concept.of(bias.first), Concept.of(bias.second))
                    return "\(second?.name ?? "") by \(bias.secondSource) is "
                        + "\(rounded(bias.median)) \(bias.unit) from \(first?.name ?? "") by "
                        + "\(bias.firstSource), spread \(rounded(bias.spread)), "
                        + "of \(bias.count)"
                }
        }
    }

    private static func line(
        _ observation: Observation, of state: TwinState, at now: Instant
    ) -> String {
        let name = Concept.of(observation.code)?.name ?? observation.code.value
        let value: String
        switch observation.value {
        case .number(let number): value = self.number(number)
        case .text(let text): value = text
        case .waveform: value = "a waveform"
        case .absent: value = "without a value"
        }
        let unit = observation.unit.isEmpty ? "" : " \(observation.unit)"
        var line = "\(name) \(value)\(unit), measured \(time(observation.eventTime))"
        line += " by \(observation.source)"
        if !observation.flags.isEmpty {
            line += ", \(observation.flags.words.joined(separator: ", "))"
        }
        let isExpired = state.features.contains { set in
            set.sheet.expiry(of: observation).map { $0 < now } ?? false
        }
        if isExpired { line += ", expired" }
        return observation.isUsable && !isExpired ? line : line + ": in no score"
    }

    private static func lines(_ assessment: Assessment) -> [String] {
        let name = Artifacts.name(assessment.artifact)
        let place = "by \(name) at revision \(assessment.revision)"
        switch assessment.verdict {
        case .estimate(let estimate):
            return ["\(assessment.outcome): \(rounded(estimate.value)) \(estimate.unit) \(place)"]
        case .indeterminate(let reason):
            return ["\(assessment.outcome): indeterminate \(place), because \(reason)"]
        case .notAvailable(let reason):
            return ["\(assessment.outcome): not available \(place), because \(reason)"]
        case .prediction(let probability, _):
            let reasons = assessment.reasons.map { reason in
                let value = reason.value.map(number) ?? "missing"
                let sign = reason.contribution < 0 ? "" : "+"
                return "\(reason.feature) \(value) (\(sign)\(rounded(reason.contribution)))"
            }
            return [
                "\(assessment.outcome): \(number((probability * 100).rounded())) % \(place), "
                    + "because of " + reasons.joined(separator: ", ")
            ] + assessment.recommendations.map { "advice: \($0.text)" }
        }
    }

    static func time(_ instant: Instant) -> Substring {
        "\(instant)".dropFirst(11).prefix(5)
    }

    private static func rounded(_ number: Double) -> String {
        self.number((number * 100).rounded() / 100)
    }

    static func number(_ number: Double) -> String {
        let tidy = (number * 1000).rounded() / 1000
        return tidy == tidy.rounded() && tidy.magnitude < 1e9 ? "\(Int(tidy))" : "\(tidy)"
    }
}
