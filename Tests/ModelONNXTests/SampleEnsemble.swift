import ModelCore
import TwinTestKit

/// Random ensembles whose covers add up, their manifests and rows to ask them.
struct SampleEnsemble {
    static let width = 6

    var ensemble: TreeEnsemble
    let link: ScoreLink
    let manifest: Manifest
    let rows: [[Float]]

    init(
        seed: UInt64, trees: Int, depth: Int, link: ScoreLink, imputes: Bool, width: Int = width
    ) {
        var random = SeededSequence(seed: seed)
        func unit() -> Float { Float(random.next(below: 1 << 20)) / Float(1 << 20) }
        let leaf = TreeEnsemble.Node(
            feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0, missingGoesTrue: false,
            value: 0, cover: 0)
        func grow(_ tree: inout [TreeEnsemble.Node], depth: Int, cover: Int) -> Int32 {
            let place = tree.count
            tree.append(leaf)
            tree[place].cover = Float(cover)
            if depth == 0 || cover < 2 {
                let value = unit()
                tree[place].value = (link == .logistic ? value - 0.5 : value) / Float(trees)
                return Int32(place)
            }
            let left = 1 + random.next(below: cover - 1)
            tree[place].feature = Int32(random.next(below: width))
            tree[place].threshold = unit()
            tree[place].missingGoesTrue = random.next(below: 2) == 0
            tree[place].trueBranch = grow(&tree, depth: depth - 1, cover: left)
            tree[place].falseBranch = grow(&tree, depth: depth - 1, cover: cover - left)
            return Int32(place)
        }
        let made = (0..<trees).map { _ in
            var tree: [TreeEnsemble.Node] = []
            _ = grow(&tree, depth: depth, cover: 4_096)
            return tree
        }
        ensemble = TreeEnsemble(
            featureCount: width, trees: made, baseValue: link == .logistic ? -0.25 : 0)
        self.link = link
        rows = (0..<30).map { row in
            (0..<width).map { _ in row > 0 && random.next(below: 5) == 0 ? .nan : unit() }
        }
        var manifest = SampleModel.manifest(golden: [])
        manifest.kind = "forest"
        manifest.features = (0..<width).map {
            ManifestFeature(
                name: "f\($0)", unit: "", missing: imputes && $0 % 2 == 0 ? .median(0.4) : .none,
                typical: 0.5)
        }
        self.manifest = SampleEnsemble.golden(manifest, rows, ensemble, link)
    }

    private static func golden(
        _ manifest: Manifest, _ rows: [[Float]], _ ensemble: TreeEnsemble, _ link: ScoreLink
    ) -> Manifest {
        var manifest = manifest
        manifest.golden = rows.prefix(10).map { row in
            let full = zip(row, manifest.features).map { value, feature in
                value.isNaN ? Float(feature.missing.value ?? .nan) : value
            }
            let score = link.score(ofRaw: raw(ensemble, full))
            return GoldenRow(
                input: row.map { $0.isNaN ? nil : Double($0) }, output: [1 - score, score])
        }
        return manifest
    }

    /// The ensemble's raw score, walked in the plainest way.
    static func raw(_ ensemble: TreeEnsemble, _ row: [Float]) -> Double {
        ensemble.trees.reduce(Double(ensemble.baseValue)) { sum, tree in
            var node = tree[0]
            while node.feature >= 0 {
                let value = row[Int(node.feature)]
                let goesTrue = value.isNaN ? node.missingGoesTrue : value <= node.threshold
                node = tree[Int(goesTrue ? node.trueBranch : node.falseBranch)]
            }
            return sum + Double(node.value)
        }
    }
}
