import TwinCore
import TwinLink
import TwinWire

/// Values of every kind, made from a seed: the same seed gives the same values.
struct Samples: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func count(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &self) }

    mutating func one<Value>(of values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &self)]
    }

    mutating func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &self) ? value : nil }

    mutating func list<Value>(_ limit: Int, _ make: (inout Samples) -> Value) -> [Value] {
        (0..<count(limit)).map { _ in make(&self) }
    }

    mutating func text() -> String {
        one(of: [
            "", "a", "Station 7", "µmol/L", "心拍", "🫀", "é", String(repeating: "x", count: 300),
        ])
    }

    mutating func name() -> String { one(of: ["sepsis", "in-hospital death", "Æ", "a|b"]) }

    mutating func number() -> Double {
        one(of: [
            0, -0.0, 1, -1, 0.1, 36.6, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -1e300,
            Double(Int.random(in: -1000...1000, using: &self)) / 8,
        ])
    }

    mutating func small() -> UInt32 { one(of: [0, 1, 127, 128, 65_536, .max]) }
    mutating func large() -> UInt64 { one(of: [0, 1, 1 << 32, next(), .max]) }

    mutating func instant() -> Instant {
        Instant(
            microsecondsSinceEpoch: one(of: [
                0, -1, -2_208_988_800_000_000, 7_289_654_399_999_999,
                Int64.random(in: 0...4_000_000_000_000_000, using: &self),
            ]))
    }

    mutating func twin() -> TwinID {
        twinNamed(one(of: ["CINC|132539", "7", "Öst|é", String(repeating: "9", count: 256)]))
    }

    mutating func artifact() -> ArtifactID {
        let digits = Array("0123456789abcdef")
        return artifactNamed(String((0..<64).map { _ in one(of: digits) }))
    }

    mutating func flags() -> QualityFlags {
        QualityFlags(rawValue: one(of: [0, 0, 0, 1, 1 << 17, .max]))
    }

    mutating func observation() -> Observation {
        Observation(
            twin: twin(),
            code: one(of: [.loinc("8867-4"), .mdc("147842"), Code(system: "", value: "HR")]),
            value: one(of: [.number(number()), .number(number()), .text(text()), .absent]),
            comparator: one(of: Comparator.allCases), unit: one(of: ["/min", "", "mm[Hg]"]),
            eventTime: instant(), receiveTime: instant(), source: text(), flags: flags(),
            reasons: one(of: [[], [], list(3) { $0.reason() }]))
    }

    mutating func reason() -> RuleReason {
        RuleReason(rule: name(), limit: text(), saw: text(), rules: text())
    }

    mutating func report() -> CleaningReport {
        let rules = text()
        let (one, other) = (instant(), instant())
        return CleaningReport(
            rules: rules,
            findings: list(3) {
                var reason = $0.reason()
                reason.rules = rules
                return CleaningFinding(
                    code: .mdc("150021"), source: $0.text(), from: min(one, other),
                    to: max(one, other), number: $0.maybe($0.number()), flags: $0.flags(),
                    reason: reason)
            }, untoldCount: small(),
            biases: list(2) {
                SourceBias(
                    first: .loinc("1"), firstSource: $0.text(), second: .loinc("2"),
                    secondSource: $0.text(), unit: $0.text(), count: $0.small(),
                    median: $0.number(), spread: $0.number().magnitude)
            },
            quality: TwinQuality(
                components: QualityComponent.Kind.allCases.prefix(count(4)).map { kind in
                    QualityComponent(
                        kind: kind, value: maybe(share()), part: small(), whole: small(),
                        names: list(2) { $0.text() })
                },
                validities: list(3) {
                    QualityValidity(
                        name: $0.text(), measuredAt: $0.instant(), expiresAt: $0.maybe($0.instant())
                    )
                }))
    }

    mutating func stored() -> StoredObservation {
        StoredObservation(
            observation: observation(), commitRevision: large(), commitTime: instant())
    }

    mutating func features() -> FeatureSet {
        let names = Set((0..<count(30)).map { _ in "feature_\(count(1000))" }).sorted()
        return FeatureSet(
            modality: one(of: Modality.allCases), version: text(), revision: large(),
            referenceTime: maybe(instant()),
            features: names.map {
                Feature(name: $0, value: maybe(number()), unit: text(), flags: flags())
            }, sheet: sheet(), cleaning: maybe(report()))
    }

    mutating func sheet() -> ScoreSheet {
        let inputs = list(5) {
            ScoreInput(
                code: Code(system: $0.text(), value: $0.name()), number: $0.number(),
                unit: $0.text(), eventTime: $0.instant(),
                source: $0.text(), flags: $0.flags(), expiresAt: $0.maybe($0.instant()))
        }
        let scores = list(2) { samples in
            Score(
                name: samples.name(), title: samples.text(), version: samples.text(),
                unit: samples.text(),
                parts: samples.list(3) { $0.part(inputCount: inputs.count) },
                bands: samples.list(3) {
                    ScoreBand(
                        name: $0.text(), from: $0.maybe($0.number()),
                        orSinglePart: $0.maybe($0.number()))
                })
        }
        return ScoreSheet(inputs: inputs, scores: scores)
    }

    private mutating func part(inputCount: Int) -> ScorePart {
        ScorePart(
            name: text(),
            stages: (0...count(2)).map { _ in
                ScoreStage(
                    until: maybe(instant()), least: maybe(number()), most: maybe(number()),
                    inputs: inputCount == 0
                        ? [] : list(3) { UInt32($0.count(inputCount - 1)) },
                    flags: flags(), note: text())
            })
    }

    mutating func link() -> DeviceLink {
        DeviceLink(
            source: text(), lastReceived: instant(), gapSeconds: number().magnitude,
            silentAfterSeconds: number().magnitude, isSilent: Bool.random(using: &self))
    }

    mutating func verdict() -> Verdict {
        switch count(3) {
        case 0:
            .prediction(
                probability: Double.random(in: 0...1, using: &self), classes: list(3) { $0.name() })
        case 1: .estimate(estimate())
        case 2: .indeterminate(reason: text())
        default: .notAvailable(reason: text())
        }
    }

    private mutating func estimate() -> QuantityEstimate {
        let (one, other) = (number(), number())
        let interval = EstimateInterval(
            low: min(one, other), high: max(one, other), coverage: share())
        return QuantityEstimate(value: number(), unit: text(), interval: maybe(interval))
    }

    mutating func assessment() -> Assessment {
        Assessment(
            outcome: name(), artifact: artifact(), revision: large(), featureVersion: text(),
            verdict: verdict(), baseline: number(),
            reasons: list(4) {
                Attribution(
                    feature: $0.name(), value: $0.maybe($0.number()), unit: $0.text(),
                    flags: $0.flags(), contribution: $0.number(),
                    standardError: $0.maybe($0.number().magnitude))
            },
            remainder: number(),
            recommendations: list(2) { Recommendation(text: $0.text(), basis: $0.text()) },
            quality: InputQuality(
                featureCount: small(), missingCount: small(), flaggedCount: small(),
                staleCount: small(), outsideCount: small(),
                isOutOfDistribution: Bool.random(using: &self), cleaning: maybe(report())),
            band: maybe(band()), method: maybe(one(of: AttributionMethod.allCases)),
            gap: maybe(number()),
            modalityShares: list(4) {
                ModalityShare(
                    modality: $0.maybe($0.one(of: Modality.allCases)), share: $0.share())
            },
            counterfactuals: list(3) {
                Counterfactual(
                    feature: $0.name(), unit: $0.text(), value: $0.number(),
                    changedValue: $0.number(), changedProbability: $0.share(),
                    changedBand: $0.name())
            })
    }

    mutating func share() -> Double { Double.random(in: 0...1, using: &self) }

    mutating func band() -> ProbabilityBand {
        let (one, other) = (share(), share())
        return ProbabilityBand(name: name(), from: min(one, other), to: max(one, other))
    }

    mutating func storedAssessment() -> StoredAssessment {
        StoredAssessment(assessment: assessment(), commitTime: instant())
    }

    mutating func refusal() -> Refusal {
        Refusal(one(of: Refusal.Reason.allCases), text(), retryAfterMs: maybe(small()))
    }

    mutating func artifactInfo() -> ArtifactInfo {
        ArtifactInfo(
            id: artifact(), outcome: name(), kind: text(), byteCount: large(), pushedAt: instant(),
            signature: maybe(artifactSignature()), pushedBy: one(of: ["", "twinctl"]),
            reference: maybe(driftReference()),
            bar: maybe(
                ArtifactBar(
                    at: instant(), reason: name(), pardonedAt: maybe(instant()), pardonedBy: name()
                )))
    }

    mutating func driftReference() -> DriftReference {
        DriftReference(
            features: (0..<count(3)).map {
                .init(
                    name: "feature_\($0)", modality: maybe(one(of: Modality.allCases)),
                    bins: referenceBins())
            }, scores: maybe(referenceBins()))
    }

    private mutating func referenceBins() -> ReferenceBins {
        let edges = (0..<count(9)).map { Double($0) - 2.5 }
        return ReferenceBins(
            edges: edges, counts: (0...edges.count).map { _ in large() >> 20 },
            missingCount: UInt64(small()))
    }

    mutating func driftReport() -> DriftReport {
        DriftReport(
            outcome: name(), artifact: artifact(), features: list(3) { $0.driftFigures() },
            scores: maybe(driftFigures()))
    }

    private mutating func driftFigures() -> DriftFigures {
        DriftFigures(
            name: name(), rowCount: large(), stabilityIndex: maybe(one(of: [0, 0.25, 9])),
            distance: maybe(0.5), missingThen: maybe(0), missingNow: maybe(1))
    }

    mutating func artifactSignature() -> ArtifactSignature {
        ArtifactSignature(key: artifact().hex, value: artifact().hex + artifact().hex)
    }

    mutating func artifactPart() -> ArtifactPart {
        ArtifactPart(artifact: artifact(), byteCount: large(), offset: large())
    }

    mutating func activation() -> Activation {
        let mode = one(of: ReleaseMode.allCases)
        return Activation(
            outcome: name(), artifact: artifact(), epoch: large(), activatedAt: instant(),
            mode: mode, share: mode == .canary ? one(of: [0.1, 1]) : 1,
            isEnded: one(of: [false, true]), cause: maybe(one(of: ReleaseCause.allCases)),
            by: name(), reason: name())
    }

    mutating func driftTally() -> DriftTally {
        DriftTally(
            artifact: artifact(), features: list(4) { $0.recentBins() },
            scores: maybe(recentBins()))
    }

    private mutating func recentBins() -> RecentBins {
        RecentBins(
            counts: list(5) { Double($0.small()) / 8 }, missingCount: Double(small()) / 3)
    }

    mutating func header() -> LinkHeader {
        LinkHeader(
            kind: one(of: LinkHeader.Kind.allCases), session: large(), correlation: large(),
            subject: small(), deadlineMs: small(), trace: large(),
            hello: maybe(
                Hello(
                    name: text(), role: text(), version: text(), windowCount: small(),
                    windowByteCount: large())),
            refusal: maybe(refusal()))
    }
}

/// The twin of a name that is known to be good.
func twinNamed(_ text: String) -> TwinID {
    guard let twin = TwinID(text) else { preconditionFailure("\(text) is no twin") }
    return twin
}

/// The artifact of digits that are known to be good.
func artifactNamed(_ hex: String) -> ArtifactID {
    guard let artifact = ArtifactID(hex: hex) else { preconditionFailure("\(hex) is no artifact") }
    return artifact
}
