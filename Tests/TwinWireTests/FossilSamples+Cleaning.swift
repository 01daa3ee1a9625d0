import TwinCore

extension FossilSamples {
    /// Observations with the reasons of their flags, and what the rules say of their neighbours.
    static let explained: [Observation] = observations.enumerated().map { index, observation in
        var observation = observation
        guard index % 3 == 0 else { return observation }
        observation.flags.insert(.outOfRange)
        observation.reasons = [
            RuleReason(
                rule: "range", limit: "10 to 350 /min", saw: "400 /min",
                rules: "standard 1 sha256:0123456789ab")
        ]
        return observation
    }

    static let cleaning = CleaningReport(
        rules: "ward-7 2 sha256:0123456789ab over standard 1",
        findings: [
            CleaningFinding(
                code: .loinc("8867-4"), source: "Monitor 7", from: instant,
                to: instant.adding(seconds: 60), number: nil, flags: [.flatLine, .suspect],
                reason: RuleReason(
                    rule: "flat-line", limit: "10 values and 120 s within 0 /min",
                    saw: "12 values of about 72 /min in 130 s",
                    rules: "ward-7 2 sha256:0123456789ab over standard 1")),
            CleaningFinding(
                code: .loinc("8867-4"), source: "", from: instant, to: instant, number: 190,
                flags: .spike,
                reason: RuleReason(
                    rule: "spike", limit: "", saw: "",
                    rules: "ward-7 2 sha256:0123456789ab over standard 1")),
        ], untoldCount: 7,
        biases: [
            SourceBias(
                first: .loinc("76215-3"), firstSource: "A", second: .loinc("76534-7"),
                secondSource: "B", unit: "mm[Hg]", count: 12, median: -9.5, spread: 3)
        ],
        quality: TwinQuality(components: [
            QualityComponent(
                kind: .completeness, value: 0.75, part: 3, whole: 4, names: ["body_temp"]),
            QualityComponent(kind: .agreement, value: nil, part: 0, whole: 0),
        ]))

    static let cleanedFeatures: FeatureSet = {
        var value = features
        value.cleaning = cleaning
        return value
    }()

    static let agedFeatures: FeatureSet = {
        var value = cleanedFeatures
        value.cleaning?.quality.validities = [
            QualityValidity(
                name: "spo2", measuredAt: instant, expiresAt: instant.adding(seconds: 120)),
            QualityValidity(name: "age", measuredAt: instant, expiresAt: nil),
        ]
        return value
    }()

    static let cleanedAssessment: Assessment = {
        var value = accounted
        value.quality.cleaning = cleaning
        return value
    }()
}
