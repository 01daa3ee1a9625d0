/// How a row of features becomes the inputs of a network.
///
/// A missing value is filled in, a value beyond its bounds is drawn in to them, then every feature
/// is scaled; after the features come the indicators, 1 where their feature was missing and else 0.
public struct NetworkInputs: Hashable, Sendable {
    /// What stands in for a missing value, one a feature.
    public var fills: [Float]
    /// The features that have an indicator.
    public var indicators: [Int]
    /// (x - offset) * scale.
    public var offsets: [Float]
    public var scales: [Float]
    /// One a feature; empty where values are taken as they are.
    public var bounds: [ClosedRange<Float>]

    public init(
        fills: [Float], indicators: [Int], offsets: [Float], scales: [Float],
        bounds: [ClosedRange<Float>] = []
    ) {
        self.fills = fills
        self.indicators = indicators
        self.offsets = offsets
        self.scales = scales
        self.bounds = bounds
    }

    public var featureCount: Int { fills.count }
    public var inputCount: Int { fills.count + indicators.count }

    /// The inputs that one row becomes; the row and the tables must have one width.
    public func inputs(of row: ArraySlice<Float>) -> [Float] {
        precondition(row.count == featureCount)
        var inputs: [Float] = []
        inputs.reserveCapacity(inputCount)
        for (feature, value) in row.enumerated() {
            var known = value.isNaN ? fills[feature] : value
            if !bounds.isEmpty {
                let bounds = bounds[feature]
                known = min(max(known, bounds.lowerBound), bounds.upperBound)
            }
            inputs.append((known - offsets[feature]) * scales[feature])
        }
        for feature in indicators { inputs.append(row[row.startIndex + feature].isNaN ? 1 : 0) }
        return inputs
    }
}

/// A network of dense layers, as it is trained, written and explained.
public struct DenseNetwork: Hashable, Sendable {
    public enum Activation: String, Hashable, Sendable, CaseIterable {
        case identity
        case relu
        case tanh
    }

    /// Weights times inputs plus biases, through an activation.
    public struct Layer: Hashable, Sendable {
        /// Input after input, for each one weight an output.
        public var weights: [Float]
        /// One an output.
        public var biases: [Float]
        public var activation: Activation

        public init(weights: [Float], biases: [Float], activation: Activation) {
            self.weights = weights
            self.biases = biases
            self.activation = activation
        }

        public var outputCount: Int { biases.count }
    }

    public var inputs: NetworkInputs
    /// The last one's outputs are logits: a single one is the log odds of the second of two
    /// classes, more are the logarithms of the classes' weights.
    public var layers: [Layer]

    public init(inputs: NetworkInputs, layers: [Layer]) {
        self.inputs = inputs
        self.layers = layers
    }

    /// 0 where there are no layers.
    public var classCount: Int {
        guard let last = layers.last else { return 0 }
        return last.outputCount == 1 ? 2 : last.outputCount
    }
}
