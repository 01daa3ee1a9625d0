import ModelCore

extension ArtifactWriter {
    /// A file with a manifest: input `features` [N, n]; outputs `label` and `probabilities`, or
    /// `estimate` where a quantity is told.
    static func file(_ manifest: Manifest, _ nodes: (inout WireWriter) -> Void) -> [UInt8] {
        var model = WireWriter()
        model.varint(1, 8)
        model.text(2, "twinline")
        model.operatorSet("", 15)
        model.operatorSet("ai.onnx.ml", 3)
        model.metadata(Manifest.metadataKey, manifest.json)
        model.message(7) { graph in
            graph.text(2, manifest.outcome)
            nodes(&graph)
            graph.value(11, "features", type: 1, width: manifest.features.count)
            guard manifest.quantity == nil else {
                return graph.value(12, "estimate", type: 1, width: 1)
            }
            graph.value(12, "label", type: 8, width: nil)
            graph.value(12, "probabilities", type: 1, width: manifest.classes.count)
        }
        return model.bytes
    }
}

extension NetworkInputs {
    /// Why they are not the manifest's; nil if they are.
    func problem(with manifest: Manifest) -> String? {
        guard featureCount == manifest.features.count, offsets.count == featureCount,
            scales.count == featureCount, bounds.isEmpty || bounds.count == featureCount
        else { return "\(featureCount) features" }
        let ends = bounds.flatMap { [$0.lowerBound, $0.upperBound] }
        guard (fills + offsets + scales + ends).allSatisfy(\.isFinite) else {
            return "an input's table is not finite"
        }
        for (index, feature) in manifest.features.enumerated() {
            let isWatched = indicators.contains(index)
            // A value that was filled in before could not be seen to be missing.
            guard
                isWatched
                    ? feature.missing == .none
                    : feature.missing.value.map({ Float($0) == fills[index] }) ?? true
            else { return "\(feature.name) is filled in otherwise" }
        }
        guard indicators.allSatisfy({ (0..<featureCount).contains($0) }) else {
            return "an indicator of no feature"
        }
        return nil
    }
}

/// What the files of networks and of support vector machines begin and end with.
extension WireWriter {
    /// Fills in, draws in, scales and marks; returns the name of the first layer's inputs.
    mutating func preparation(_ inputs: NetworkInputs) -> String {
        imputer("features", "complete", inputs.fills)
        if !inputs.bounds.isEmpty {
            let shape = [1, inputs.featureCount]
            initializer("lowest", floats: inputs.bounds.map(\.lowerBound), shape: shape)
            initializer("highest", floats: inputs.bounds.map(\.upperBound), shape: shape)
            node("Max", ["complete", "lowest"], ["not below"])
            node("Min", ["not below", "highest"], ["within"])
        }
        let within = inputs.bounds.isEmpty ? "complete" : "within"
        node("Scaler", [within], ["scaled"], domain: "ai.onnx.ml") {
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

    /// The last layer: of classes, or of a quantity.
    mutating func answers(
        _ layer: DenseNetwork.Layer, _ manifest: Manifest, input: String
    ) {
        guard manifest.quantity != nil else {
            return classes(layer, manifest.classes, input: input)
        }
        node("LinearRegressor", [input], ["estimate"], domain: "ai.onnx.ml") {
            $0.attribute("coefficients", floats: layer.weights)
            $0.attribute("intercepts", floats: layer.biases)
            $0.attribute("post_transform", text: "NONE")
            $0.attribute("targets", int: 1)
        }
    }

    /// As the operator that names classes too.
    mutating func classes(
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
}
