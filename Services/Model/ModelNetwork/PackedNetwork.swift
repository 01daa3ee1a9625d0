import CModelNetwork
import ModelCore

/// A network laid out for the loops.
struct PackedNetwork: Sendable {
    struct Layer: Sendable {
        let inputCount: Int
        let outputCount: Int
        /// Input after input, filled up.
        let weights: [Float]
        let biases: [Float]
        let activation: Int32

        var columns: Int { biases.count }
        var inputColumns: Int { Padding.columns(inputCount) }
    }

    let inputs: NetworkInputs
    let layers: [Layer]
    let classCount: Int
    private let path: Int32

    /// The network must have passed its check; `path` is for tests, all paths give the same bits.
    init(_ network: DenseNetwork, path: Int32 = twin_network_path()) {
        inputs = network.inputs
        classCount = network.classCount
        self.path = path
        var inputCount = network.inputs.inputCount
        var layers: [Layer] = []
        for layer in network.layers {
            layers.append(
                Layer(
                    inputCount: inputCount, outputCount: layer.outputCount,
                    weights: Padding.padded(layer.weights, width: layer.outputCount),
                    biases: Padding.padded(layer.biases, width: layer.outputCount),
                    activation: layer.activation.code))
            inputCount = layer.outputCount
        }
        self.layers = layers
    }

    var featureCount: Int { inputs.featureCount }
    var inputColumns: Int { Padding.columns(inputs.inputCount) }
    var logitCount: Int { classCount == 2 ? layers[layers.count - 1].outputCount : classCount }

    /// The first layer's inputs for flat rows of features.
    func prepared(_ rows: ArraySlice<Float>, count: Int) -> [Float] {
        var prepared: [Float] = []
        prepared.reserveCapacity(count * inputColumns)
        let gap = repeatElement(Float(0), count: inputColumns - inputs.inputCount)
        for start in stride(from: rows.startIndex, to: rows.endIndex, by: featureCount) {
            prepared += inputs.inputs(of: rows[start..<start + featureCount])
            prepared += gap
        }
        return prepared
    }

    /// What each layer makes of prepared rows; the last one makes the logits.
    func outputs(_ prepared: [Float], count: Int) -> [[Float]] {
        var outputs: [[Float]] = []
        var before = prepared
        for layer in layers {
            var own = [Float](repeating: 0, count: count * layer.columns)
            unsafe twin_network_multiply(
                before, Int64(layer.inputColumns), 1, layer.weights, Int32(count),
                Int32(layer.inputCount), Int32(layer.columns), &own, path)
            unsafe twin_network_add(&own, Int32(count), Int32(layer.columns), layer.biases)
            unsafe twin_network_activate(&own, Int64(own.count), layer.activation)
            outputs.append(own)
            before = own
        }
        return outputs
    }
}

extension PackedNetwork.Layer {
    /// The weights output after output, as the way back takes them.
    var transposed: [Float] {
        var transposed = [Float](repeating: 0, count: outputCount * inputColumns)
        unsafe twin_network_transpose(
            weights, Int32(inputCount), Int32(outputCount), Int32(columns), &transposed,
            Int32(inputColumns))
        return transposed
    }
}

extension DenseNetwork.Activation {
    var code: Int32 {
        switch self {
        case .identity: TWIN_NETWORK_IDENTITY
        case .relu: TWIN_NETWORK_RELU
        case .tanh: TWIN_NETWORK_TANH
        }
    }
}
