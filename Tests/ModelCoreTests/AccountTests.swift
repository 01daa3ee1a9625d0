import ModelCore
import Testing
import TwinCore
import TwinTestKit

/// What an assessment says of its own making.
@Suite struct AccountTests {
    private func model(_ change: (inout Manifest) -> Void) throws -> LoadedModel {
        let plain = try SampleModel.logistic(1)
        var manifest = plain.manifest
        change(&manifest)
        return try LoadedModel(
            id: plain.id, manifest: manifest, scorer: plain.scorer, explainer: plain.explainer)
    }

    private func assess(
        _ sets: [FeatureSet], _ model: LoadedModel,
        _ change: (inout CounterfactualLimits) -> Void = { _ in }
    ) -> Assessment {
        var limits = CounterfactualLimits()
        change(&limits)
        return Assessor(counterfactualLimits: limits).assess(sets, revision: 7, with: model)
    }

    private func reason(_ assessment: Assessment) -> String? {
        guard case .indeterminate(let reason) = assessment.verdict else { return nil }
        return reason
    }

    private func seen(_ manifest: inout Manifest) {
        manifest.features[0].seen = 40...180
        manifest.features[1].seen = 0.5...8
        manifest.features[2].seen = 0...20
    }

    @Test func `the band and the method are named`() throws {
        let assessment = assess(SampleModel.features(), try SampleModel.logistic(1))
        #expect(assessment.band == ProbabilityBand(name: "high", from: 0.5, to: 1))
        #expect(assessment.method == .linear)
        #expect(assessment.gap == nil)
        #expect(assessment.reasons.allSatisfy { $0.standardError == nil })
    }

    @Test func `what no training patient had is flagged`() throws {
        let model = try model { seen(&$0) }
        let assessment = assess(SampleModel.features(heartRate: 181, lactate: 8), model)
        #expect(assessment.quality.outsideCount == 1)
        #expect(!assessment.quality.isOutOfDistribution)
        for reason in assessment.reasons {
            #expect(reason.flags.contains(.unseen) == (reason.feature == "heart_rate_last"))
        }
        // A value that is put in is nobody's own.
        let missing = assess(SampleModel.features(heartRate: nil, lactate: 8.5), model)
        #expect(missing.quality.outsideCount == 1)
    }

    @Test func `single precision makes nobody a stranger`() throws {
        let model = try model { $0.features[1].seen = 0.5...Double(Float(8.1)) }
        #expect(assess(SampleModel.features(lactate: 8.1), model).quality.outsideCount == 0)
    }

    @Test func `of a patient unlike all others the model does not speak`() throws {
        let model = try model {
            seen(&$0)
            $0.outsideShareMax = 0.5
        }
        let one = assess(SampleModel.features(heartRate: 190), model)
        #expect(one.probability != nil)
        let two = assess(SampleModel.features(heartRate: 190, lactate: 9), model)
        #expect(two.quality.outsideCount == 2)
        #expect(two.quality.isOutOfDistribution)
        #expect(two.reasons.isEmpty && two.counterfactuals.isEmpty && two.band == nil)
        let said = try #require(reason(two))
        #expect(said.contains("2 of 3 present features"))
        #expect(
            said.contains("heart_rate_last 190.0, lactate_max 9.0") && said.contains("1 may be"))
        // One of two present ones is half.
        #expect(
            assess(SampleModel.features(heartRate: 190, lactate: nil), model).probability != nil)
    }

    @Test func `each class has its own threshold`() throws {
        func classes(_ negative: Double, _ positive: Double) throws -> [String]? {
            let model = try model {
                $0.conformal = Conformal(coverage: 0.9, scoreMax: .each([negative, positive]))
            }
            let verdict = assess(SampleModel.features(), model).verdict
            guard case .prediction(_, let classes) = verdict else { return nil }
            return classes
        }
        // The probability is 0.959.
        #expect(try classes(0.97, 0.97) == ["survived", "died"])
        #expect(try classes(0.95, 0.05) == ["died"])
        #expect(try classes(0.97, 0.01) == ["survived"])
        #expect(try classes(0.95, 0.01) == nil)
    }

    @Test func `shares are of the whole, with what is missing and what is not named`() throws {
        let model = try model {
            $0.features[0].modality = .imaging
            $0.extractors.append(ExtractorVersion(modality: .genome, version: "g"))
        }
        // Contributions are 0.8, 1.25 and 1.25; the missing one has no modality to go by.
        let all = assess(SampleModel.features(), model)
        #expect(all.modalityShares.map(\.modality) == [.vitals, .imaging])
        #expect((all.modalityShares[0].share - 2.5 / 3.3).magnitude < 1e-6)
        var sets = SampleModel.features()
        sets[0].features[2].value = nil
        sets[0].features[2].flags = [.noResult]
        let told = Assessor(reasonCountMax: 0).assess(sets, revision: 7, with: model)
        // The third stands at 0, two below its typical value.
        #expect((told.modalityShares[0].share - 1.75 / 2.55).magnitude < 1e-6)
        sets[0].features.remove(at: 2)
        let unknown = assess(sets, model)
        #expect(unknown.modalityShares.map(\.modality) == [.vitals, .imaging, nil])
        #expect((unknown.modalityShares.reduce(0) { $0 + $1.share } - 1).magnitude < 1e-12)
        sets[0].modality = .genome
        sets[0].version = "g"
        #expect(assess(sets, model).modalityShares.map(\.modality) == [.imaging, .genome, nil])
    }

    @Test func `the nearest value that changes the band is found`() throws {
        let model = try model {
            seen(&$0)
            $0.features[0].isActionable = true
            $0.features[1].isActionable = true
        }
        let assessment = assess(
            SampleModel.features(heartRate: 100, lactate: 2, news2: 1.7), model)
        // -3 + 2 + 1 + 0.425: 0.425 too much, which is 21.25 beats or 0.85 of lactate.
        #expect(
            (try #require(assessment.probability) - Elementary.logistic(0.425)).magnitude < 1e-6)
        let found = Dictionary(
            uniqueKeysWithValues: assessment.counterfactuals.map { ($0.feature, $0) })
        #expect(found.count == 2)
        let rate = try #require(found["heart_rate_last"])
        #expect(rate.value == 100 && rate.changedValue == 75 && rate.changedBand == "low")
        #expect((rate.changedProbability - Elementary.logistic(-0.075)).magnitude < 1e-6)
        let lactate = try #require(found["lactate_max"])
        #expect(lactate.changedValue == 1 && lactate.unit == "mmol/L")
        // From the lowest band the way is up: 0.875 is missing, which is 43.75 beats.
        let low = assess(SampleModel.features(heartRate: 80, lactate: 1, news2: 0.1), model)
        #expect(low.band?.name == "low")
        #expect(low.counterfactuals.map(\.feature) == ["lactate_max", "heart_rate_last"])
        #expect(low.counterfactuals.map(\.changedValue) == [2.8, 125])
        #expect(low.counterfactuals.map(\.changedBand) == ["high", "high"])
    }

    @Test func `what can't be changed is not changed`() throws {
        let sets = SampleModel.features(heartRate: 100, lactate: 2, news2: 1.6)
        let model = try model { seen(&$0) }
        #expect(assess(sets, model).counterfactuals.isEmpty)
        let unbounded = try self.model { $0.features[0].isActionable = true }
        #expect(assess(sets, unbounded).counterfactuals.isEmpty)
        let narrow = try self.model {
            $0.features[1].seen = 1.9...2.1
            $0.features[1].isActionable = true
        }
        #expect(assess(sets, narrow).counterfactuals.isEmpty)
        // What is missing has no value to change.
        let open = try self.model {
            seen(&$0)
            $0.features[1].isActionable = true
        }
        #expect(!assess(sets, open).counterfactuals.isEmpty)
        let missing = SampleModel.features(heartRate: 160, lactate: nil, news2: 1.6)
        #expect(assess(missing, open).probability != nil)
        #expect(assess(missing, open).counterfactuals.isEmpty)
    }

    @Test func `looking for other values is bounded`() throws {
        let model = try model {
            seen(&$0)
            for index in $0.features.indices { $0.features[index].isActionable = true }
        }
        let sets = SampleModel.features(heartRate: 99, lactate: 2, news2: 1.7)
        #expect(assess(sets, model).counterfactuals.count == 3)
        #expect(assess(sets, model) { $0.featureCountMax = 1 }.counterfactuals.count == 1)
        #expect(assess(sets, model) { $0.featureCountMax = 0 }.counterfactuals.isEmpty)
        #expect(assess(sets, model) { $0.rowCountMax = 7 }.counterfactuals.isEmpty)
        // Three operations a row: sixteen rows, for two features.
        #expect(assess(sets, model) { $0.operationCountMax = 48 }.counterfactuals.count <= 2)
        #expect(assess(sets, model) { $0.operationCountMax = 20 }.counterfactuals.isEmpty)
    }
}
