import Testing
import TwinCore

@testable import ModelONNX

/// Hand-made files that must be refused, each for its own reason.
@Suite struct GraphRefusalTests {
    private typealias Fill = (inout WireWriter) -> Void

    /// A model of one input `x` [N, 3] and one output `y`.
    private func model(
        sets: [(String, Int64)] = [("", 15), ("ai.onnx.ml", 3)], _ graph: Fill
    )
        -> [UInt8]
    {
        var model = WireWriter()
        for (domain, version) in sets { model.operatorSet(domain, version) }
        model.message(7) { writer in
            writer.value(11, "x", type: 1, width: 3)
            graph(&writer)
            writer.value(12, "y", type: 1, width: 3)
        }
        return model.bytes
    }

    private func node(
        _ writer: inout WireWriter, _ operation: String, _ inputs: [String], _ outputs: [String],
        domain: String = "", _ attributes: Fill = { _ in }
    ) {
        writer.message(1) { node in
            for input in inputs { node.text(1, input) }
            for output in outputs { node.text(2, output) }
            node.text(4, operation)
            node.text(7, domain)
            attributes(&node)
        }
    }

    private func error(_ bytes: [UInt8]) -> ONNXError? {
        do throws(ONNXError) {
            _ = try ONNXArtifact(bytes: bytes)
            return nil
        } catch { return error }
    }

    @Test func `the sound model is taken`() {
        #expect(error(model { node(&$0, "Identity", ["x"], ["y"]) }) == nil)
    }

    @Test(arguments: [
        "Loop", "If", "Scan", "SequenceMap", "ConvTranspose", "LSTM", "RandomNormal", "Nonsense",
    ])
    func `operators that are not on the list are refused by name`(_ operation: String) {
        let refused = error(model { node(&$0, operation, ["x"], ["y"]) })
        guard case .unsupported(let title, let reason)? = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(title == "\(operation) -> y")
        #expect(reason.contains(operation))
    }

    @Test func `subgraphs, functions and training are refused`() {
        let subgraph = model {
            node(&$0, "Identity", ["x"], ["y"]) { $0.message(5) { $0.message(6) { _ in } } }
        }
        #expect(error(subgraph) == .forbidden("subgraphs in node Identity -> y"))
        let sound = model { node(&$0, "Identity", ["x"], ["y"]) }
        var functions = WireWriter()
        functions.message(25) { _ in }
        #expect(error(sound + functions.bytes) == .forbidden("functions"))
        var training = WireWriter()
        training.message(20) { _ in }
        #expect(error(sound + training.bytes) == .forbidden("training"))
        #expect(error(sound + sound) == .malformed("two graphs"))
    }

    @Test func `infinity may be what an imputer looks for, and no number that it puts in`() {
        let taken = model { writer in
            node(&writer, "Imputer", ["x"], ["y"], domain: "ai.onnx.ml") {
                $0.attribute("replaced_value_float", float: .infinity)
                $0.attribute("imputed_value_floats", floats: [0])
            }
        }
        #expect(error(taken) == nil)
        let refused = model { writer in
            node(&writer, "Imputer", ["x"], ["y"], domain: "ai.onnx.ml") {
                $0.attribute("imputed_value_floats", floats: [.infinity])
            }
        }
        #expect(error(refused) == .weights("imputed_value_floats of node Imputer -> y"))
    }

    @Test func `what is wrong is said in words, with its node`() {
        let unknown = error(model { node(&$0, "LSTM", ["x"], ["y"]) })
        #expect(unknown?.description == "node LSTM -> y: the operator LSTM is not supported")
        #expect(
            unknown?.refusal.detail == "onnx: node LSTM -> y: the operator LSTM is not supported")
        let subgraph = ONNXError.forbidden("subgraphs in node Sc (Scan)").description
        #expect(subgraph.hasPrefix("subgraphs in node Sc (Scan): "))
    }

    private func weights(_ fill: @escaping Fill) -> [UInt8] {
        model { writer in
            writer.message(5) { tensor in
                tensor.text(8, "w")
                fill(&tensor)
            }
            node(&writer, "Add", ["x", "w"], ["y"])
        }
    }

    @Test func `weights must be in the file, finite and as many as they say`() {
        let sound = weights {
            $0.varint(1, 1)
            $0.varint(2, 1)
            $0.float(4, 2)
        }
        #expect(error(sound) == nil)
        let location = weights { $0.varint(14, 1) }
        #expect(error(location) == .externalData("w"))
        let path = weights { $0.message(13) { $0.text(1, "location") } }
        #expect(error(path) == .externalData("w"))
        for value in [Float.nan, .infinity] {
            let lost = weights {
                $0.varint(1, 1)
                $0.varint(2, 1)
                $0.float(4, value)
            }
            #expect(error(lost) == .weights("w"))
        }
        for dimensions in [[Int64(2)], [-1], [1 << 40, 1 << 40], [0, 1 << 62, 1 << 62]] {
            let wrong = weights {
                for dimension in dimensions { $0.varint(1, dimension) }
                $0.varint(2, 1)
                $0.float(4, 1)
            }
            #expect(error(wrong) != nil)
        }
        #expect(
            error(weights { $0.varint(2, 10) })
                == .malformed("data type 10 (float16) of tensor w"))
    }

    @Test func `cycles, missing inputs and two producers are refused`() {
        let cycle = model {
            node(&$0, "Add", ["x", "b"], ["a"])
            node(&$0, "Identity", ["a"], ["b"])
            node(&$0, "Identity", ["b"], ["y"])
        }
        #expect(error(cycle) == .graph("Add -> a needs b, which nothing makes before it"))
        let twice = model {
            node(&$0, "Identity", ["x"], ["y"])
            node(&$0, "Neg", ["x"], ["y"])
        }
        #expect(error(twice) == .graph("y is made twice"))
        #expect(error(model { node(&$0, "Neg", ["x"], ["z"]) }) == .graph("output y is not made"))
    }

    @Test func `unknown attributes and versions are refused`() {
        let attribute = model {
            node(&$0, "Relu", ["x"], ["y"]) { $0.attribute("slope", float: 1) }
        }
        #expect(
            error(attribute) == .unsupported(node: "Relu -> y", "attribute slope is unknown"))
        let plain: Fill = { node(&$0, "Relu", ["x"], ["y"]) }
        #expect(error(model(sets: [], plain)) == .version("no operator set of domain \"\""))
        #expect(
            error(model(sets: [("", 99)], plain)) == .version("operator set 99 of domain \"\""))
        #expect(error(model(sets: [("", 15), ("", 14)], plain)) != nil)
    }

    @Test func `more nodes than the limit are refused`() {
        let many = model { writer in
            for _ in 0...ONNXLimits.nodeCountMax { writer.message(1) { _ in } }
        }
        #expect(error(many) == .limit("nodes", max: ONNXLimits.nodeCountMax))
        let long = model {
            node(&$0, "Relu", [String(repeating: "x", count: 2_000)], ["y"])
        }
        #expect(
            error(long) == .limit("bytes of input name", max: ONNXLimits.nameByteCountMax))
    }

    @Test func `a graph that grows without end is stopped`() throws {
        // Each step makes 64 times as many numbers.
        let growing = model { writer in
            writer.message(5) { tensor in
                tensor.text(8, "column")
                tensor.varint(1, 64)
                tensor.varint(1, 1)
                tensor.varint(2, 1)
                for _ in 0..<64 { tensor.float(4, 1) }
            }
            writer.message(5) { tensor in
                tensor.text(8, "flat")
                tensor.varint(1, 2)
                tensor.varint(2, 7)
                tensor.varint(7, 1)
                tensor.varint(7, -1)
            }
            var last = "x"
            for step in 0..<6 {
                node(&writer, "Add", [last, "column"], ["a\(step)"])
                node(&writer, "Reshape", ["a\(step)", "flat"], ["b\(step)"])
                last = "b\(step)"
            }
            node(&writer, "Identity", [last], ["y"])
        }
        let artifact = try ONNXArtifact(bytes: growing)
        #expect(throws: ONNXError.tooExpensive) { try artifact.run([1, 2, 3], count: 1) }
    }
}
