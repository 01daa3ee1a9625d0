import TwinCore

/// The features that a score makes.
///
/// Of a sum of points: `news2.score`, `.band` and `.single3` (where a single part counts) have no
/// value while a missing part could change them; then `.min` and `.max` say what the score could
/// be, `.incomplete` is 1, and all carry the flag. Each part has its points, and `.age_s` of the
/// oldest value that it rests on. Of a single number: `.value`, and `.min` and `.max` where no more
/// than a range is known.
enum ScorePlan {
    /// The features of a score, in ascending order of name.
    static func features(
        of score: Score, in sheet: ScoreSheet, at reference: Instant
    ) -> [Feature] {
        let worth = score.worth(at: reference)
        let made =
            score.parts.count == 1 && score.bands.isEmpty
            ? value(score, worth) : sum(score, worth) + parts(of: score, in: sheet, at: reference)
        return made.sorted { $0.name < $1.name }
    }

    /// The unit of each feature that a score can make, by its name.
    static func units(of score: ScoreDefinition) -> [(String, String)] {
        func named(_ name: String, _ unit: String) -> (String, String) {
            ("\(score.name).\(name)", unit)
        }
        let ends = [named("min", score.unit), named("max", score.unit)]
        guard score.parts.count > 1 || !score.bands.isEmpty else {
            return ends + [named("value", score.unit)]
        }
        let sum =
            ends + [
                named("score", score.unit), named("incomplete", "1"), named("band", "1"),
            ] + score.bands.compactMap(\.orSinglePart).map { named("single\(Int($0))", "1") }
        return sum
            + score.parts.flatMap {
                [named($0.name, score.unit), named("\($0.name).age_s", "s")]
            }
    }

    private static func value(_ score: Score, _ worth: ScoreWorth) -> [Feature] {
        let flags = worth.stages.reduce(into: QualityFlags()) { $0.formUnion($1.flags) }
        func feature(_ name: String, _ value: Double?) -> Feature {
            Feature(name: "\(score.name).\(name)", value: value, unit: score.unit, flags: flags)
        }
        var features = [feature("value", worth.value)]
        guard worth.value == nil else { return features }
        if let least = worth.least { features.append(feature("min", least)) }
        if let most = worth.most { features.append(feature("max", most)) }
        return features
    }

    private static func sum(_ score: Score, _ worth: ScoreWorth) -> [Feature] {
        let flags: QualityFlags = worth.isComplete ? [] : .incomplete
        func feature(_ name: String, _ value: Double?, _ unit: String) -> Feature {
            Feature(name: "\(score.name).\(name)", value: value, unit: unit, flags: flags)
        }
        var features = [
            feature("score", worth.value, score.unit), feature("min", worth.least, score.unit),
            feature("max", worth.most, score.unit),
            feature("incomplete", worth.isComplete ? 0 : 1, "1"),
        ]
        guard !score.bands.isEmpty else { return features }
        features.append(feature("band", worth.band.map(Double.init), "1"))
        for points in score.bands.compactMap(\.orSinglePart) {
            let isSure = worth.stages.contains { $0.least.map { $0 >= points } ?? false }
            let mayBe = worth.stages.contains { $0.most.map { $0 >= points } ?? true }
            features.append(
                feature("single\(Int(points))", isSure ? 1 : mayBe ? nil : 0, "1"))
        }
        return features
    }

    private static func parts(
        of score: Score, in sheet: ScoreSheet, at reference: Instant
    ) -> [Feature] {
        score.parts.flatMap { part -> [Feature] in
            guard let stage = part.stage(at: reference), !stage.inputs.isEmpty else { return [] }
            let name = "\(score.name).\(part.name)"
            let ages = sheet.inputs(of: stage).map { reference.seconds(since: $0.eventTime) }
            return [
                Feature(
                    name: name, value: stage.isKnown ? stage.least : nil, unit: score.unit,
                    flags: stage.flags),
                Feature(name: "\(name).age_s", value: ages.max(), unit: "s", flags: stage.flags),
            ]
        }
    }
}
