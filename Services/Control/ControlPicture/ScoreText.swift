public import TwinCore

/// The scores of a twin as a doctor reads them: what they are worth now, what they rest on and how
/// old that is.
///
/// A missing part is never nothing: without it a score is what it could be, from the least to the
/// most.
public struct ScoreText: Sendable {
    private let sheet: ScoreSheet
    private let now: Instant

    /// `now` is the moment that ages are counted to.
    public init(_ sheet: ScoreSheet, at now: Instant) {
        self.sheet = sheet
        self.now = now
    }

    /// Two lines a score: its worth, and its inputs.
    public var lines: [String] {
        sheet.scores.flatMap { score in
            let worth = score.worth(at: now)
            return [headline(score, worth)] + inputs(score, worth).map { "      \($0)" }
        }
    }

    /// A line for every part.
    public var explained: [String] {
        sheet.scores.flatMap { score in
            let worth = score.worth(at: now)
            let rows = zip(score.parts, worth.stages).flatMap { part, stage in
                account(of: part, stage, isOne: score.parts.count == 1)
            }
            return [headline(score, worth) + "  (\(score.version))"] + TextTable.lines(rows)
        }
    }

    private func headline(_ score: Score, _ worth: ScoreWorth) -> String {
        var line = "  \(score.title)  \(number(worth, unit: score.unit))"
        if let least = worth.bandLeast, let most = worth.bandMost {
            let names = score.bands.map(\.name)
            line += "  " + (least == most ? names[least] : "\(names[least]) to \(names[most])")
        }
        return line
    }

    private func number(_ worth: ScoreWorth, unit: String) -> String {
        let unit = Figure.unit(unit)
        if let value = worth.value {
            let isImputed = worth.stages.contains { $0.flags.contains(.imputed) }
            return Figure.short(value) + unit + (isImputed ? ", imputed" : "")
        }
        switch (worth.least, worth.most) {
        case (let least?, let most?):
            return "incomplete, between \(Figure.short(least)) and \(Figure.short(most))\(unit)"
        case (let least?, nil): return "incomplete, at least \(Figure.short(least))\(unit)"
        case (nil, let most?): return "incomplete, at most \(Figure.short(most))\(unit)"
        case (nil, nil): return "incomplete"
        }
    }

    /// What is used, what is missing and what expired, a line each.
    private func inputs(_ score: Score, _ worth: ScoreWorth) -> [String] {
        var (used, missing, expired): ([String], [String], [String]) = ([], [], [])
        var lacks: [String] = []
        for (part, stage) in zip(score.parts, worth.stages) {
            let inputs = sheet.inputs(of: stage)
            let fresh = inputs.filter { !$0.isStale(at: now) }.map(words)
            let stale = inputs.filter { $0.isStale(at: now) }.map(words)
            let head = score.parts.count == 1 ? "" : "\(part.name) \(points(stage)): "
            if !fresh.isEmpty { used.append(head + fresh.joined(separator: " and ")) }
            if !stale.isEmpty {
                expired.append("\(part.name): \(stale.joined(separator: " and "))")
            }
            if inputs.isEmpty, !stage.isKnown, stage.note.isEmpty { missing.append(part.name) }
            if !stage.note.isEmpty {
                if stage.isKnown { used.append(stage.note) } else { lacks.append(stage.note) }
            }
        }
        let lines = [("from ", used), ("missing ", missing), ("", lacks), ("expired ", expired)]
        return lines.compactMap { $1.isEmpty ? nil : $0 + $1.joined(separator: ", ") }
    }

    private func words(_ input: ScoreInput) -> String {
        let flags = input.flags.words.isEmpty ? "" : ", " + input.flags.words.joined(separator: " ")
        return "\(name(input)) \(value(input)) (\(AgeText.words(input.eventTime, at: now))\(flags))"
    }

    private func name(_ input: ScoreInput) -> String {
        Concept.of(input.code)?.name ?? input.code.value
    }

    private func value(_ input: ScoreInput) -> String {
        Figure.short(input.number) + Figure.unit(input.unit)
    }

    private func points(_ stage: ScoreStage) -> String {
        guard let least = stage.least, let most = stage.most else { return "unknown" }
        return least == most
            ? Figure.short(least) : "\(Figure.short(least)) to \(Figure.short(most))"
    }

    private func account(
        of part: ScorePart, _ stage: ScoreStage, isOne: Bool
    ) -> [[String]] {
        let head = ["    " + part.name, isOne ? "" : points(stage)]
        let inputs = sheet.inputs(of: stage)
        if inputs.isEmpty { return [head + [stage.isKnown ? stage.note : "missing"]] }
        return inputs.enumerated().map { index, input in
            let marks =
                input.flags.words + (input.isStale(at: now) ? ["expired"] : [])
                + (index == 0 && !stage.note.isEmpty ? [stage.note] : [])
            return (index == 0 ? head : ["    ", ""]) + [
                name(input), value(input), AgeText.words(input.eventTime, at: now),
                "\(input.eventTime)", input.source, marks.joined(separator: " "),
            ]
        }
    }
}
