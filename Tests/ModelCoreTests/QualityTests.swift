import ModelCore
import Testing
import TwinCore
import TwinTestKit

@Suite struct `The quality of a twin's data` {
    private static func finding(_ name: String, _ second: Int64) throws -> CleaningFinding {
        let time = Instant(microsecondsSinceEpoch: 1_768_000_000_000_000).adding(seconds: second)
        return CleaningFinding(
            code: try #require(Concept.named(name)).code, source: "A", from: time, to: time,
            number: 1, flags: .spike,
            reason: RuleReason(rule: "spike", limit: "", saw: "", rules: "standard 1"))
    }

    private static func sets(_ values: [Double?]) throws -> [FeatureSet] {
        var sets = SampleModel.features()
        sets[0].version = "1\(FeatureSet.rulesMark)0123456789ab"
        let components = zip(QualityComponent.Kind.allCases, values).map {
            QualityComponent(kind: $0, value: $1, part: 1, whole: 4, names: ["spo2"])
        }
        sets[0].cleaning = CleaningReport(
            rules: "standard 1", findings: [], untoldCount: 0, biases: [],
            quality: TwinQuality(components: components))
        return sets
    }

    private static func model(_ least: Double?) throws -> LoadedModel {
        let model = try SampleModel.logistic(1)
        var manifest = model.manifest
        manifest.qualityMin = least
        return try LoadedModel(
            id: model.id, manifest: manifest, scorer: model.scorer, explainer: model.explainer)
    }

    private static func assess(_ sets: [FeatureSet], _ least: Double?) throws -> Assessment {
        Assessor().assess(sets, revision: 7, with: try model(least))
    }

    @Test(
        arguments: [
            ([1, 0.5, 1, nil], 0.75, nil),
            (
                [1, 0.5, 1, nil], 0.751,
                "the quality of the twin's data is 0.75, 0.751 is needed, mostly for timeliness: "
                    + "1 of 4 quantities are still valid, not spo2"
            ),
            ([1, 1, 0, 1], 0.1, "is 0.0, 0.1 is needed, mostly for plausibility"),
            ([nil, nil, nil, nil], 0.1, "is not known"),
            ([nil, nil, nil, nil], nil, nil), ([0, 0, 0, 0], nil, nil),
        ] as [([Double?], Double?, String?)])
    func `a model may ask for it, and abstains with what it is short of`(
        values: [Double?], least: Double?, reason: String?
    ) throws {
        let assessment = try Self.assess(try Self.sets(values), least)
        switch assessment.verdict {
        case .prediction, .estimate, .notAvailable: #expect(reason == nil)
        case .indeterminate(let said):
            #expect(said.contains(try #require(reason)), "\(said)")
        }
        #expect(assessment.quality.cleaning?.quality.components.count == 4)
    }

    @Test func `features of old that say nothing of it are not taken for good ones`() throws {
        guard case .indeterminate = try Self.assess(SampleModel.features(), 0.1).verdict else {
            Issue.record("a prediction from data of unknown quality")
            return
        }
        #expect(try Self.assess(SampleModel.features(), nil).quality.cleaning == nil)
    }

    @Test func `a site's rules are not another extractor, another extractor is`() throws {
        var sets = try Self.sets([1, 1, 1, 1])
        guard case .prediction = try Self.assess(sets, nil).verdict else {
            Issue.record("no prediction under a site's rules")
            return
        }
        sets[0].version = "2\(FeatureSet.rulesMark)0123456789ab"
        guard case .indeterminate = try Self.assess(sets, nil).verdict else {
            Issue.record("features of another extractor were taken")
            return
        }
    }

    @Test func `an assessment names the newest findings on what the model asks for`() throws {
        var sets = try Self.sets([1, 1, 1, 1])
        sets[0].cleaning?.findings = try (0..<20).map {
            try Self.finding($0 % 2 == 0 ? "lactate" : "spo2", -$0)
        }
        let model = try Self.model(nil)
        var manifest = model.manifest
        // As the extractor names them: the quantity, a dot, what is made of it.
        manifest.features[1].name = "lactate.max_6h"
        let other = try LoadedModel(
            id: model.id, manifest: manifest, scorer: model.scorer, explainer: model.explainer)
        let report = try #require(
            Assessor().assess(sets, revision: 7, with: other).quality.cleaning)
        #expect(report.findings == (0..<8).compactMap { sets[0].cleaning?.findings[2 * $0] })
        #expect(report.untoldCount == 2)
        #expect(report.rules == "standard 1")
    }
}
