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
    /// Input `features` [N, n]; outputs `label` and `probabilities` [N, classes], or `estimate`
    /// [N, 1] where the one output is the manifest's quantity. Filling in, scaling and the indicators of missing values are nodes of the file.
    public static func bytes(
        _ network: DenseNetwork, manifest: Manifest
    ) throws(NetworkWriteError) -> [UInt8] {
        do throws(ManifestError) { try manifest.validate() } catch { throw .manifest(error) }
        try check(network, manifest)
        return file(manifest) { graph in
            var current = graph.preparation(network.inputs)
            for (index, layer) in network.layers.dropLast().enumerated() {
                current = graph.hidden(layer, index, input: current)
            }
            if let last = network.layers.last {
                graph.answers(last, manifest, input: current)
            }
        }
    }

    private static func check(
        _ network: DenseNetwork, _ manifest: Manifest
    ) throws(NetworkWriteError) {
        let inputs = network.inputs
        let answerCount =
            manifest.quantity == nil ? network.classCount : network.layers.last?.outputCount
        guard answerCount == manifest.answerCount else {
            throw .network("\(answerCount ?? 0) answers")
        }
        if let problem = inputs.problem(with: manifest) { throw .network(problem) }
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
}
