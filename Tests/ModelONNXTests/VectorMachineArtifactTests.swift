import ModelCore
import ModelNetwork
import ModelONNX
import ModelRoster
import Testing
import TwinTestKit

/// A random machine, its manifest, rows to ask it, and what a plain sum says of them.
struct SampleMachine {
    let machine: VectorMachine
    let manifest: Manifest
    let rows: [[Float]]

    init(
        seed: UInt64, _ curve: VectorMachine.Curve, vectors: Int, indicators: [Int],
        isBounded: Bool = false
    ) throws {
        var random = SeededSequence(seed: seed)
        func unit() -> Float { Float(random.next(below: 1 << 20)) / Float(1 << 20) - 0.5 }
        let inputs = NetworkInputs(
            fills: (0..<6).map { _ in unit() }, indicators: indicators,
            offsets: (0..<6).map { _ in unit() }, scales: (0..<6).map { _ in 2 + unit() },
            bounds: isBounded ? (0..<6).map { _ in unit() - 1...unit() + 1 } : [])
        machine = VectorMachine(
            inputs: inputs, curve: curve,
            vectors: (0..<vectors * inputs.inputCount).map { _ in 2 * unit() },
            coefficients: (0..<vectors).map { _ in unit() }, intercept: unit())
        rows = (0..<30).map { row in
            (0..<6).map { _ in row > 0 && random.next(below: 4) == 0 ? .nan : 4 * unit() }
        }
        let machine = machine
        var manifest = SampleModel.manifest(
            golden: rows.prefix(8).map { row in
                let odds = Self.logOdds(machine, row)
                return GoldenRow(
                    input: row.map { $0.isNaN ? nil : Double($0) },
                    output: [Elementary.logistic(-odds), Elementary.logistic(odds)])
            })
        manifest.kind = "svm"
        manifest.features = (0..<6).map { index in
            let fill = Double(inputs.fills[index])
            return ManifestFeature(
                name: "f\(index)", unit: "",
                missing: indicators.contains(index) ? .none : .median(fill), typical: fill)
        }
        self.manifest = manifest
    }

    /// The plainest way: one kernel after the other.
    static func logOdds(_ machine: VectorMachine, _ row: [Float]) -> Double {
        let inputs = machine.inputs.inputs(of: row[...]).map(Double.init)
        return machine.coefficients.indices.reduce(Double(machine.intercept)) { sum, vector in
            let own = machine.vectors[vector * inputs.count..<(vector + 1) * inputs.count]
            let product = zip(inputs, own).reduce(0) { $0 + $1.0 * Double($1.1) }
            let distance = zip(inputs, own).reduce(0) {
                $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1))
            }
            let kernel: Double =
                switch machine.curve {
                case .linear: product
                case .radial(let gamma): Elementary.exp(-Double(gamma) * distance)
                case .sigmoid(let gamma, let offset):
                    Elementary.tanh(Double(gamma) * product + Double(offset))
                case .polynomial(let gamma, let offset, let degree):
                    (0..<degree).reduce(1) { power, _ in
                        power * (Double(gamma) * product + Double(offset))
                    }
                }
            return sum + Double(machine.coefficients[vector]) * kernel
        }
    }
}

@Suite struct `Support vector machines that Twinline writes` {
    static let samples: [SampleMachine] = {
        let made = try? [
            SampleMachine(
                seed: 1, .radial(gamma: 0.3), vectors: 40, indicators: [], isBounded: true),
            SampleMachine(
                seed: 2, .radial(gamma: 0.3), vectors: 25, indicators: [0, 3], isBounded: true),
            SampleMachine(
                seed: 3, .polynomial(gamma: 0.4, offset: 1, degree: 3), vectors: 20,
                indicators: []),
            SampleMachine(
                seed: 4, .sigmoid(gamma: 0.2, offset: -0.5), vectors: 20, indicators: [5]),
            SampleMachine(seed: 5, .linear, vectors: 12, indicators: []),
            SampleMachine(seed: 6, .linear, vectors: 12, indicators: [1, 2]),
        ]
        return made ?? []
    }()

    @Test(arguments: 0..<6) func `keep the contract of models`(_ index: Int) throws {
        let sample = try #require(Self.samples.dropFirst(index).first)
        let bytes = try ArtifactWriter.bytes(sample.machine, manifest: sample.manifest)
        let id = ONNXArtifact.identity(of: bytes)
        let loader = ModelRoster.loader(attribution: CountedShapley.attribution)
        #expect(ModelContract.broken(bytes: bytes, id: id, loader: loader) == [])
        let model = try loader(id, bytes).get()
        // What is linear is explained as such.
        #expect(model.explainer is LinearExplainer == (index == 4))
        #expect(model.explainer is IntegratedGradients == (index == 5))
    }

    @Test(arguments: 0..<6) func `answer as the sum of their kernels`(_ index: Int) throws {
        let sample = try #require(Self.samples.dropFirst(index).first)
        let bytes = try ArtifactWriter.bytes(sample.machine, manifest: sample.manifest)
        let scorer = try ONNXScorer(ONNXArtifact(bytes: bytes), featureCount: 6)
        let direct = try #require(scorer.direct)
        for row in sample.rows {
            #expect(try direct.score(row, count: 1) == scorer.score(row, count: 1))
            let expected = Elementary.logistic(SampleMachine.logOdds(sample.machine, row))
            let scores = try scorer.score(row, count: 1)
            #expect(abs(Double(scores[1]) - expected) < 1e-6)
            #expect(abs(Double(scores[0] + scores[1]) - 1) < 1e-6)
        }
        let moved = sample.machine.moved(slope: 1.5, shift: -0.25)
        let odds = SampleMachine.logOdds(sample.machine, sample.rows[0])
        let own = SampleMachine.logOdds(moved, sample.rows[0])
        #expect(abs(own - (1.5 * odds - 0.25)) < 1e-5)
    }

    @Test(
        .enabled(if: RuntimePeer.python() != nil, "no Python with ONNX Runtime"), arguments: 0..<6)
    func `open in ONNX Runtime with the same answers`(_ index: Int) throws {
        let sample = try #require(Self.samples.dropFirst(index).first)
        let bytes = try ArtifactWriter.bytes(sample.machine, manifest: sample.manifest)
        let answers = try #require(RuntimePeer.python()).answers(model: bytes, rows: sample.rows)
        #expect(answers.count == sample.rows.count)
        for (row, answer) in zip(sample.rows, answers) {
            let expected = Elementary.logistic(SampleMachine.logOdds(sample.machine, row))
            #expect(answer.scores.count == 2)
            #expect(abs(Double(answer.scores[1]) - expected) < 5e-6)
            // The label is that of the higher probability, which is no matter of course.
            #expect(answer.label == sample.manifest.classes[expected > 0.5 ? 1 : 0])
        }
    }

    @Test func `are refused where they are not the manifest's`() throws {
        let sample = try #require(Self.samples.first)
        let breaks: [(inout VectorMachine, inout Manifest) -> Void] = [
            { $1.features.removeLast() }, { $1.classes.append("class 2") },
            { $1.positiveClass = $1.classes[0] }, { $1.features[1].missing = .median(99) },
            { machine, _ in machine.coefficients = [] },
            { machine, _ in machine.coefficients[3] = .nan },
            { machine, _ in machine.vectors.removeLast() },
            { machine, _ in machine.vectors[7] = .infinity },
            { machine, _ in machine.intercept = .nan },
            { machine, _ in machine.curve = .radial(gamma: -1) },
            { machine, _ in machine.curve = .radial(gamma: .nan) },
            { machine, _ in machine.curve = .polynomial(gamma: 1, offset: 0, degree: 65) },
            { machine, _ in machine.inputs.indicators = [0] },
            { machine, _ in machine.inputs.scales[0] = .infinity },
        ]
        for (place, spoil) in breaks.enumerated() {
            var (machine, manifest) = (sample.machine, sample.manifest)
            spoil(&machine, &manifest)
            #expect(throws: VectorMachineWriteError.self, "\(place)") {
                try ArtifactWriter.bytes(machine, manifest: manifest)
            }
        }
    }
}
