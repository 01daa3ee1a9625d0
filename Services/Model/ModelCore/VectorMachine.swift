/// A support vector machine of two classes, as it is trained, written and explained.
///
/// The raw score is the sum of the kernels of the row's inputs with each vector, plus an
/// intercept: the log odds of the second class.
public struct VectorMachine: Hashable, Sendable {
    /// How alike two rows are.
    public enum Curve: Hashable, Sendable {
        /// The product of the rows.
        case linear
        /// (gamma · product + offset) to a power.
        case polynomial(gamma: Float, offset: Float, degree: Int)
        /// e to the power of -gamma · squared distance.
        case radial(gamma: Float)
        /// The hyperbolic tangent of gamma · product + offset.
        case sigmoid(gamma: Float, offset: Float)
    }

    public var inputs: NetworkInputs
    public var curve: Curve
    /// Vector after vector, each as wide as the inputs.
    public var vectors: [Float]
    /// One a vector.
    public var coefficients: [Float]
    public var intercept: Float

    public init(
        inputs: NetworkInputs, curve: Curve, vectors: [Float], coefficients: [Float],
        intercept: Float
    ) {
        self.inputs = inputs
        self.curve = curve
        self.vectors = vectors
        self.coefficients = coefficients
        self.intercept = intercept
    }

    /// For a linear kernel: what each input weighs.
    public var weights: [Float]? {
        guard curve == .linear else { return nil }
        var weights = [Double](repeating: 0, count: inputs.inputCount)
        for (vector, coefficient) in coefficients.enumerated() {
            for input in weights.indices {
                weights[input] +=
                    Double(coefficient) * Double(vectors[vector * inputs.inputCount + input])
            }
        }
        return weights.map { Float($0) }
    }

    /// The machine of the log odds `slope` times its own, plus `shift`.
    public func moved(slope: Double, shift: Double) -> VectorMachine {
        var moved = self
        moved.coefficients = coefficients.map { Float(slope * Double($0)) }
        moved.intercept = Float(slope * Double(intercept) + shift)
        return moved
    }
}

extension DenseNetwork {
    /// The network of the log odds `slope` times its own, plus `shift`, of the second class.
    public func moved(slope: Double, shift: Double) -> DenseNetwork {
        guard var last = layers.last, let second = last.biases.indices.last else { return self }
        last.weights = last.weights.map { Float(slope * Double($0)) }
        last.biases = last.biases.map { Float(slope * Double($0)) }
        last.biases[second] += Float(shift)
        var moved = self
        moved.layers[layers.count - 1] = last
        return moved
    }
}
