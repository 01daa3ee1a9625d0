import Testing
import TwinCore

@Suite struct `Two assessments are compared` {
    private static func artifact(_ digit: String) -> ArtifactID {
        guard let id = ArtifactID(hex: String(repeating: digit, count: 64)) else {
            preconditionFailure("64 digits")
        }
        return id
    }

    private func reason(
        _ feature: String, _ value: Double?, _ contribution: Double, error: Double? = nil,
        flags: QualityFlags = []
    ) -> Attribution {
        Attribution(
            feature: feature, value: value, unit: "", flags: flags, contribution: contribution,
            standardError: error)
    }

    private func assessment(
        _ revision: Revision, _ probability: Double, band: String, _ reasons: [Attribution],
        artifact: String = "a"
    ) -> Assessment {
        Assessment(
            outcome: "death", artifact: Self.artifact(artifact), revision: revision,
            featureVersion: "1", verdict: .prediction(probability: probability, classes: []),
            baseline: 0, reasons: reasons, remainder: 0, recommendations: [],
            quality: InputQuality(featureCount: 4, missingCount: 1, flaggedCount: 0),
            band: ProbabilityBand(name: band, from: 0, to: 1))
    }

    @Test func `what moved, came and went is named`() throws {
        let before = assessment(
            3, 0.25, band: "low",
            [
                reason("pulse", 90, 0.5), reason("lactate", 1.5, 0.25, flags: [.imputed]),
                reason("age", 80, 0.125), reason("ph", 7.4, -0.1), reason("only before", 1, 0.1),
            ])
        let after = assessment(
            5, 0.75, band: "high",
            [
                reason("lactate", 6, 1.5), reason("pulse", 92, 0.625), reason("age", 80, 0.125),
                reason("ph", nil, 0), reason("only after", 1, 0.1),
            ])
        let change = try #require(AssessmentChange(from: before, to: after))
        #expect(change.rise == 0.5)
        #expect(change.isOtherBand && !change.isOtherModel)
        #expect(change.movements.map(\.after.feature) == ["lactate", "pulse", "ph"])
        #expect(change.movements[0].rise == 1.25)
        #expect(change.appeared == ["lactate"])
        #expect(change.vanished == ["ph"])
    }

    @Test func `an estimate is compared with an estimate`() throws {
        var before = assessment(3, 0.25, band: "low", [reason("urine", 60, 4)])
        var after = assessment(5, 0.25, band: "low", [reason("urine", 20, 30)])
        before.verdict = .estimate(QuantityEstimate(value: 90, unit: "mg/dL"))
        after.verdict = .estimate(
            QuantityEstimate(
                value: 120, unit: "mg/dL",
                interval: EstimateInterval(low: 100, high: 140, coverage: 0.9)))
        let change = try #require(AssessmentChange(from: before, to: after))
        #expect(change.estimateBefore == before.estimate && change.estimateAfter?.value == 120)
        #expect(change.probabilityBefore == nil && change.rise == nil)
        #expect(change.movements.map(\.rise) == [26])
    }

    @Test func `a movement within its error is none`() throws {
        let before = assessment(
            3, 0.25, band: "low", [reason("a", 1, 0.5, error: 0.3), reason("b", 1, 0.5)])
        let after = assessment(
            5, 0.25, band: "low", [reason("a", 1, 1.4, error: 0.4), reason("b", 1, 0.5)])
        let change = try #require(AssessmentChange(from: before, to: after))
        // 0.9, and twice the error of 0.5 is 1.
        #expect(change.movements.isEmpty)
        var further = after
        further.reasons[0].contribution = 1.6
        let more = try #require(AssessmentChange(from: before, to: further))
        #expect(more.movements.count == 1)
        #expect(more.movements[0].standardError == 0.5)
    }

    @Test func `contributions of two models are not compared`() throws {
        let before = assessment(3, 0.25, band: "low", [reason("a", 1, 0.5)])
        let after = assessment(5, 0.5, band: "low", [reason("a", nil, 1)], artifact: "b")
        let change = try #require(AssessmentChange(from: before, to: after))
        #expect(change.isOtherModel && !change.isOtherBand)
        #expect(change.movements.isEmpty && change.appeared.isEmpty && change.vanished.isEmpty)
        #expect(change.rise == 0.25)
        var other = after
        other.outcome = "sepsis"
        #expect(AssessmentChange(from: before, to: other) == nil)
    }

    @Test func `the latest earlier one counts`() throws {
        func stored(
            _ revision: Revision, _ probability: Double, at second: Int64
        ) -> StoredAssessment {
            StoredAssessment(
                assessment: assessment(revision, probability, band: "low", []),
                commitTime: Instant(microsecondsSinceEpoch: second * 1_000_000))
        }
        let all = [
            stored(2, 0.1, at: 1), stored(4, 0.4, at: 3), stored(4, 0.3, at: 2),
            stored(7, 0.7, at: 9),
        ]
        let now = stored(7, 0.7, at: 9)
        #expect(AssessmentChange.since(all, of: now)?.probabilityBefore == 0.4)
        #expect(AssessmentChange.since(all, of: all[1])?.probabilityBefore == 0.3)
        #expect(AssessmentChange.since([now], of: now) == nil)
        var silent = all[1]
        silent.assessment.verdict = .indeterminate(reason: "too little")
        let change = try #require(AssessmentChange.since([silent], of: now))
        #expect(change.rise == nil && change.probabilityAfter == 0.7)
    }
}
