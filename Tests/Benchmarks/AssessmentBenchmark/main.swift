import ModelCore
import ModelForest
import ModelONNX
import TwinCore

// What one assessment by a forest costs, part by part, one row at a time:
//   swift run -c release --package-path Tests/Benchmarks AssessmentBenchmark TREES DEPTH FEATURES

/// Numbers that depend on a seed alone.
struct Numbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    mutating func unit() -> Float { Float(next(below: 1 << 20)) / Float(1 << 20) }
}

func leaf(_ value: Float, _ cover: Float) -> TreeEnsemble.Node {
    TreeEnsemble.Node(
        feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0, missingGoesTrue: false,
        value: value, cover: cover)
}

/// A tree that is full to its depth.
func tree(
    _ depth: Int, _ features: Int, _ trees: Int, _ numbers: inout Numbers
)
    -> [TreeEnsemble.Node]
{
    let inner = (1 << depth) - 1
    return (0..<2 * inner + 1).map { place in
        var level = 0
        while (2 << level) - 1 <= place { level += 1 }
        let cover = Float(1 << (depth - level))
        guard place < inner else { return leaf(numbers.unit() / Float(trees), cover) }
        return TreeEnsemble.Node(
            feature: Int32(numbers.next(below: features)), threshold: numbers.unit(),
            trueBranch: Int32(2 * place + 1), falseBranch: Int32(2 * place + 2),
            missingGoesTrue: true, value: 0, cover: cover)
    }
}

func microseconds(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<count {
        let start = ContinuousClock.now
        try body()
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        times.append(Double(seconds) * 1e6 + Double(attoseconds) / 1e12)
    }
    return times.sorted()[count / 2]
}

func manifest(_ features: Int, _ golden: [GoldenRow]) -> Manifest {
    Manifest(
        outcome: "outcome", kind: "forest",
        features: (0..<features).map {
            ManifestFeature(
                name: "f\($0)", unit: "", missing: .none, typical: 0.5, seen: 0...1,
                isActionable: true)
        }, classes: ["no", "yes"], positiveClass: "yes", completenessMin: 0,
        bands: [0, 0.4, 0.495, 0.505, 0.6].map { Band(from: $0, name: "b\($0)", advice: []) },
        golden: golden, outsideShareMax: 0.5,
        card: ModelCard(
            title: "t", intendedUse: "u", limits: "l", population: "p", trainingRowCount: 0))
}

func measure(_ trees: Int, _ depth: Int, _ features: Int) throws {
    var numbers = Numbers(seed: 7)
    let ensemble = TreeEnsemble(
        featureCount: features,
        trees: (0..<trees).map { _ in tree(depth, features, trees, &numbers) }, baseValue: 0)
    let rows = (0..<128).map { _ in (0..<features).map { _ in numbers.unit() } }
    let golden = GoldenRow(input: rows[0].map { Double($0) }, output: [0.5, 0.5])
    let manifest = manifest(features, [golden])
    let bytes = try ArtifactWriter.bytes(ensemble, link: .identity, manifest: manifest)
    let scorer = try ONNXScorer(ONNXArtifact(bytes: bytes), featureCount: features)
    let paths = try TreeSHAP(ensemble)
    let explainer = try TreeExplainer(ensemble, preparations: [], link: .identity) { _ in
        { row throws(ModelError) in
            do throws(ForestError) {
                let made = try paths.attributions(row)
                return (made.baseline, made.contributions)
            } catch { throw .notComputable("\(error)") }
        }
    }
    let model = try LoadedModel(
        id: ONNXArtifact.identity(of: bytes), manifest: manifest, scorer: scorer,
        explainer: explainer)
    func assess(_ limits: CounterfactualLimits) -> (Double, Int) {
        let assessor = Assessor(counterfactualLimits: limits)
        var place = 0
        var found = 0
        let time = microseconds(200) {
            place = (place + 1) % rows.count
            let set = FeatureSet(
                modality: .vitals, version: "1", revision: 1, referenceTime: nil,
                features: rows[place].enumerated().map {
                    Feature(name: "f\($0)", value: Double($1), unit: "")
                })
            found += assessor.assess([set], revision: 1, with: model).counterfactuals.count
        }
        return (time, found)
    }
    var none = CounterfactualLimits()
    none.featureCountMax = 0
    print("\(trees) trees, depth \(depth), \(features) features: \(scorer.operationsPerRow) steps")
    print("score µs", try microseconds(200) { _ = try scorer.score(rows[3], count: 1) })
    print("explain by paths µs", try microseconds(50) { _ = try paths.attributions(rows[3]) })
    print("assess without counterfactuals µs", assess(none).0)
    let (time, found) = assess(CounterfactualLimits())
    print("assess with counterfactuals µs", time, "found", found)
    let background = try BackgroundSHAP(ensemble, background: Array(rows.prefix(100)))
    print(
        "explain against 100 rows µs",
        try microseconds(20) { _ = try background.attributions(rows[120]) })
}

let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
if sizes.count == 3 {
    try measure(sizes[0], sizes[1], sizes[2])
} else {
    print("usage: AssessmentBenchmark TREES DEPTH FEATURES")
}
