public import ModelCore

/// Why a network can't be written.
public enum NetworkWriteError: Error, Hashable, Sendable {
    case manifest(ManifestError)
    /// The network is not one, or not the manifest's: what is wrong.
    case network(String)
}

extension ArtifactWriter {
    /// The file of a network.
    ///
    /// Input `features` [N, n]; outputs `label` and `probabilities` [N, classes]. Filling in,
    /// scaling and the indicators of missing values are nodes of the file.
    public static func bytes(
        _ network: DenseNetwork, manifest: Manifest
    ) throws(NetworkWriteError) -> [UInt8] {
        do throws(ManifestError) { try manifest.validate() } catch { throw .manifest(error) }
        try check(network, manifest)
        var model = WireWriter()
        model.varint(1, 8)
        model.text(2, "twinline")
        model.operatorSet("", 15)
        model.operatorSet("ai.onnx.ml", 3)
        model.metadata(Manifest.metadataKey, manifest.json)
        model.message(7) { graph in
            graph.text(2, manifest.outcome)
            var current = graph.preparation(network.inputs)
            for (index, layer) in network.layers.dropLast().enumerated() {
                current = graph.hidden(layer, index, input: current)
            }
            if let last = network.layers.last {
                graph.classes(last, manifest.classes, input: current)
            }
            graph.value(11, "features", type: 1, width: manifest.features.count)
            graph.value(12, "label", type: 8, width: nil)
            graph.value(12, "probabilities", type: 1, width: manifest.classes.count)
        }
        return model.bytes
    }

    private static func check(
        _ network: DenseNetwork, _ manifest: Manifest
    ) throws(NetworkWriteError) {
        let inputs = network.inputs
        guard inputs.featureCount == manifest.features.count,
            inputs.offsets.count == inputs.featureCount, inputs.scales.count == inputs.featureCount
        else { throw .network("\(inputs.featureCount) features") }
        guard network.classCount == manifest.classes.count else {
            throw .network("\(network.classCount) classes")
        }
        guard (inputs.fills + inputs.offsets + inputs.scales).allSatisfy(\.isFinite) else {
            throw .network("an input's table is not finite")
        }
        for (index, feature) in manifest.features.enumerated() {
            let isWatched = inputs.indicators.contains(index)
            // A value that was filled in before could not be seen to be missing.
            guard
                isWatched
                    ? feature.missing == .none
                    : feature.missing.value.map({ Float($0) == inputs.fills[index] }) ?? true
            else { throw .network("\(feature.name) is filled in otherwise") }
        }
        guard inputs.indicators.allSatisfy({ (0..<inputs.featureCount).contains($0) }) else {
            throw .network("an indicator of no feature")
        }
        var width = inputs.inputCount
        for (index, layer) in network.layers.enumerated() {
            guard layer.outputCount > 0, layer.weights.count == width * layer.outputCount,
                layer.weights.allSatisfy(\.isFinite), layer.biases.allSatisfy(\.isFinite),
                index < network.layers.count - 1 || layer.activation == .identity
            else { throw .network("layer \(index)") }
            width = layer.outputCount
        }
    }
}

extension WireWriter {
    fileprivate mutating func node(
        _ operation: String, _ inputs: [String], _ outputs: [String], domain: String = "",
        _ attributes: (inout WireWriter) -> Void = { _ in }
    ) {
        message(1) { node in
            for input in inputs { node.text(1, input) }
            for output in outputs { node.text(2, output) }
            node.text(3, "\(operation) to \(outputs[0])")
            node.text(4, operation)
            if !domain.isEmpty { node.text(7, domain) }
            attributes(&node)
        }
    }

    private mutating func initializer(_ name: String, floats: [Float], shape: [Int]) {
        message(5) { tensor in
            for size in shape { tensor.varint(1, Int64(size)) }
            tensor.varint(2, 1)
            tensor.text(8, name)
            var raw: [UInt8] = []
            raw.reserveCapacity(4 * floats.count)
            for value in floats {
                let bits = value.bitPattern
                for shift in [UInt32(0), 8, 16, 24] {
                    raw.append(UInt8(truncatingIfNeeded: bits >> shift))
                }
            }
            tensor.bytes(9, raw)
        }
    }

    private mutating func initializer(_ name: String, places: [Int]) {
        message(5) { tensor in
            tensor.varint(1, Int64(places.count))
            tensor.varint(2, 7)
            for place in places { tensor.varint(7, Int64(place)) }
            tensor.text(8, name)
        }
    }

    /// Fills in, scales and marks; returns the name of the first layer's inputs.
    fileprivate mutating func preparation(_ inputs: NetworkInputs) -> String {
        imputer("features", "complete", inputs.fills)
        node("Scaler", ["complete"], ["scaled"], domain: "ai.onnx.ml") {
            $0.attribute("offset", floats: inputs.offsets)
            $0.attribute("scale", floats: inputs.scales)
        }
        guard !inputs.indicators.isEmpty else { return "scaled" }
        // What differs by what is put in is missing: 1 less 0, and else a value less itself.
        initializer("watched", places: inputs.indicators)
        node(
            "ArrayFeatureExtractor", ["features", "watched"], ["maybe"], domain: "ai.onnx.ml")
        imputer("maybe", "ones", inputs.indicators.map { _ in 1 })
        imputer("maybe", "zeros", inputs.indicators.map { _ in 0 })
        node("Sub", ["ones", "zeros"], ["missing"])
        node("Concat", ["scaled", "missing"], ["inputs"]) { $0.attribute("axis", int: 1) }
        return "inputs"
    }

    private mutating func imputer(_ input: String, _ output: String, _ fills: [Float]) {
        node("Imputer", [input], [output], domain: "ai.onnx.ml") {
            $0.attribute("imputed_value_floats", floats: fills)
            $0.attribute("replaced_value_float", float: .nan)
        }
    }

    fileprivate mutating func hidden(
        _ layer: DenseNetwork.Layer, _ index: Int, input: String
    ) -> String {
        let (weights, biases) = ("weights \(index)", "biases \(index)")
        initializer(
            weights, floats: layer.weights,
            shape: [layer.weights.count / layer.outputCount, layer.outputCount])
        initializer(biases, floats: layer.biases, shape: [layer.outputCount])
        node("Gemm", [input, weights, biases], ["sums \(index)"])
        switch layer.activation {
        case .identity: return "sums \(index)"
        case .relu: node("Relu", ["sums \(index)"], ["layer \(index)"])
        case .tanh: node("Tanh", ["sums \(index)"], ["layer \(index)"])
        }
        return "layer \(index)"
    }

    /// The last layer, as the operator that names classes too.
    fileprivate mutating func classes(
        _ layer: DenseNetwork.Layer, _ names: [String], input: String
    ) {
        let count = layer.outputCount
        // Class after class; of two classes the first has the negative of the second's sum.
        var weights = (0..<count).flatMap { output in
            stride(from: output, to: layer.weights.count, by: count).map { layer.weights[$0] }
        }
        var biases = layer.biases
        if count == 1 {
            weights = weights.map { -$0 } + weights
            biases = biases.map { -$0 } + biases
        }
        node("LinearClassifier", [input], ["label", "probabilities"], domain: "ai.onnx.ml") {
            $0.attribute("classlabels_strings", texts: names)
            $0.attribute("coefficients", floats: weights)
            $0.attribute("intercepts", floats: biases)
            $0.attribute("multi_class", int: 0)
            $0.attribute("post_transform", text: count == 1 ? "LOGISTIC" : "SOFTMAX")
        }
    }

    private mutating func attribute(_ name: String, int: Int64) {
        message(5) {
            $0.text(1, name)
            $0.varint(20, 2)
            $0.varint(3, int)
        }
    }
}
