/// Support vector machines of several classes: one a class, each of which tells it from all others.
///
/// The logit of a class is `slope` times the raw score of its machine, plus its shift.
public struct VectorMachines: Hashable, Sendable {
    /// One a class, of the same inputs and kernel.
    public var machines: [VectorMachine]
    public var slope: Float
    /// One a class.
    public var shifts: [Float]

    public init(machines: [VectorMachine], slope: Float, shifts: [Float]) {
        self.machines = machines
        self.slope = slope
        self.shifts = shifts
    }

    /// For a linear kernel: the same as a network without hidden layers.
    public var network: DenseNetwork? {
        guard let inputs = machines.first?.inputs, shifts.count == machines.count else {
            return nil
        }
        let weights = machines.compactMap(\.weights)
        guard weights.count == machines.count else { return nil }
        let layer = DenseNetwork.Layer(
            weights: (0..<inputs.inputCount).flatMap { input in
                weights.map { slope * $0[input] }
            },
            biases: zip(machines, shifts).map { slope * $0.intercept + $1 },
            activation: .identity)
        return DenseNetwork(inputs: inputs, layers: [layer])
    }
}

extension DenseNetwork {
    /// The network whose logits are `slope` times its own, plus one shift a class.
    public func moved(slope: Double, shifts: [Double]) -> DenseNetwork {
        guard var last = layers.last, last.biases.count == shifts.count else { return self }
        last.weights = last.weights.map { Float(slope * Double($0)) }
        last.biases = zip(last.biases, shifts).map { Float(slope * Double($0) + $1) }
        var moved = self
        moved.layers[layers.count - 1] = last
        return moved
    }
}
