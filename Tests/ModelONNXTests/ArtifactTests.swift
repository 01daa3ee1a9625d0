import ModelCore
import ModelONNX
import ModelRoster
import Testing
import TwinCore
import TwinTestKit

/// Files that Twinline writes.
@Suite struct ArtifactTests {
    static let samples = [
        SampleEnsemble(seed: 1, trees: 5, depth: 4, link: .identity, imputes: true),
        SampleEnsemble(seed: 2, trees: 5, depth: 4, link: .identity, imputes: false),
        SampleEnsemble(seed: 3, trees: 7, depth: 3, link: .logistic, imputes: true),
    ]

    static let loader = ModelRoster.loader(attribution: CountedShapley.attribution)

    @Test(arguments: samples.indices)
    func `a written forest keeps the contract of models`(_ index: Int) throws {
        let sample = Self.samples[index]
        let bytes = try ArtifactWriter.bytes(
            sample.ensemble, link: sample.link, manifest: sample.manifest)
        let id = ONNXArtifact.identity(of: bytes)
        #expect(ModelContract.broken(bytes: bytes, id: id, loader: Self.loader) == [])
        let artifact = try ONNXArtifact(bytes: bytes)
        #expect(artifact.id == id)
        #expect(try artifact.manifest() == sample.manifest)
        #expect(artifact.featureCount == 6)
        #expect(artifact.outputNames == ["label", "probabilities"])
    }

    @Test(arguments: samples.indices)
    func `a written forest reads back as itself`(_ index: Int) throws {
        let sample = Self.samples[index]
        let bytes = try ArtifactWriter.bytes(
            sample.ensemble, link: sample.link, manifest: sample.manifest)
        let scorer = try ONNXScorer(ONNXArtifact(bytes: bytes), featureCount: 6)
        guard
            case .trees(let ensemble, let preparations, let link)? = scorer.exactForm(positive: 1)
        else {
            Issue.record("no exact form")
            return
        }
        #expect(link == sample.link)
        #expect(preparations.count == (sample.manifest.features[0].missing == .none ? 0 : 1))
        // A margin is written for both classes, so that its trees come back as they were.
        #expect(ensemble == sample.ensemble)
        for positive in 0...1 {
            guard case .trees(let own, _, let link)? = scorer.exactForm(positive: positive) else {
                Issue.record("no exact form of class \(positive)")
                continue
            }
            for row in sample.rows {
                var full = row
                for step in preparations { step.apply(to: &full, width: 6) }
                let score = try scorer.score(row, count: 1)[positive]
                let raw = link.score(ofRaw: SampleEnsemble.raw(own, full))
                #expect((raw - Double(score)).magnitude < 1e-6)
            }
        }
    }

    @Test func `without an exact account, a forest is explained by sampling`() throws {
        let sample = Self.samples[0]
        let bytes = try ArtifactWriter.bytes(
            sample.ensemble, link: sample.link, manifest: sample.manifest)
        let id = ONNXArtifact.identity(of: bytes)
        let loader = ModelRoster.loader { _ throws(ModelError) in throw .notExplainable("no") }
        #expect(ModelContract.broken(bytes: bytes, id: id, loader: loader) == [])
        let row = sample.rows[0]
        #expect(
            try loader(id, bytes).get().explainer.explain(row).standardErrors.count == row.count)
        let exact = try Self.loader(id, bytes).get().explainer.explain(row)
        #expect(exact.standardErrors.isEmpty)
    }

    @Test func `without covers, a forest is explained against its background`() throws {
        var sample = Self.samples[1]
        for tree in sample.ensemble.trees.indices {
            for node in sample.ensemble.trees[tree].indices {
                sample.ensemble.trees[tree][node].cover = 1
            }
        }
        func method(
            _ manifest: Manifest, _ background: TreeBackgroundAttribution?
        ) throws -> AttributionMethod? {
            let bytes = try ArtifactWriter.bytes(
                sample.ensemble, link: sample.link, manifest: manifest)
            let id = ONNXArtifact.identity(of: bytes)
            let loader = ModelRoster.loader(
                attribution: CountedShapley.attribution, background: background)
            #expect(ModelContract.broken(bytes: bytes, id: id, loader: loader) == [])
            return try loader(id, bytes).get().explainer.explain(sample.rows[0]).method
        }
        let counted = CountedShapley.background
        #expect(try method(sample.manifest, counted) == .sampled)
        var manifest = sample.manifest
        manifest.backgroundRows = sample.rows.prefix(5).map { row in
            row.map { $0.isNaN ? nil : Double($0) }
        }
        #expect(try method(manifest, counted) == .treeBackground)
        #expect(try method(manifest, nil) == .sampled)
        sample = Self.samples[1]
        // With covers there is no need of it.
        #expect(try method(manifest, counted) == .treePaths)
    }

    @Test func `what can't be written is refused`() throws {
        let sample = Self.samples[0]
        func expect(_ change: (inout TreeEnsemble, inout Manifest) -> Void) {
            var (ensemble, manifest) = (sample.ensemble, sample.manifest)
            change(&ensemble, &manifest)
            #expect(throws: ArtifactWriteError.self) {
                try ArtifactWriter.bytes(ensemble, link: .identity, manifest: manifest)
            }
        }
        expect { ensemble, _ in ensemble.featureCount = 7 }
        expect { ensemble, _ in ensemble.trees = [] }
        expect { ensemble, _ in ensemble.trees[0] = [] }
        expect { ensemble, _ in ensemble.trees[0][0].feature = 6 }
        expect { ensemble, _ in ensemble.trees[0][0].trueBranch = 0 }
        expect { ensemble, _ in ensemble.trees[0][0].threshold = .nan }
        expect { ensemble, _ in ensemble.baseValue = -0.1 }
        expect { _, manifest in manifest.positiveClass = "survived" }
        expect { _, manifest in manifest.golden = [] }
    }

    private static let peer = RuntimePeer.python()

    @Test(.enabled(if: peer != nil, "no python3 with onnxruntime: set TWINLINE_PEER_PYTHON"))
    func `ONNX Runtime opens what is written and answers alike`() throws {
        for sample in Self.samples {
            let bytes = try ArtifactWriter.bytes(
                sample.ensemble, link: sample.link, manifest: sample.manifest)
            let answers = try #require(Self.peer).answers(model: bytes, rows: sample.rows)
            #expect(answers.count == sample.rows.count)
            let artifact = try ONNXArtifact(bytes: bytes)
            let own = try artifact.run(sample.rows.flatMap { $0 }, count: sample.rows.count)
            guard case .labels(let labels) = own.first, case .numbers(_, let scores) = own.last
            else {
                Issue.record("outputs")
                continue
            }
            for (index, answer) in answers.enumerated() {
                // Runtimes call the second class at any margin written for both.
                if sample.link == .identity { #expect(answer.label == labels[index]) }
                for (column, score) in answer.scores.enumerated() {
                    #expect((score - scores[2 * index + column]).magnitude < 1e-6)
                }
            }
        }
    }
}
