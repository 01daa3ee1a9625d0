import ModelCore
import ModelKernels

/// One number made of one number, for each element.
struct UnaryKernel: Kernel {
    /// How a layer does it, to numbers of single precision.
    var bend = DenseLayer.Bend.none
    let change: @Sendable (Double) -> Double

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        if bend != .none, case .floats(let tensor) = try inputs.value(0) {
            try meter.spend(4 * tensor.elements.count)
            return [.floats(Tensor(tensor.shape, bend(tensor.elements)))]
        }
        let reals = try inputs.reals(0)
        try meter.spend(4 * reals.elements.count)
        return [try reals.value(reals.shape, reals.elements.map(change))]
    }
}

/// The builders of curves that have parameters.
extension UnaryKernel {
    @Sendable static func leakyRelu(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let alpha = Double(try attributes.float("alpha") ?? 0.01)
        return UnaryKernel { $0 < 0 ? alpha * $0 : $0 }
    }

    @Sendable static func thresholdedRelu(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let alpha = Double(try attributes.float("alpha") ?? 1)
        return UnaryKernel { $0 <= alpha ? 0 : $0 }
    }

    @Sendable static func elu(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let alpha = Double(try attributes.float("alpha") ?? 1)
        return UnaryKernel { $0 < 0 ? alpha * Curve.expLess1($0) : $0 }
    }

    @Sendable static func selu(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let alpha = Double(try attributes.float("alpha") ?? 1.67326319217681884765625)
        let gamma = Double(try attributes.float("gamma") ?? 1.05070102214813232421875)
        return UnaryKernel { gamma * ($0 <= 0 ? alpha * Curve.expLess1($0) : $0) }
    }

    @Sendable static func celu(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let alpha = Double(try attributes.float("alpha") ?? 1)
        guard alpha != 0 else { throw .refused("an alpha of 0") }
        return UnaryKernel { $0 < 0 ? alpha * Curve.expLess1($0 / alpha) : $0 }
    }

    @Sendable static func hardSigmoid(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let alpha = Double(try attributes.float("alpha") ?? 0.2)
        let beta = Double(try attributes.float("beta") ?? 0.5)
        return UnaryKernel { Curve.clip(alpha * $0 + beta, 0, 1) }
    }

    @Sendable static func gelu(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        switch try attributes.text("approximate") ?? "none" {
        case "none": return UnaryKernel(change: Curve.gelu)
        case "tanh": return UnaryKernel(change: Curve.geluByTanh)
        case let other: throw .refused("approximation \(other)")
        }
    }

    @Sendable static func swish(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let alpha = Double(try attributes.float("alpha") ?? 1)
        return UnaryKernel { $0 * Elementary.logistic(alpha * $0) }
    }
}

/// `Clip`, its bounds as attributes (before version 11) or inputs.
struct ClipKernel: Kernel {
    let low: Float?
    let high: Float?

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        ClipKernel(low: try attributes.float("min"), high: try attributes.float("max"))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let reals = try inputs.reals(0)
        try meter.spend(reals.elements.count)
        let low = try bound(inputs, 1) ?? self.low.map { Double($0) } ?? -.infinity
        let high = try bound(inputs, 2) ?? self.high.map { Double($0) } ?? .infinity
        return [
            try reals.value(reals.shape, reals.elements.map { Curve.clip($0, low, high) })
        ]
    }

    private func bound(_ inputs: Inputs, _ index: Int) throws(KernelFailure) -> Double? {
        guard let value = inputs.optional(index) else { return nil }
        // The bounds of whole numbers are often those of their type.
        if case .ints(let tensor) = value, let bound = tensor.elements.first {
            return Double(bound)
        }
        guard let bound = try inputs.reals(index).elements.first else {
            throw .refused("an empty bound")
        }
        return bound
    }
}
