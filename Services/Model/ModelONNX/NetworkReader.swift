public import ModelCore

/// Finds the dense network in a file, so that its gradients can be taken.
///
/// It knows the form that ``ArtifactWriter`` writes, and proves every node of it.
public struct NetworkReader {
    private let nodes: [String: GraphFile.Node]
    private let initializers: [String: Value]

    /// The network of a file; nil where the file holds something else.
    public static func network(_ bytes: [UInt8]) throws(ONNXError) -> DenseNetwork? {
        let file = try GraphReader.read(bytes)
        return NetworkReader(file).network(outputs: file.outputs.map(\.name))
    }

    private init(_ file: GraphFile) {
        var nodes: [String: GraphFile.Node] = [:]
        for node in file.nodes {
            for output in node.outputs { nodes[output] = node }
        }
        self.nodes = nodes
        initializers = Dictionary(
            file.initializers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private func network(outputs: [String]) -> DenseNetwork? {
        guard let output = outputs.last,
            let last = node(output, "LinearClassifier") ?? node(output, "LinearRegressor"),
            last.outputs.last == output, last.inputs.count == 1,
            var layers = (classes(last) ?? quantity(last)).map({ [$0] })
        else { return nil }
        var place = last.inputs[0]
        while let (layer, before) = hidden(place) {
            layers.insert(layer, at: 0)
            place = before
        }
        return inputs(place).map { DenseNetwork(inputs: $0, layers: layers) }
    }

    /// The maker of a value, if it is of this operation and has no attributes but these.
    private func node(
        _ output: String, _ operation: String, _ attributes: Set<String>? = nil
    ) -> GraphFile.Node? {
        guard let node = nodes[output], node.operation == operation,
            attributes.map({ Set(node.attributes.keys) == $0 }) ?? true
        else { return nil }
        return node
    }

    private func quantity(_ node: GraphFile.Node) -> DenseNetwork.Layer? {
        guard node.operation == "LinearRegressor",
            case .floats(let weights)? = node.attributes["coefficients"],
            case .floats(let biases)? = node.attributes["intercepts"], biases.count == 1,
            case .text("NONE")? = node.attributes["post_transform"]
        else { return nil }
        return DenseNetwork.Layer(weights: weights, biases: biases, activation: .identity)
    }

    private func classes(_ node: GraphFile.Node) -> DenseNetwork.Layer? {
        guard node.operation == "LinearClassifier",
            case .floats(let weights)? = node.attributes["coefficients"],
            case .floats(let biases)? = node.attributes["intercepts"], biases.count > 1,
            weights.count.isMultiple(of: biases.count),
            case .text(let transform)? = node.attributes["post_transform"]
        else { return nil }
        let width = weights.count / biases.count
        switch transform {
        case "SOFTMAX":
            let turned = (0..<width).flatMap { input in
                biases.indices.map { weights[$0 * width + input] }
            }
            return DenseNetwork.Layer(weights: turned, biases: biases, activation: .identity)
        case "LOGISTIC":
            guard biases.count == 2, biases[0] == -biases[1],
                (0..<width).allSatisfy({ weights[$0] == -weights[width + $0] })
            else { return nil }
            return DenseNetwork.Layer(
                weights: Array(weights[width...]), biases: [biases[1]], activation: .identity)
        default: return nil
        }
    }

    /// A hidden layer and what it is made of.
    private func hidden(_ output: String) -> (layer: DenseNetwork.Layer, input: String)? {
        let activations: [(String, DenseNetwork.Activation)] = [("Relu", .relu), ("Tanh", .tanh)]
        var (sums, activation) = (output, DenseNetwork.Activation.identity)
        for (operation, own) in activations {
            guard let node = node(output, operation, []), node.inputs.count == 1 else { continue }
            (sums, activation) = (node.inputs[0], own)
        }
        guard let product = node(sums, "Gemm", []), product.inputs.count == 3,
            case .floats(let weights)? = initializers[product.inputs[1]],
            case .floats(let biases)? = initializers[product.inputs[2]],
            weights.shape.count == 2, biases.shape == [weights.shape[1]]
        else { return nil }
        let layer = DenseNetwork.Layer(
            weights: weights.elements, biases: biases.elements, activation: activation)
        return (layer, product.inputs[0])
    }

    private func inputs(_ output: String) -> NetworkInputs? {
        var scaled = output
        var indicators: [Int] = []
        if let joined = node(output, "Concat", ["axis"]), joined.inputs.count == 2 {
            guard case .int(1)? = joined.attributes["axis"], let own = watched(joined.inputs[1])
            else { return nil }
            scaled = joined.inputs[0]
            indicators = own
        }
        guard let scaler = node(scaled, "Scaler", ["offset", "scale"]),
            case .floats(let offsets)? = scaler.attributes["offset"],
            case .floats(let scales)? = scaler.attributes["scale"],
            let (bounds, complete) = within(scaler.inputs[0]),
            let (fills, input) = imputer(complete), isInput(input),
            fills.count == offsets.count, fills.count == scales.count,
            bounds.isEmpty || bounds.count == fills.count,
            indicators.allSatisfy({ $0 < fills.count })
        else { return nil }
        return NetworkInputs(
            fills: fills, indicators: indicators, offsets: offsets, scales: scales,
            bounds: bounds)
    }

    /// The bounds that values are drawn in to, and what is; no bounds where they are not.
    private func within(_ output: String) -> (bounds: [ClosedRange<Float>], input: String)? {
        guard let least = node(output, "Min", []) else { return ([], output) }
        guard least.inputs.count == 2, let most = node(least.inputs[0], "Max", []),
            most.inputs.count == 2,
            case .floats(let highs)? = initializers[least.inputs[1]],
            case .floats(let lows)? = initializers[most.inputs[1]], lows.shape == highs.shape,
            lows.shape == [1, lows.elements.count],
            zip(lows.elements, highs.elements).allSatisfy({ $0 <= $1 })
        else { return nil }
        return (zip(lows.elements, highs.elements).map { $0...$1 }, most.inputs[0])
    }

    /// The features that a difference of two fillings marks.
    private func watched(_ output: String) -> [Int]? {
        guard let difference = node(output, "Sub", []), difference.inputs.count == 2,
            let (ones, maybe) = imputer(difference.inputs[0]),
            let (zeros, same) = imputer(difference.inputs[1]), maybe == same,
            ones.allSatisfy({ $0 == 1 }), zeros.allSatisfy({ $0 == 0 }),
            let picked = node(maybe, "ArrayFeatureExtractor", []), picked.inputs.count == 2,
            isInput(picked.inputs[0]),
            case .ints(let places)? = initializers[picked.inputs[1]],
            places.elements.count == ones.count, ones.count == zeros.count
        else { return nil }
        let indicators = places.elements.compactMap { Int(exactly: $0) }
        guard indicators.allSatisfy({ $0 >= 0 }) else { return nil }
        return indicators
    }

    /// What a node puts in for NaN, and where.
    private func imputer(_ output: String) -> (fills: [Float], input: String)? {
        guard
            let node = node(output, "Imputer", ["imputed_value_floats", "replaced_value_float"]),
            node.inputs.count == 1,
            case .floats(let fills)? = node.attributes["imputed_value_floats"],
            case .float(let replaced)? = node.attributes["replaced_value_float"], replaced.isNaN
        else { return nil }
        return (fills, node.inputs[0])
    }

    /// Whether nothing makes a value: then it is the graph's one input.
    private func isInput(_ name: String) -> Bool {
        nodes[name] == nil && initializers[name] == nil
    }
}
