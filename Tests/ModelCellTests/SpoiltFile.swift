import ModelCore
import TwinTestKit

@testable import ModelONNX

/// A sound artifact of one tree over three features, and what can be changed in it.
struct SpoiltFile {
    typealias Fill = (inout WireWriter) -> Void

    /// One tree: above 0.5 of `news2` the answer is 0.75, else 0.25.
    struct Tree {
        var features: [Int64] = [2, 0, 0]
        var values: [Float] = [0.5, 0, 0]
        var modes = ["BRANCH_LEQ", "LEAF", "LEAF"]
        var yes: [Int64] = [1, 0, 0]
        var no: [Int64] = [2, 0, 0]
        var weights: [Float] = [0.25, 0.75]

        func write(_ graph: inout WireWriter) {
            graph.message(1) { node in
                node.text(1, "x")
                node.text(2, "label")
                node.text(2, "y")
                node.text(4, "TreeEnsembleClassifier")
                node.text(7, "ai.onnx.ml")
                node.attribute("nodes_treeids", ints: [0, 0, 0])
                node.attribute("nodes_nodeids", ints: [0, 1, 2])
                node.attribute("nodes_featureids", ints: features)
                node.attribute("nodes_values", floats: values)
                node.attribute("nodes_modes", texts: modes)
                node.attribute("nodes_truenodeids", ints: yes)
                node.attribute("nodes_falsenodeids", ints: no)
                node.attribute("class_treeids", ints: [0, 0])
                node.attribute("class_nodeids", ints: [1, 2])
                node.attribute("class_ids", ints: [0, 0])
                node.attribute("class_weights", floats: weights)
                node.attribute("post_transform", text: "NONE")
                node.attribute("classlabels_int64s", ints: [0, 1])
            }
        }
    }

    static let manifest: Manifest = {
        var manifest = SampleModel.manifest(golden: [
            GoldenRow(input: [90, 2, 3], output: [0.25, 0.75]),
            GoldenRow(input: [nil, nil, nil], output: [0.75, 0.25]),
        ])
        manifest.kind = "forest"
        (manifest.classes, manifest.positiveClass) = (["0", "1"], "1")
        return manifest
    }()

    static func changed(_ change: (inout Manifest) -> Void) -> String {
        var manifest = manifest
        change(&manifest)
        return manifest.json
    }

    static func file(
        json: String = manifest.json, width: Int = 2, graph: Fill = { Tree().write(&$0) },
        model: Fill = { _ in }
    ) -> [UInt8] {
        var writer = WireWriter()
        writer.operatorSet("", 15)
        writer.operatorSet("ai.onnx.ml", 3)
        writer.metadata(Manifest.metadataKey, json)
        model(&writer)
        writer.message(7) { inner in
            inner.value(11, "x", type: 1, width: 3)
            graph(&inner)
            inner.value(12, "y", type: 1, width: width)
        }
        return writer.bytes
    }

    static func tree(_ change: (inout Tree) -> Void) -> [UInt8] {
        var tree = Tree()
        change(&tree)
        return file { tree.write(&$0) }
    }

    static func node(
        _ graph: inout WireWriter, _ operation: String, _ inputs: [String], _ outputs: [String],
        _ attributes: Fill = { _ in }
    ) {
        graph.message(1) { node in
            for input in inputs { node.text(1, input) }
            for output in outputs { node.text(2, output) }
            node.text(4, operation)
            attributes(&node)
        }
    }

    static func tensor(_ graph: inout WireWriter, _ name: String, _ fill: Fill) {
        graph.message(5) { tensor in
            tensor.text(8, name)
            fill(&tensor)
        }
    }

    /// A graph whose only step is this, with the input as its first argument.
    static func step(
        _ operation: String, _ others: [String] = [], _ attributes: @escaping Fill = { _ in },
        before: @escaping Fill = { _ in }
    ) -> [UInt8] {
        file { graph in
            before(&graph)
            node(&graph, operation, ["x"] + others, ["y"], attributes)
        }
    }

    /// A layer whose weights are said to be of these dimensions.
    static func layer(_ dimensions: [Int64], value: Float) -> [UInt8] {
        step(
            "MatMul", ["w"],
            before: { graph in
                tensor(&graph, "w") { tensor in
                    for dimension in dimensions { tensor.varint(1, dimension) }
                    tensor.varint(2, 1)
                    for _ in 0..<6 { tensor.float(4, value) }
                }
            })
    }

    /// Weights that are said to lie elsewhere.
    static func elsewhere(_ location: String, offset: String) -> [UInt8] {
        step(
            "Add", ["w"],
            before: { graph in
                tensor(&graph, "w") { tensor in
                    tensor.varint(1, 1)
                    tensor.varint(2, 1)
                    for (key, value) in [("location", location), ("offset", offset)] {
                        tensor.message(13) {
                            $0.text(1, key)
                            $0.text(2, value)
                        }
                    }
                    tensor.varint(14, 1)
                }
            })
    }

    /// A field that nobody knows, and that is skipped.
    static func field(_ text: String) -> [UInt8] {
        var writer = WireWriter()
        writer.text(127, text)
        return writer.bytes
    }

    /// More than 2^40 numbers of one.
    static func grown(_ operation: String) -> [UInt8] {
        let isConstant = operation == "ConstantOfShape"
        return file { graph in
            tensor(&graph, "size") { tensor in
                tensor.varint(1, 2)
                tensor.varint(2, 7)
                tensor.varint(7, 1 << 39)
                tensor.varint(7, 3)
            }
            node(&graph, operation, isConstant ? ["size"] : ["x", "size"], ["large"])
            node(&graph, "Identity", ["large"], ["y"])
        }
    }

    /// A linear classifier of two classes over three features, under a manifest of three classes of
    /// which the third is shown.
    static let fewerClasses: [UInt8] = {
        let json = changed { manifest in
            manifest.classes.append("2")
            manifest.positiveClass = "2"
            for row in manifest.golden.indices { manifest.golden[row].output.append(0) }
        }
        return file(json: json) { graph in
            graph.message(1) { node in
                node.text(1, "x")
                node.text(2, "label")
                node.text(2, "y")
                node.text(4, "LinearClassifier")
                node.text(7, "ai.onnx.ml")
                node.attribute("coefficients", floats: [-1, 0, 1, 1, 0, -1])
                node.attribute("intercepts", floats: [0.5, -0.5])
                node.attribute("post_transform", text: "SOFTMAX")
                node.attribute("classlabels_ints", ints: [0, 1])
            }
        }
    }()

    /// A support vector classifier of two vectors over three features.
    static func machine(
        kernel: String = "RBF", gamma: Float = 0.5, coefficients: [Float] = [1, -1],
        vectorCounts: [Int64] = [1, 1]
    ) -> [UInt8] {
        file { graph in
            graph.message(1) { node in
                node.text(1, "x")
                node.text(2, "label")
                node.text(2, "y")
                node.text(4, "SVMClassifier")
                node.text(7, "ai.onnx.ml")
                node.attribute("kernel_type", text: kernel)
                node.attribute("kernel_params", floats: [gamma, 0, 3])
                node.attribute("coefficients", floats: coefficients)
                node.attribute("support_vectors", floats: [1, 2, 3, 4, 5, 6])
                node.attribute("vectors_per_class", ints: vectorCounts)
                node.attribute("rho", floats: [0.1])
                node.attribute("classlabels_ints", ints: [0, 1])
            }
        }
    }
}
