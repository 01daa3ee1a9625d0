import ControlPicture
import TwinCore

/// A twin as a person reads it in a terminal.
struct TwinPicture {
    let state: TwinState
    /// Earlier assessments, to tell what is new.
    var earlier: [StoredAssessment] = []

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
        drawLatest(until: reference)
        drawScore()
        for stored in state.assessments {
            let text = AssessmentText(stored, change: .since(earlier, of: stored))
            for line in text.lines() { Output.line(line) }
        }
        if state.assessments.isEmpty {
            Output.line("  not assessed: no model is active, or no worker is connected")
        }
    }

    private func drawLatest(until reference: Instant?) {
        Output.table(
            state.measured.map { stored in
                let observation = stored.observation
                let name = Concept.of(observation.code)?.display ?? observation.code.description
                let age = reference.map { self.age(observation.eventTime, before: $0) } ?? ""
                return [
                    "  " + name, value(observation), age,
                    observation.flags.words.joined(separator: " "),
                ]
            })
    }

    /// NEWS2, with the range it could have where parts are missing.
    private func drawScore() {
        let features = Dictionary(
            state.features.flatMap(\.features).map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        guard let lowest = features["news2.min"]?.value, let highest = features["news2.max"]?.value
        else { return }
        let score =
            lowest == highest
            ? Output.short(lowest)
            : "incomplete, between \(Output.short(lowest)) and \(Output.short(highest))"
        Output.line("  NEWS2  \(score)")
    }

    private func value(_ observation: Observation) -> String {
        let comparator = observation.comparator == .equal ? "" : observation.comparator.symbol
        switch observation.value {
        case .number(let number) where Concept.of(observation.code)?.name == "avpu":
            let levels = ["alert", "confused", "voice", "pain", "unresponsive"]
            return levels.enumerated().first { Double($0.offset) == number }?.element ?? "\(number)"
        case .number(let number):
            return "\(comparator)\(Output.short(number, digits: 5)) \(observation.unit)"
        case .text(let text): return text
        case .waveform(let block): return "waveform, \(block.bytes.count) bytes"
        case .absent: return "not measured"
        }
    }

    private func age(_ time: Instant, before reference: Instant) -> String {
        let minutes = Int(reference.seconds(since: time) / 60)
        switch minutes {
        case ..<0: return "later"
        case 0: return "now"
        case 1..<120: return "\(minutes) min before"
        default: return "\(minutes / 60) h before"
        }
    }
}
