import TwinCore

extension FossilSamples {
    static let assessment = Assessment(
        outcome: "in-hospital death", artifact: artifact, revision: 42,
        featureVersion: "vitals-1",
        verdict: .prediction(probability: 0.125, classes: ["0", "1"]), baseline: -1.5,
        reasons: [
            Attribution(
                feature: "news2", value: 7, unit: "", flags: [.incomplete], contribution: 0.75),
            Attribution(
                feature: "lactate_max_24h", value: nil, unit: "mmol/L", flags: [.empty],
                contribution: -0.25),
        ],
        remainder: 0.0625,
        recommendations: [Recommendation(text: "Measure lactate.", basis: "NEWS2 ≥ 7")],
        quality: InputQuality(featureCount: 3, missingCount: 1, flaggedCount: 2))

    static let abstention: Assessment = {
        var value = assessment
        value.verdict = .indeterminate(reason: "too little is known")
        value.reasons = []
        value.recommendations = []
        return value
    }()

    static let absence: Assessment = {
        var value = abstention
        value.verdict = .notAvailable(reason: "the model's answer is no number")
        return value
    }()

    /// With everything that an assessment says of its own making.
    static let accounted: Assessment = {
        var value = assessment
        value.reasons[0].standardError = 0.03125
        value.quality.staleCount = 1
        value.quality.outsideCount = 1
        value.band = ProbabilityBand(name: "raised", from: 0.1, to: 0.3)
        value.method = .sampled
        value.gap = -0.0009765625
        value.modalityShares = [
            ModalityShare(modality: .vitals, share: 0.75),
            ModalityShare(modality: nil, share: 0.25),
        ]
        value.counterfactuals = [
            Counterfactual(
                feature: "news2", unit: "{score}", value: 7, changedValue: 4,
                changedProbability: 0.0625, changedBand: "low")
        ]
        return value
    }()

    static let estimate: Assessment = {
        var value = accounted
        value.outcome = "creatinine.tomorrow"
        value.verdict = .estimate(
            QuantityEstimate(
                value: 1.25, unit: "mg/dL",
                interval: EstimateInterval(low: 0.75, high: 1.75, coverage: 0.875)))
        (value.band, value.counterfactuals) = (nil, [])
        return value
    }()

    static let estimateAlone: Assessment = {
        var value = estimate
        value.verdict = .estimate(QuantityEstimate(value: -3, unit: "{score}"))
        return value
    }()

    static let outOfDistribution: Assessment = {
        var value = abstention
        value.quality.outsideCount = 2
        value.quality.isOutOfDistribution = true
        return value
    }()
}
