import ControlPicture
import Testing
import TwinCore

@Suite struct `A doctor reads an assessment` {
    private static func artifact(_ digit: String) -> ArtifactID {
        guard let id = ArtifactID(hex: String(repeating: digit, count: 64)) else {
            preconditionFailure("64 digits")
        }
        return id
    }

    private static func sample(_ revision: Revision = 9) -> StoredAssessment {
        let assessment = Assessment(
            outcome: "death", artifact: artifact("a"), revision: revision, featureVersion: "v",
            verdict: .prediction(probability: 0.3421, classes: ["survived", "died"]),
            baseline: 0.1,
            reasons: [
                Attribution(
                    feature: "lactate.last", value: 4.1, unit: "mmol/L", flags: [.stale, .unseen],
                    contribution: 0.12, standardError: 0.011),
                Attribution(
                    feature: "spo2.last", value: 97, unit: "%", flags: [.imputed],
                    contribution: -0.04, standardError: 0.002),
                Attribution(
                    feature: "gcs.last", value: nil, unit: "{score}", flags: [],
                    contribution: 0.02, standardError: 0.03),
            ],
            remainder: 0.0101,
            recommendations: [Recommendation(text: "Look again.", basis: "band raised")],
            quality: InputQuality(
                featureCount: 30, missingCount: 5, flaggedCount: 4, staleCount: 2, outsideCount: 1),
            band: ProbabilityBand(name: "raised", from: 0.2, to: 0.45), method: .sampled,
            modalityShares: [
                ModalityShare(modality: .vitals, share: 0.8),
                ModalityShare(modality: nil, share: 0.2),
            ],
            counterfactuals: [
                Counterfactual(
                    feature: "lactate.last", unit: "mmol/L", value: 4.1, changedValue: 2,
                    changedProbability: 0.0634, changedBand: "low")
            ])
        return StoredAssessment(
            assessment: assessment, commitTime: Instant(microsecondsSinceEpoch: 1))
    }

    @Test func `everything that is known, and how well`() {
        let expected = """
              death  ███████░░░░░░░░░░░░░ 34 %  band raised (20 % to 45 %)
                can't be ruled out: survived, died
                why (sampled, against a typical patient; ± is one standard error):
                lactate.last  4.1 mmol/L             ▲ raises ██████████ +0.12 ±0.01   stale unseen
                spo2.last     missing (97 % put in)  ▽ lowers ███        -0.04 ±0.002
                gcs.last      missing                · too small to tell
                all others together: +0.01
                of all that moved it, vitals   ████████░░ 80 %
                of all that moved it, unknown  ██░░░░░░░░ 20 %
                with lactate.last at 2 mmol/L instead of 4.1 mmol/L, all else being as it is, the \
            model would say 6.3 %, band low
                inputs: 25 of 30 present, 5 missing, 2 stale, 1 outside of what the training \
            patients had
                → Look again. (band raised)
                artifact aaaaaaaaaaaa, revision 9
            """
        #expect(AssessmentText(Self.sample()).lines().joined(separator: "\n") == expected)
    }

    @Test func `what is not named is summed`() {
        let lines = AssessmentText(Self.sample()).lines(reasonCountMax: 1)
        #expect(lines.contains("    all others together: -0.0099"))
        #expect(!lines.contains { $0.contains("spo2") })
    }

    @Test func `one who abstains shows no number`() {
        var stored = Self.sample()
        stored.assessment.verdict = .indeterminate(reason: "3 of 30 features are present")
        let text = AssessmentText(stored).lines().joined(separator: "\n")
        #expect(text.contains("death  indeterminate: 3 of 30 features are present"))
        for absent in ["34 %", "+0.12", "would say", "vitals"] { #expect(!text.contains(absent)) }
    }

    @Test func `what is new is told`() throws {
        var before = Self.sample(7).assessment
        before.verdict = .prediction(probability: 0.12, classes: ["survived"])
        before.band = ProbabilityBand(name: "low", from: 0, to: 0.2)
        before.reasons[0].value = 2.2
        before.reasons[0].contribution = -0.05
        before.reasons[2].value = 15
        before.quality.missingCount = 4
        let now = Self.sample()
        func told(_ before: Assessment) -> [String] {
            AssessmentText(now, change: AssessmentChange(from: before, to: now.assessment)).lines()
        }
        let lines = told(before)
        #expect(lines.contains("    since revision 7: 12 % → 34 %, band low → raised"))
        #expect(lines.contains("      lactate.last  2.2 mmol/L → 4.1 mmol/L  ▲ +0.17"))
        #expect(lines.contains("      missing by now: gcs.last"))
        #expect(lines.contains("      5 features are missing, 4 were"))
        before.artifact = Self.artifact("b")
        let other = told(before)
        #expect(other.contains("      another model speaks: its reasons can't be compared"))
        #expect(!other.contains { $0.contains("+0.17") })
    }

    @Test func `a quantity is told in its unit, and so is what moved it`() throws {
        var stored = Self.sample()
        stored.assessment.outcome = "creatinine.tomorrow"
        stored.assessment.verdict = .estimate(
            QuantityEstimate(
                value: 1.2345, unit: "mg/dL",
                interval: EstimateInterval(low: 0.8, high: 1.67, coverage: 0.9)))
        (stored.assessment.band, stored.assessment.counterfactuals) = (nil, [])
        var before = stored.assessment
        before.revision = 7
        before.verdict = .estimate(QuantityEstimate(value: 0.9, unit: "mg/dL"))
        let change = AssessmentChange(from: before, to: stored.assessment)
        let lines = AssessmentText(stored, change: change).lines()
        #expect(lines[0] == "  creatinine.tomorrow  1.235 mg/dL (90 %: 0.8 to 1.67)")
        #expect(lines[1].hasPrefix("    why (in mg/dL, from 0.1, sampled"))
        #expect(lines.contains { $0.contains("lactate.last") && $0.contains("+0.12") })
        #expect(
            lines.contains(
                "    since revision 7: 0.9 mg/dL → 1.235 mg/dL (90 %: 0.8 to 1.67)"))
        #expect(!lines.contains { $0.contains("band") && !$0.contains("→ Look") })
    }

    @Test(arguments: [
        (0.0004, "below 0.1 %"), (0.00412, "0.41 %"), (0.0999, "10 %"), (0.345, "35 %"),
        (0.9996, "above 99.9 %"), (1, "100 %"), (0, "0 %"),
    ])
    func `a probability claims no more than it knows`(probability: Double, expected: String) {
        var stored = Self.sample()
        stored.assessment.verdict = .prediction(probability: probability, classes: ["died"])
        stored.assessment.band = nil
        #expect(AssessmentText(stored).lines()[0].hasSuffix(" " + expected))
    }
}
