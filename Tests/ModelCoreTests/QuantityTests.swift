import ModelCore
import Testing
import TwinCore
import TwinTestKit

@Suite struct `A model of a quantity` {
    static func manifest(_ quantity: PredictedQuantity) -> Manifest {
        var manifest = SampleModel.manifest(golden: [
            GoldenRow(input: [90, 2, 3], output: [101])
        ])
        (manifest.classes, manifest.positiveClass, manifest.bands) = ([], "", [])
        manifest.quantity = quantity
        return manifest
    }

    private static let whole = PredictedQuantity(
        unit: "mg/dL", range: 0...400, residual: .init(coverage: 0.9, sizeMax: 12.5))

    /// The sum of its features.
    private struct SumScorer: Scorer {
        let featureCount = 3
        let classCount = 1
        let operationsPerRow = 3
        var answer: Float?

        func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
            (0..<count).map { row in answer ?? rows[row * 3..<row * 3 + 3].reduce(6, +) }
        }
    }

    private func model(
        _ quantity: PredictedQuantity, answer: Float? = nil, missing: Double = 0
    ) throws -> LoadedModel {
        try LoadedModel(
            id: SampleModel.id(7), manifest: Self.manifest(quantity),
            scorer: SumScorer(answer: answer),
            explainer: FixedExplainer(
                Explanation(
                    baseline: 100, contributions: [20 - missing, 10, 7], link: .identity,
                    method: .linear)))
    }

    private func assess(_ model: LoadedModel) -> Assessment {
        Assessor().assess(SampleModel.features(), revision: 7, with: model)
    }

    @Test(arguments: [
        whole, PredictedQuantity(unit: "{score}"), PredictedQuantity(unit: "1", range: -1...1),
    ])
    func `says so in its manifest, and is read back`(quantity: PredictedQuantity) throws {
        let manifest = Self.manifest(quantity)
        try manifest.validate()
        #expect(try Manifest(json: manifest.json) == manifest)
        #expect(!manifest.json.contains("classes") && !manifest.json.contains("positive"))
    }

    @Test(arguments: [
        PredictedQuantity(unit: ""), PredictedQuantity(unit: "mg per dL"),
        PredictedQuantity(unit: "mg", residual: .init(coverage: 1.5, sizeMax: 1)),
        PredictedQuantity(unit: "mg", residual: .init(coverage: 0.9, sizeMax: -1)),
        PredictedQuantity(unit: "mg", residual: .init(coverage: 0.9, sizeMax: .nan)),
        PredictedQuantity(unit: "mg", range: -.infinity...1),
    ])
    func `is refused where it promises what can't be`(quantity: PredictedQuantity) {
        #expect(throws: ManifestError.self) { try Self.manifest(quantity).validate() }
    }

    @Test func `has nothing of classes`() throws {
        for spoil: (inout Manifest) -> Void in [
            { $0.classes = ["a", "b"] }, { $0.positiveClass = "a" },
            { $0.bands = [Band(from: 0, name: "low", advice: [])] },
            { $0.calibration = .platt(a: 1, b: 0) },
            { $0.conformal = Conformal(coverage: 0.9, scoreMax: 0.5) },
            { $0.golden[0].output = [1, 2] },
        ] {
            var manifest = Self.manifest(Self.whole)
            spoil(&manifest)
            #expect(throws: ManifestError.self) { try manifest.validate() }
        }
        let text = Self.manifest(Self.whole).json
        for (own, other) in [
            ("\"unit\":\"mg/dL\"", "\"unit\":7"), ("\"residualMax\":12.5,", ""),
            ("\"residualMax\":12.5", "\"residualMax\":12.5,\"more\":1"),
            ("[0,400]", "[400,0]"), ("\"quantity\"", "\"classes\":[],\"quantity\""),
        ] where text.contains(own) {
            #expect(throws: ManifestError.self) {
                try Manifest(json: text.replacing(own, with: other))
            }
        }
    }

    @Test func `tells its estimate with unit and interval, and why`() throws {
        let assessment = assess(try model(Self.whole))
        #expect(
            assessment.estimate
                == QuantityEstimate(
                    value: 137, unit: "mg/dL",
                    interval: EstimateInterval(low: 124.5, high: 149.5, coverage: 0.9)))
        #expect(assessment.probability == nil && assessment.band == nil)
        #expect(assessment.recommendations.isEmpty && assessment.counterfactuals.isEmpty)
        #expect(
            assessment.baseline == 100 && assessment.reasons.map(\.contribution) == [20, 10, 7])
    }

    @Test func `has no interval beyond what the quantity can be`() throws {
        let narrow = PredictedQuantity(
            unit: "mg/dL", range: 130...140, residual: .init(coverage: 0.9, sizeMax: 12.5))
        #expect(
            assess(try model(narrow)).estimate?.interval
                == EstimateInterval(low: 130, high: 140, coverage: 0.9))
    }

    @Test(arguments: [Float.nan, .infinity, -1, 400.5])
    func `an answer that is no value is never shown`(answer: Float) throws {
        switch assess(try model(Self.whole, answer: answer)).verdict {
        case .indeterminate(let reason):
            #expect(answer.isFinite && reason.contains("is no value"))
        case .notAvailable(let reason):
            #expect(!answer.isFinite && reason.contains("is no value"))
        case .estimate, .prediction: Issue.record("shown")
        }
    }

    @Test func `an account that does not add up is not shown, by the size of its errors`() throws {
        // A thousandth of 137 is allowed.
        #expect(assess(try model(Self.whole, missing: 0.1)).estimate != nil)
        #expect(assess(try model(Self.whole, missing: 0.2)).estimate == nil)
        let fine = Explanation(baseline: 0.0005, contributions: [], link: .identity)
        #expect(Proof.addsUp(fine, to: 0) && !Proof.addsUp(fine, to: 0, size: 0.05))
    }

    @Test func `must have a scorer of one number`() throws {
        #expect(throws: ManifestError.self) {
            try LoadedModel(
                id: SampleModel.id(1), manifest: Self.manifest(Self.whole),
                scorer: FixedScorer([0.5, 0.5]),
                explainer: FixedExplainer(
                    Explanation(baseline: 0, contributions: [0, 0, 0], link: .identity)))
        }
    }
}
