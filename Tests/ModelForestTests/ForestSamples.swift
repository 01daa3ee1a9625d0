import Foundation
import ModelCore
import ModelTraining

@testable import ModelForest

/// Rows and ensembles that depend on a seed alone.
struct ForestSamples {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func normal() -> Float {
        // Twelve uniform numbers make one nearly normal.
        Float((0..<12).reduce(-6.0) { sum, _ in sum + generator.nextUnit() })
    }

    /// Rows whose label follows from the first three features, with noise; some values are missing.
    mutating func rows(
        _ count: Int, features: Int, missing: Double = 0
    ) -> (values: [Float], labels: [Bool]) {
        var values: [Float] = []
        var labels: [Bool] = []
        for _ in 0..<count {
            var row = (0..<features).map { _ in normal() }
            labels.append(row[0] + row[1] * row[2] + 0.5 * normal() > 0.5)
            for feature in row.indices where generator.nextUnit() < missing { row[feature] = .nan }
            values += row
        }
        return (values, labels)
    }

    /// A number such as meets a threshold: plain, equal to one, zero of either sign, or no number.
    mutating func awkward() -> Float {
        switch generator.next(below: 12) {
        case 0: .nan
        case 1: 0
        case 2: -0.0
        case 3: .infinity
        case 4: -.infinity
        case 5: .leastNonzeroMagnitude
        case 6: -.greatestFiniteMagnitude
        default: Float(generator.next(below: 9) - 4) / 2
        }
    }

    /// An ensemble of random shape; its covers add up.
    mutating func ensemble(trees: Int, features: Int, depth: Int) -> TreeEnsemble {
        TreeEnsemble(
            featureCount: features,
            trees: (0..<trees).map { _ in tree(features: features, depth: depth) },
            baseValue: normal())
    }

    private mutating func tree(features: Int, depth: Int) -> [TreeEnsemble.Node] {
        var nodes = [leaf(cover: Float(64 + generator.next(below: 1000)))]
        var pending = [(node: 0, depth: 0)]
        while let at = pending.popLast() {
            guard at.depth < depth, generator.next(below: 8) > 0 else { continue }
            var threshold = awkward()
            if threshold.isNaN { threshold = 1 }
            let share = Float(1 + generator.next(below: 7)) / 8
            let cover = nodes[at.node].cover
            nodes[at.node] = TreeEnsemble.Node(
                feature: Int32(generator.next(below: features)), threshold: threshold,
                trueBranch: Int32(nodes.count), falseBranch: Int32(nodes.count + 1),
                missingGoesTrue: generator.next(below: 2) == 0, value: 0, cover: cover)
            pending += [(nodes.count, at.depth + 1), (nodes.count + 1, at.depth + 1)]
            nodes += [leaf(cover: cover * share), leaf(cover: cover * (1 - share))]
        }
        return nodes
    }

    private mutating func leaf(cover: Float) -> TreeEnsemble.Node {
        TreeEnsemble.Node(
            feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0, missingGoesTrue: false,
            value: normal(), cover: cover)
    }
}

/// The ensemble, rows and Shapley values that scikit-learn and shap made.
enum ForestFixture {
    static func lines(_ name: String) throws -> [[Substring]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/Forest")
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        return text.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    }

    static func ensemble() throws -> TreeEnsemble {
        var trees: [[TreeEnsemble.Node]] = []
        for cells in try lines("nodes.csv") {
            let numbers = cells.map { Float($0) ?? .nan }
            if Int(numbers[0]) == trees.count { trees.append([]) }
            trees[trees.count - 1].append(
                TreeEnsemble.Node(
                    feature: Int32(numbers[1]), threshold: numbers[2],
                    trueBranch: Int32(numbers[3]), falseBranch: Int32(numbers[4]),
                    missingGoesTrue: false, value: numbers[5], cover: numbers[6]))
        }
        return TreeEnsemble(featureCount: 10, trees: trees, baseValue: 0)
    }
}
