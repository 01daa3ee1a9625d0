import ModelCore
import Testing
import TwinCore
import TwinTestKit

@Suite struct AssessorTests {
    private func assess(
        _ sets: [FeatureSet], _ model: LoadedModel, reasons: Int = 10
    ) -> Assessment {
        Assessor(reasonCountMax: reasons).assess(sets, revision: 7, with: model)
    }

    private func reason(_ assessment: Assessment) -> String? {
        guard case .indeterminate(let reason) = assessment.verdict else { return nil }
        return reason
    }

    /// Why the model is held to have given no valid answer.
    private func fault(_ assessment: Assessment) -> String? {
        guard case .notAvailable(let reason) = assessment.verdict else { return nil }
        return reason
    }

    @Test func `a prediction is explained and advised upon`() throws {
        let assessment = assess(SampleModel.features(), try SampleModel.logistic(1))
        guard case .prediction(let probability, let classes) = assessment.verdict else {
            Issue.record("no prediction")
            return
        }
        let raw = -3 + 0.02 * 120 + 0.5 * 4 + 0.25 * 7
        #expect((probability - Elementary.logistic(raw)).magnitude < 1e-6)
        #expect(classes == ["survived", "died"])
        #expect(assessment.reasons.map(\.feature) == ["lactate_max", "news2", "heart_rate_last"])
        #expect(assessment.recommendations.map(\.text) == ["Call the physician."])
        #expect(assessment.recommendations[0].basis.contains("50.0 %"))
        #expect(assessment.quality == .init(featureCount: 3, missingCount: 0, flaggedCount: 1))
        #expect(assessment.reasons[1].flags == [.incomplete])
        #expect(assessment.featureVersion == "1")
        let sum = assessment.reasons.reduce(assessment.baseline) { $0 + $1.contribution }
        #expect((sum + assessment.remainder - raw).magnitude < 1e-6)
    }

    @Test func `contributions left out are summed`() throws {
        let model = try SampleModel.logistic(1)
        let all = assess(SampleModel.features(), model)
        for count in 0...2 {
            let few = assess(SampleModel.features(), model, reasons: count)
            #expect(few.reasons == Array(all.reasons.prefix(count)))
            let left = all.reasons.dropFirst(count).reduce(0) { $0 + $1.contribution }
            #expect((few.remainder - left).magnitude < 1e-12)
        }
    }

    @Test func `the order of features and sets does not matter`() throws {
        let model = try SampleModel.logistic(1)
        let vitals = SampleModel.features()[0]
        let genome = FeatureSet(
            modality: .genome, version: "g3", revision: 2, referenceTime: nil,
            features: [Feature(name: "prs", value: 1, unit: "")])
        var reversed = vitals
        reversed.features.reverse()
        let first = assess([vitals, genome], model)
        #expect(assess([genome, reversed], model) == first)
        #expect(first.featureVersion == "1+g3")
        #expect(assess([vitals, genome], model) == first)
    }

    @Test func `what is missing is put in, flagged and counted`() throws {
        let model = try SampleModel.logistic(1)
        let assessment = assess(SampleModel.features(heartRate: nil), model)
        #expect(reason(assessment) == nil)
        #expect(assessment.quality.missingCount == 1)
        // It stands at its typical value: it moves nothing.
        #expect(!assessment.reasons.contains { $0.feature == "heart_rate_last" })
        var sets = SampleModel.features()
        sets[0].features.remove(at: 2)
        let without = assess(sets, model)
        let put = without.reasons.first { $0.feature == "news2" }
        #expect(put?.value == 0)
        #expect(put?.flags == [.imputed])
        #expect(put?.contribution == -0.5)
    }

    @Test func `a value that must not enter a score is missing`() throws {
        let model = try SampleModel.logistic(1)
        var sets = SampleModel.features()
        sets[0].features[1].flags = [.outOfRange]
        let assessment = assess(sets, model)
        #expect(assessment.quality.missingCount == 1)
        sets[0].features[1] = Feature(name: "lactate_max", value: .nan, unit: "mmol/L")
        #expect(assess(sets, model).quality.missingCount == 1)
        sets[0].features[1].value = 1e300
        #expect(assess(sets, model).quality.missingCount == 1)
    }

    @Test func `too little is no basis`() throws {
        let model = try SampleModel.logistic(1)
        let assessment = assess(SampleModel.features(heartRate: nil, lactate: nil), model)
        #expect(reason(assessment) == "1 of 3 features are present, 2 are needed")
        #expect(assessment.reasons.isEmpty)
        #expect(reason(assess([], model)) != nil)
    }

    @Test func `another unit is no basis`() throws {
        let model = try SampleModel.logistic(1)
        var sets = SampleModel.features()
        sets[0].features[1].unit = "mg/dL"
        #expect(
            reason(assess(sets, model)) == "lactate_max is in \"mg/dL\", the model takes \"mmol/L\""
        )
    }

    @Test func `another extractor's features are no basis`() throws {
        let model = try SampleModel.logistic(1)
        #expect(reason(assess(SampleModel.features(version: "2"), model))?.contains("of 2") == true)
    }

    @Test func `a patient outside of the model's range gets no number`() throws {
        let model = try SampleModel.logistic(1)
        #expect(reason(assess(SampleModel.features(heartRate: 301), model)) != nil)
    }

    @Test func `a feature given twice is no basis`() throws {
        let model = try SampleModel.logistic(1)
        var sets = SampleModel.features()
        sets.append(sets[0])
        sets[1].modality = .imaging
        #expect(reason(assess(sets, model)) == "heart_rate_last is given twice")
    }

    @Test(arguments: [Float.nan, .infinity, -0.01, 1.01])
    func `an answer that is no probability is never shown`(_ answer: Float) throws {
        let good = try SampleModel.logistic(1)
        let model = try LoadedModel(
            id: good.id, manifest: good.manifest, scorer: FixedScorer([1 - answer, answer]),
            explainer: FixedExplainer(
                Explanation(
                    baseline: Double(answer), contributions: [0, 0, 0], link: .identity)))
        let assessment = assess(SampleModel.features(), model)
        #expect(fault(assessment)?.contains("is no probability") == true)
        #expect(assessment.recommendations.isEmpty)
    }

    @Test func `a class without a number is not taken for one that is ruled out`() throws {
        let good = try SampleModel.logistic(1)
        let model = try LoadedModel(
            id: good.id, manifest: good.manifest, scorer: FixedScorer([.nan, 0.75]),
            explainer: FixedExplainer(
                Explanation(baseline: 0.75, contributions: [0, 0, 0], link: .identity)))
        #expect(fault(assess(SampleModel.features(), model)) == "the model's answer is no number")
    }

    @Test func `an account that does not add up is never shown`() throws {
        let good = try SampleModel.logistic(1)
        for explanation in [
            Explanation(baseline: 0.5, contributions: [0.1, 0, 0], link: .identity),
            Explanation(baseline: 0.5, contributions: [.nan, 0, 0], link: .identity),
            Explanation(baseline: 0.5, contributions: [], link: .identity),
        ] {
            let model = try LoadedModel(
                id: good.id, manifest: good.manifest, scorer: FixedScorer([0.5, 0.5]),
                explainer: FixedExplainer(explanation))
            #expect(fault(assess(SampleModel.features(), model)) != nil)
        }
    }

    @Test func `conformal sets hold what can't be ruled out`() throws {
        func classes(_ scoreMax: Double) throws -> [String]? {
            let model = try SampleModel.logistic(
                1, conformal: Conformal(coverage: 0.9, scoreMax: scoreMax))
            let verdict = assess(SampleModel.features(), model).verdict
            guard case .prediction(_, let classes) = verdict else { return nil }
            return classes
        }
        // The probability is 0.959.
        #expect(try classes(0.97) == ["survived", "died"])
        #expect(try classes(0.5) == ["died"])
        #expect(try classes(0.01) == nil)
    }

    @Test func `a calibrated probability is shown, the raw score explained`() throws {
        let model = try SampleModel.logistic(1, calibration: .platt(a: -2, b: 1))
        let assessment = assess(SampleModel.features(), model)
        guard case .prediction(let probability, _) = assessment.verdict else {
            Issue.record("no prediction")
            return
        }
        let score = Elementary.logistic(3.15)
        #expect((probability - Elementary.logistic(2 * score - 1)).magnitude < 1e-6)
        let sum = assessment.reasons.reduce(assessment.baseline) { $0 + $1.contribution }
        #expect((sum - 3.15).magnitude < 1e-5)
    }
}
