import TwinCore

/// Scores as a clinician would read them.
enum ScoreWords {
    /// `NEWS2 7`, or what it could be.
    static func headline(of name: String, in sheet: ScoreSheet, at now: Instant) -> [String] {
        sheet.scores.filter { $0.name == name }.map { score in
            let worth = score.worth(at: now)
            if let value = worth.value {
                let isImputed = worth.stages.contains { $0.flags.contains(.imputed) }
                return "\(score.title) \(StoryWords.number(value))\(isImputed ? ", imputed" : "")"
            }
            if worth.least == nil, worth.most == nil { return "\(score.title) is not known" }
            let least = worth.least.map(StoryWords.number) ?? "unknown"
            let most = worth.most.map(StoryWords.number) ?? "unknown"
            return "\(score.title) \(least) to \(most), parts are missing"
        }
    }

    /// The score, and a line for every part with what it rests on.
    static func lines(of state: TwinState, _ name: String, at now: Instant) -> [String] {
        state.features.flatMap { set in
            headline(of: name, in: set.sheet, at: now)
                + set.sheet.scores.filter { $0.name == name }.flatMap { score in
                    zip(score.parts, score.worth(at: now).stages).map { part, stage in
                        line(part.name, stage, set.sheet, at: now)
                    }
                }
        }
    }

    private static func line(
        _ part: String, _ stage: ScoreStage, _ sheet: ScoreSheet, at now: Instant
    ) -> String {
        let inputs = sheet.inputs(of: stage).map { input in
            let name = Concept.of(input.code)?.name ?? input.code.value
            let unit = input.unit.isEmpty ? "" : " \(input.unit)"
            let end = input.isStale(at: now) ? ", expired" : ""
            return "\(name) \(StoryWords.number(input.number))\(unit), measured "
                + "\(StoryWords.time(input.eventTime)) by \(input.source)\(end)"
        }
        let found = inputs.isEmpty ? "missing" : inputs.joined(separator: " and ")
        let note = stage.note.isEmpty ? "" : ", \(stage.note)"
        guard let least = stage.least, let most = stage.most else {
            return "\(part): \(found)\(note)"
        }
        let points =
            stage.isKnown
            ? StoryWords.number(least)
            : "\(StoryWords.number(least)) to \(StoryWords.number(most))"
        return "\(part) \(points): \(found)\(note)"
    }
}
