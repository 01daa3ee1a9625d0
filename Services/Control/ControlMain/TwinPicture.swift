import ControlPicture
import TwinCore

/// A twin as a person reads it in a terminal.
struct TwinPicture {
    let state: TwinState
    /// Earlier assessments, to tell what is new.
    var earlier: [StoredAssessment] = []
    /// What ages are counted to.
    let now: Instant

    func draw() {
        let reference = state.features.compactMap(\.referenceTime).max()
        Output.line(
            "\(state.id)  revision \(state.revision)"
                + (reference.map { "  measured until \($0)" } ?? ""))
        if let survivor = state.survivor {
            Output.line("  merged into \(survivor): see there for what came since")
        }
        if !state.retired.isEmpty {
            Output.line("  has taken in \(state.retired.map(\.text).joined(separator: ", "))")
        }
        for link in state.links where link.isSilent {
            Output.line(
                "  technical alarm: \(link.source) is silent, last heard "
                    + "\(AgeText.words(link.lastReceived, at: now)) ago")
        }
        drawLatest()
        for set in state.features {
            for line in ScoreText(set.sheet, at: now).lines { Output.line(line) }
        }
        for report in state.features.compactMap(\.cleaning) {
            let text = QualityText(report, at: now)
            for line in text.quality + text.findings() + text.biases { Output.line(line) }
        }
        for stored in state.assessments {
            let text = AssessmentText(stored, change: .since(earlier, of: stored))
            for line in text.lines() { Output.line(line) }
        }
        if state.assessments.isEmpty {
            Output.line("  not assessed: no model is active, or no worker is connected")
        }
    }

    private func drawLatest() {
        Output.table(
            state.measured.filter { $0.observation.code != Statement.survivor.code }.map { stored in
                let observation = state.judged(stored.observation, at: now)
                let isStale = observation.flags.contains(.stale)
                let words = observation.flags.subtracting(.stale).words
                return [
                    "  " + ValueText.name(observation.code), ValueText.words(observation),
                    AgeText.words(observation.eventTime, at: now),
                    (words + (isStale ? ["expired"] : [])).joined(separator: " "),
                ]
            })
        // What is said of neighbours comes with the quality of the data.
        for observation in state.measured.map(\.observation) {
            for reason in observation.reasons {
                Output.line(
                    "    \(ValueText.name(observation.code)): \(reason.rule): \(reason.saw); the rule is "
                        + reason.limit)
            }
        }
    }
}
