import TwinCore

extension FossilSamples {
    /// With the scores and what they rest on.
    static let scored: FeatureSet = {
        var set = features
        set.sheet = ScoreSheet(
            inputs: [
                ScoreInput(
                    code: .loinc("9279-1"), number: 22, unit: "/min", eventTime: instant,
                    source: "Monitor 7", flags: [.preliminary],
                    expiresAt: instant.adding(seconds: 120)),
                ScoreInput(
                    code: .loinc("30525-0"), number: 71, unit: "a", eventTime: instant,
                    source: "ADT"),
            ],
            scores: [
                Score(
                    name: "qsofa", title: "qSOFA", version: "Sepsis-3, 2016", unit: "{score}",
                    parts: [
                        ScorePart(
                            name: "respiration",
                            stages: [
                                ScoreStage(
                                    until: instant.adding(seconds: 120), least: 1, most: 1,
                                    inputs: [0], note: "nothing was taken for granted"),
                                ScoreStage(
                                    until: nil, least: 0, most: 1, inputs: [0],
                                    flags: [.stale, .incomplete]),
                            ]),
                        ScorePart(
                            name: "ratio",
                            stages: [
                                ScoreStage(until: nil, least: 433, most: nil, inputs: [0, 1])
                            ]),
                    ],
                    bands: [
                        ScoreBand(name: "negative", from: 0),
                        ScoreBand(name: "positive", from: nil, orSinglePart: 3),
                    ])
            ])
        return set
    }()

    static let link = DeviceLink(
        source: "Monitor 7", lastReceived: instant, gapSeconds: 60.5, silentAfterSeconds: 121,
        isSilent: true)
}
