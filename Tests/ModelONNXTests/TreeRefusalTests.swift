import Testing

@testable import ModelONNX

/// Trees that are none.
@Suite struct TreeRefusalTests {
    /// A tree of three nodes over three features.
    private struct Table {
        var trees: [Int64] = [0, 0, 0]
        var nodes: [Int64] = [0, 1, 2]
        var features: [Int64] = [2, 0, 0]
        var values: [Float] = [0.5, 0, 0]
        var modes = ["BRANCH_LEQ", "LEAF", "LEAF"]
        var yes: [Int64] = [1, 0, 0]
        var no: [Int64] = [2, 0, 0]
        var leafNodes: [Int64] = [1, 2]
        var classes: [Int64] = [0, 0]
        var weights: [Float] = [0.25, 0.75]
        var base: [Float] = []
        var transform = "NONE"

        var bytes: [UInt8] {
            var model = WireWriter()
            model.operatorSet("ai.onnx.ml", 3)
            model.message(7) { graph in
                graph.value(11, "x", type: 1, width: 3)
                graph.message(1) { node in
                    node.text(1, "x")
                    node.text(2, "label")
                    node.text(2, "y")
                    node.text(4, "TreeEnsembleClassifier")
                    node.text(7, "ai.onnx.ml")
                    node.attribute("nodes_treeids", ints: trees)
                    node.attribute("nodes_nodeids", ints: nodes)
                    node.attribute("nodes_featureids", ints: features)
                    node.attribute("nodes_values", floats: values)
                    node.attribute("nodes_modes", texts: modes)
                    node.attribute("nodes_truenodeids", ints: yes)
                    node.attribute("nodes_falsenodeids", ints: no)
                    node.attribute("class_treeids", ints: leafNodes.map { _ in 0 })
                    node.attribute("class_nodeids", ints: leafNodes)
                    node.attribute("class_ids", ints: classes)
                    node.attribute("class_weights", floats: weights)
                    node.attribute("base_values", floats: base)
                    node.attribute("post_transform", text: transform)
                    node.attribute("classlabels_int64s", ints: [0, 1])
                }
                graph.value(12, "y", type: 1, width: 2)
            }
            return model.bytes
        }
    }

    @Test func `the sound tree is taken`() throws {
        let artifact = try ONNXArtifact(bytes: Table().bytes)
        #expect(
            try artifact.run([0, 0, 0.6], count: 1).last
                == .numbers(shape: [1, 2], [0.25, 0.75]))
    }

    @Test func `trees that are none are refused`() {
        func refuse(_ change: (inout Table) -> Void, at line: Int = #line) {
            var table = Table()
            change(&table)
            #expect(throws: ONNXError.self, "line \(line)") { try ONNXArtifact(bytes: table.bytes) }
        }
        refuse { $0.features[0] = -1 }
        refuse { $0.features[0] = 1 << 40 }
        refuse { $0.values[0] = .nan }
        refuse { $0.modes[0] = "BRANCH_LOOP" }
        refuse { $0.modes[0] = "LEAF" }
        refuse { $0.yes[0] = 0 }
        refuse { $0.yes[0] = 2 }
        refuse { $0.yes[0] = 77 }
        refuse { $0.nodes[2] = 1 }
        refuse { $0.trees[2] = 1 }
        refuse { $0.leafNodes[0] = 0 }
        refuse { $0.leafNodes[0] = 9 }
        refuse { $0.classes[0] = 2 }
        refuse { $0.classes[0] = -1 }
        refuse { $0.weights[0] = .infinity }
        refuse { $0.weights.removeLast() }
        refuse { $0.values.removeLast() }
        refuse { $0.base = [1, 2] }
        refuse { $0.transform = "SOFTMAX" }
        refuse { $0.transform = "MAGIC" }
        // Two nodes that lead to each other, and that no root leads to.
        refuse {
            $0.trees += [0, 0]
            $0.nodes += [3, 4]
            $0.features += [0, 0]
            $0.values += [0, 0]
            $0.modes += ["BRANCH_LEQ", "BRANCH_LEQ"]
            $0.yes += [4, 3]
            $0.no += [1, 2]
            $0.modes[0] = "LEAF"
        }
    }

    @Test func `a row narrower than the trees is refused`() throws {
        var table = Table()
        table.features[0] = 5
        let artifact = try ONNXArtifact(bytes: table.bytes)
        #expect(throws: ONNXError.self) { try artifact.run([1, 2, 3], count: 1) }
    }
}
