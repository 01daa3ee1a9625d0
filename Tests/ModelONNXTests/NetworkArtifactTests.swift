import ModelCore
import ModelNetwork
import ModelONNX
import ModelRoster
import Testing
import TwinTestKit

/// A random network, its manifest and rows to ask it.
struct SampleNetwork {
    let network: DenseNetwork
    let manifest: Manifest
    let rows: [[Float]]

    init(
        seed: UInt64, widths: [Int], _ activation: DenseNetwork.Activation, indicators: [Int],
        isBounded: Bool = false
    ) throws {
        var random = SeededSequence(seed: seed)
        func unit() -> Float { Float(random.next(below: 1 << 20)) / Float(1 << 20) - 0.5 }
        let inputs = NetworkInputs(
            fills: (0..<6).map { _ in unit() }, indicators: indicators,
            offsets: (0..<6).map { _ in unit() }, scales: (0..<6).map { _ in 2 + unit() },
            bounds: isBounded ? (0..<6).map { _ in unit() - 1...unit() + 1 } : [])
        var width = inputs.inputCount
        var layers: [DenseNetwork.Layer] = []
        for (place, count) in widths.enumerated() {
            layers.append(
                DenseNetwork.Layer(
                    weights: (0..<width * count).map { _ in unit() },
                    biases: (0..<count).map { _ in unit() },
                    activation: place == widths.count - 1 ? .identity : activation))
            width = count
        }
        network = DenseNetwork(inputs: inputs, layers: layers)
        rows = (0..<30).map { row in
            (0..<6).map { _ in row > 0 && random.next(below: 4) == 0 ? .nan : 4 * unit() }
        }
        manifest = try Self.manifest(network, rows)
    }

    private static func manifest(
        _ network: DenseNetwork, _ rows: [[Float]]
    ) throws -> Manifest {
        let scorer = try NetworkScorer(network)
        let golden = try rows.prefix(8).map { row in
            GoldenRow(
                input: row.map { $0.isNaN ? nil : Double($0) },
                output: try scorer.score(row, count: 1).map(Double.init))
        }
        var manifest = SampleModel.manifest(golden: golden)
        manifest.kind = "network"
        manifest.classes = (0..<network.classCount).map { "class \($0)" }
        manifest.positiveClass = "class 1"
        manifest.features = (0..<6).map { index in
            let fill = Double(network.inputs.fills[index])
            return ManifestFeature(
                name: "f\(index)", unit: "",
                missing: network.inputs.indicators.contains(index) ? .none : .median(fill),
                typical: fill)
        }
        return manifest
    }
}

@Suite struct `Networks that Twinline writes` {
    static let samples: [SampleNetwork] = {
        let made = try? [
            SampleNetwork(seed: 1, widths: [9, 5, 1], .relu, indicators: [0, 3], isBounded: true),
            SampleNetwork(seed: 2, widths: [20, 1], .tanh, indicators: [], isBounded: true),
            SampleNetwork(seed: 3, widths: [7, 4], .relu, indicators: [5]),
            SampleNetwork(seed: 4, widths: [1], .relu, indicators: [1, 2]),
            SampleNetwork(seed: 5, widths: [1], .relu, indicators: []),
        ]
        return made ?? []
    }()

    @Test(arguments: 0..<5) func `keep the contract of models`(_ index: Int) throws {
        let sample = try #require(Self.samples.dropFirst(index).first)
        let bytes = try ArtifactWriter.bytes(sample.network, manifest: sample.manifest)
        let id = ONNXArtifact.identity(of: bytes)
        let loader = ModelRoster.loader(attribution: CountedShapley.attribution)
        #expect(ModelContract.broken(bytes: bytes, id: id, loader: loader) == [])
        guard case .success(let model) = loader(id, bytes) else {
            Issue.record("not loaded")
            return
        }
        // A single layer without indicators is linear, and explained as such.
        #expect(
            index == 4
                ? model.explainer is LinearExplainer : model.explainer is IntegratedGradients)
    }

    @Test(arguments: 0..<5) func `read back as themselves`(_ index: Int) throws {
        let sample = try #require(Self.samples.dropFirst(index).first)
        let bytes = try ArtifactWriter.bytes(sample.network, manifest: sample.manifest)
        #expect(try NetworkReader.network(bytes) == sample.network)
        let scorer = try NetworkScorer(sample.network)
        let other = try ONNXScorer(ONNXArtifact(bytes: bytes), featureCount: 6)
        for row in sample.rows {
            let scores = zip(try scorer.score(row, count: 1), try other.score(row, count: 1))
            for (own, read) in scores { #expect((own - read).magnitude < 1e-6) }
        }
        let direct = try #require(other.direct)
        let all = sample.rows.flatMap { $0 }
        #expect(
            try direct.score(all, count: sample.rows.count)
                == other.score(all, count: sample.rows.count))
    }

    @Test(
        .enabled(if: RuntimePeer.python() != nil, "no Python with ONNX Runtime"), arguments: 0..<5)
    func `open in ONNX Runtime with the same answers`(_ index: Int) throws {
        let sample = try #require(Self.samples.dropFirst(index).first)
        let bytes = try ArtifactWriter.bytes(sample.network, manifest: sample.manifest)
        let answers = try #require(RuntimePeer.python()).answers(model: bytes, rows: sample.rows)
        #expect(answers.count == sample.rows.count)
        let scorer = try NetworkScorer(sample.network)
        for (row, answer) in zip(sample.rows, answers) {
            let scores = try scorer.score(row, count: 1)
            #expect(answer.scores.count == scores.count)
            for (own, peer) in zip(scores, answer.scores) {
                #expect((own - peer).magnitude < 2e-6)
            }
            let highest = scores.indices.max { scores[$0] < scores[$1] }
            #expect(answer.label == "class \(highest ?? -1)")
        }
    }

    @Test func `another file holds no network`() throws {
        for name in ["mlp", "forest", "svc_rbf", "normalizer_l2"] {
            #expect(try NetworkReader.network(Fixture(name).bytes) == nil)
        }
    }

    @Test func `are refused where they are not the manifest's`() throws {
        let sample = try #require(Self.samples.first)
        let breaks: [(inout DenseNetwork, inout Manifest) -> Void] = [
            { $1.features.removeLast() }, { $1.classes.append("class 2") },
            { $1.features[0].missing = .constant(0) },
            { $1.features[1].missing = .median(99) }, { network, _ in network.layers = [] },
            { network, _ in network.layers[0].weights[3] = .nan },
            { network, _ in network.layers[1].weights.removeLast() },
            { network, _ in network.layers[2].activation = .relu },
            { network, _ in network.inputs.indicators = [0, 9] },
            { network, _ in network.inputs.scales[0] = .infinity },
            { network, _ in network.inputs.scales.removeLast() },
        ]
        for (place, spoil) in breaks.enumerated() {
            var (network, manifest) = (sample.network, sample.manifest)
            spoil(&network, &manifest)
            #expect(throws: NetworkWriteError.self, "\(place)") {
                try ArtifactWriter.bytes(network, manifest: manifest)
            }
        }
    }
}
