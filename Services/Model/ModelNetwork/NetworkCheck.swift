public import ModelCore

extension DenseNetwork {
    /// The most that is taken.
    static let featureCountMax = 1 << 16
    static let widthMax = 1 << 14
    static let layerCountMax = 32
    static let weightCountMax = 1 << 27

    /// Proves that every layer fits the one before it, and that every number is finite.
    public func check() throws(NetworkError) {
        try inputs.check()
        guard (1...Self.layerCountMax).contains(layers.count) else {
            throw .tooLarge("\(layers.count) layers")
        }
        var width = inputs.inputCount
        var weightCount = 0
        for (index, layer) in layers.enumerated() {
            guard (1...Self.widthMax).contains(layer.outputCount) else {
                throw .badLayer(index, "\(layer.outputCount) outputs")
            }
            guard layer.weights.count == width * layer.outputCount else {
                throw .badLayer(
                    index, "\(layer.weights.count) weights, not \(width * layer.outputCount)")
            }
            weightCount += layer.weights.count
            guard weightCount <= Self.weightCountMax else { throw .tooLarge("weights") }
            guard layer.weights.allSatisfy(\.isFinite), layer.biases.allSatisfy(\.isFinite) else {
                throw .badLayer(index, "a weight is not finite")
            }
            width = layer.outputCount
        }
        guard layers.last?.activation == .identity else {
            throw .badLayer(layers.count - 1, "its outputs are no logits")
        }
    }
}

extension NetworkInputs {
    /// Proves that the tables have one width, and hold finite numbers.
    func check() throws(NetworkError) {
        guard (1...DenseNetwork.featureCountMax).contains(featureCount) else {
            throw .badInputs("\(featureCount) features")
        }
        guard offsets.count == featureCount, scales.count == featureCount,
            bounds.isEmpty || bounds.count == featureCount
        else {
            throw .badInputs("tables of unlike width")
        }
        guard indicators.allSatisfy({ (0..<featureCount).contains($0) }),
            zip(indicators, indicators.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .badInputs("indicators must rise, and be of features") }
        let ends = bounds.flatMap { [$0.lowerBound, $0.upperBound] }
        guard [fills, offsets, scales, ends].allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw .badInputs("a number is not finite")
        }
    }
}
