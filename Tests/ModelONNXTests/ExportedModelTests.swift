import ModelCore
import ModelONNX
import ModelRoster
import Testing
import TwinCore
import TwinTestKit

/// Models that others exported, with a manifest added.
@Suite struct ExportedModelTests {
    /// These know what to do with NaN.
    private static let missing = [
        "logistic", "forest", "boosting", "lightgbm", "xgboost",
    ]

    private func manifest(_ fixture: Fixture, kind: String) -> Manifest {
        var manifest = SampleModel.manifest(golden: [])
        manifest.kind = kind
        manifest.features = (0..<fixture.width).map {
            ManifestFeature(
                name: "f\($0)", unit: "",
                missing: Self.missing.contains(fixture.name) ? .none : .mean(0.5), typical: 0.25)
        }
        let scores = fixture.scores.map { $0.count == 1 ? [1 - $0[0], $0[0]] : $0 }
        manifest.classes = fixture.name == "forest" ? ["died", "survived"] : ["a", "b"]
        manifest.positiveClass = manifest.classes[1]
        manifest.golden = zip(fixture.rows, scores).prefix(3).map { row, score in
            GoldenRow(
                input: row.map { $0.isNaN ? nil : Double($0) }, output: score.map(Double.init))
        }
        return manifest
    }

    @Test(arguments: [
        "logistic", "logistic_zipmap", "normalized", "forest", "boosting", "svc_rbf", "svc_linear",
        "mlp", "gemm_sigmoid", "lightgbm", "xgboost", "calibrated_svc",
    ])
    func `an exported model keeps the contract of models`(_ name: String) throws {
        let fixture = try Fixture(name)
        let manifest = manifest(fixture, kind: "network")
        let bytes = try ONNXArtifact.adding(manifest, to: fixture.bytes)
        let id = ONNXArtifact.identity(of: bytes)
        let broken = ModelContract.broken(bytes: bytes, id: id, loader: ArtifactTests.loader)
        #expect(broken == [])
        #expect(try ONNXArtifact(bytes: bytes).manifest() == manifest)
        #expect(throws: ONNXError.self) { try ONNXArtifact.adding(manifest, to: bytes) }
    }

    @Test(arguments: [
        "logistic_zipmap", "normalized", "svc_rbf", "svc_linear", "svc_poly", "svc_sigmoid",
        "svc_three", "svc_scores", "mlp", "mlp_three", "gemm_sigmoid", "shapes",
    ])
    func `a lost number is never hidden`(_ name: String) throws {
        let fixture = try Fixture(name)
        let scorer = try ONNXScorer(
            ONNXArtifact(bytes: fixture.bytes), featureCount: fixture.width)
        var row = fixture.rows[0]
        row[1] = .nan
        #expect(try scorer.score(row, count: 1).contains { $0.isNaN })
    }

    @Test func `linear models have an exact form, forests without covers one against a background`()
        throws
    {
        func form(_ name: String, positive: Int = 1) throws -> ExactForm? {
            let fixture = try Fixture(name)
            return try ONNXScorer(ONNXArtifact(bytes: fixture.bytes), featureCount: fixture.width)
                .exactForm(positive: positive)
        }
        for name in [
            "logistic", "logistic_zipmap", "linear_one_none", "linear_one_logistic",
            "svc_linear_scores",
        ] {
            guard case .linear? = try form(name) else {
                Issue.record("\(name) has no exact form")
                continue
            }
        }
        guard case .linear(_, _, let preparations, _)? = try form("logistic") else { return }
        #expect(preparations.count == 2)
        // This exporter writes a cover of 1 everywhere.
        for name in ["forest", "lightgbm"] {
            guard case .coverless? = try form(name) else {
                Issue.record("\(name) is not one without covers")
                continue
            }
        }
        #expect(try form("mlp") == nil)
        #expect(try form("svc_rbf") == nil && form("svc_linear") == nil)
        #expect(try form("linear_three_softmax") == nil)
    }

    @Test(arguments: ["forest", "lightgbm"])
    func `a forest without covers is accounted for by its background`(name: String) throws {
        let fixture = try Fixture(name)
        let scorer = try ONNXScorer(
            ONNXArtifact(bytes: fixture.bytes), featureCount: fixture.width)
        for positive in 0...1 {
            guard
                case .coverless(let ensemble, let preparations, let link)? = scorer.exactForm(
                    positive: positive)
            else {
                Issue.record("class \(positive) has no form")
                continue
            }
            let explainer = try TreeExplainer(
                ensemble, preparations: preparations, link: link,
                background: Array(fixture.rows.prefix(7)), attribution: CountedShapley.background)
            for row in fixture.rows {
                let score = Double(try scorer.score(row, count: 1)[positive])
                #expect(Proof.addsUp(try explainer.explain(row), to: score))
            }
        }
    }

    @Test func `a linear model's account adds up, whichever class is positive`() throws {
        for name in [
            "logistic", "linear_one_none", "linear_one_logistic", "logistic_zipmap",
            "svc_linear_scores",
        ] {
            let fixture = try Fixture(name)
            let scorer = try ONNXScorer(
                ONNXArtifact(bytes: fixture.bytes), featureCount: fixture.width)
            for positive in 0...1 {
                guard
                    case .linear(let weights, let intercept, let preparations, let link)? =
                        scorer.exactForm(positive: positive)
                else { continue }
                let explainer = try LinearExplainer(
                    weights: weights, intercept: intercept, preparations: preparations, link: link,
                    background: weights.map { _ in 0.1 }, names: weights.map { "\($0)" })
                for row in fixture.rows {
                    let score = Double(try scorer.score(row, count: 1)[positive])
                    #expect(Proof.addsUp(try explainer.explain(row), to: score))
                }
            }
        }
    }

    @Test func `the loader refuses what does not agree, and says why`() throws {
        let fixture = try Fixture("forest")
        let good = manifest(fixture, kind: "forest")
        func refusal(_ change: (inout Manifest) -> Void) throws -> Refusal? {
            var manifest = good
            change(&manifest)
            let bytes = try ONNXArtifact.adding(manifest, to: fixture.bytes)
            let id = ONNXArtifact.identity(of: bytes)
            guard case .failure(let refusal) = ArtifactTests.loader(id, bytes) else { return nil }
            return refusal
        }
        #expect(try refusal { _ in } == nil)
        #expect(try refusal { $0.kind = "oracle" }?.reason == .unsupported)
        #expect(
            try refusal {
                $0.classes = ["died", "lived"]; $0.positiveClass = "lived"
            } != nil)
        #expect(
            try refusal {
                $0.features.append(ManifestFeature(name: "x", unit: "", missing: .none))
                for index in $0.golden.indices { $0.golden[index].input.append(0) }
            } != nil)
        #expect(try refusal { $0.features[2].typical = nil }?.detail.contains("f2") == true)
        let other = SampleModel.id(3)
        guard case .failure(let refusal) = ArtifactTests.loader(other, fixture.bytes) else {
            Issue.record("other bytes were taken")
            return
        }
        #expect(refusal.reason == .malformed)
        let own = ONNXArtifact.identity(of: fixture.bytes)
        guard case .failure(let bare) = ArtifactTests.loader(own, fixture.bytes) else {
            Issue.record("a file without a manifest was taken")
            return
        }
        #expect(bare.detail.contains("manifest"))
    }

    @Test func `identity is the SHA-256 of the bytes`() throws {
        #expect(
            ONNXArtifact.identity(of: Array("abc".utf8)).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
