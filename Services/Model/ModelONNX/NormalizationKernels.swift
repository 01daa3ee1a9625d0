/// `BatchNormalization` with the statistics that training left.
struct BatchNormalizationKernel: Kernel {
    let epsilon: Double

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        _ = try attributes.float("momentum")
        guard try attributes.int("training_mode") ?? 0 == 0 else { throw .refused("training") }
        guard try attributes.int("spatial") ?? 1 != 0 else { throw .refused("spatial 0") }
        guard attributes.outputCount == 1 else { throw .refused("outputs of training") }
        return BatchNormalizationKernel(epsilon: Double(try attributes.float("epsilon") ?? 1e-5))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let image = try inputs.reals(0)
        guard image.shape.count >= 2, image.kind != .whole else {
            throw .refused("\(image.shape.count) dimensions")
        }
        let channels = image.shape[1]
        var tables: [[Double]] = []
        for index in 1...4 {
            let table = try inputs.reals(index)
            guard table.shape == [channels] else { throw .refused("input \(index) does not fit") }
            tables.append(table.elements)
        }
        let (scale, shift, mean, variance) = (tables[0], tables[1], tables[2], tables[3])
        try meter.spend(2, image.elements.count)
        let size = image.shape[2...].reduce(1, *)
        let factors = zip(scale, variance).map { $0 / ($1 + epsilon).squareRoot() }
        let elements = image.elements.enumerated().map { index, value in
            let channel = index / size % channels
            return (value - mean[channel]) * factors[channel] + shift[channel]
        }
        return [try image.value(image.shape, elements)]
    }
}

/// `LayerNormalization`: the last dimensions together, with scale and shift.
struct LayerNormalizationKernel: Kernel {
    let axis: Int
    let epsilon: Double

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        // The precision of the statistics, which is double here.
        _ = try attributes.int("stash_type")
        return LayerNormalizationKernel(
            axis: try attributes.axis(or: -1),
            epsilon: Double(try attributes.float("epsilon") ?? 1e-5))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let tensor = try inputs.reals(0)
        let axis = try Axis.place(axis, rank: tensor.shape.count)
        let normal = Array(tensor.shape[axis...])
        let size = normal.reduce(1, *)
        guard tensor.kind != .whole, size > 0 else { throw .refused("an empty dimension") }
        let scale = try repeated(inputs, 1, to: normal, &meter)
        let shift =
            inputs.optional(2) == nil ? nil : try repeated(inputs, 2, to: normal, &meter)
        try meter.spend(4, tensor.elements.count)
        var elements = tensor.elements
        var means: [Double] = []
        var inverses: [Double] = []
        for start in stride(from: 0, to: elements.count, by: size) {
            let (mean, variance) = Moments.of(elements[start..<start + size])
            let inverse = 1 / (variance + epsilon).squareRoot()
            for index in 0..<size {
                let normal = (elements[start + index] - mean) * inverse
                elements[start + index] = normal * scale[index] + (shift?[index] ?? 0)
            }
            means.append(mean)
            inverses.append(inverse)
        }
        let shape = tensor.shape[..<axis] + normal.map { _ in 1 }
        return [
            try tensor.value(tensor.shape, elements), try tensor.value(Array(shape), means),
            try tensor.value(Array(shape), inverses),
        ]
    }

    private func repeated(
        _ inputs: Inputs, _ index: Int, to shape: [Int], _ meter: inout Meter
    ) throws(KernelFailure) -> [Double] {
        try Broadcast.expand(inputs.reals(index).tensor, to: shape, &meter).elements
    }
}

/// `InstanceNormalization`: each plane of an image by itself.
struct InstanceNormalizationKernel: Kernel {
    let epsilon: Double

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        InstanceNormalizationKernel(epsilon: Double(try attributes.float("epsilon") ?? 1e-5))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (image, scale, shift) = (
            try inputs.reals(0), try inputs.reals(1), try inputs.reals(2)
        )
        guard image.shape.count >= 3, image.kind != .whole, scale.shape == [image.shape[1]],
            shift.shape == scale.shape
        else { throw .refused("shapes \(image.shape), \(scale.shape), \(shift.shape)") }
        let size = image.shape[2...].reduce(1, *)
        guard size > 0 else { throw .refused("an empty dimension") }
        try meter.spend(4, image.elements.count)
        var elements = image.elements
        for plane in 0..<image.shape[0] * image.shape[1] {
            let channel = plane % image.shape[1]
            let range = plane * size..<(plane + 1) * size
            let (mean, variance) = Moments.of(elements[range])
            let factor = scale.elements[channel] / (variance + epsilon).squareRoot()
            for index in range {
                elements[index] = (elements[index] - mean) * factor + shift.elements[channel]
            }
        }
        return [try image.value(image.shape, elements)]
    }
}

/// `LpNormalization`: each lane divided by its norm, unless that is zero.
struct LaneNormalizationKernel: Kernel {
    let axis: Int
    let isLength: Bool

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let power = try attributes.int("p") ?? 2
        guard power == 1 || power == 2 else { throw .refused("norm \(power)") }
        return LaneNormalizationKernel(axis: try attributes.axis(or: -1), isLength: power == 2)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let tensor = try inputs.reals(0)
        guard tensor.kind != .whole else { throw .refused("whole numbers") }
        let lanes = Lanes(tensor.shape, axis: try Axis.place(axis, rank: tensor.shape.count))
        try meter.spend(2, tensor.elements.count)
        var elements = tensor.elements
        for start in lanes.starts {
            let places = lanes.places(start)
            let sum = places.reduce(0.0) { sum, place in
                let value = elements[place]
                return sum + (isLength ? value * value : value.magnitude)
            }
            let norm = isLength ? sum.squareRoot() : sum
            if norm != 0 { for place in places { elements[place] /= norm } }
        }
        return [try tensor.value(tensor.shape, elements)]
    }
}

enum Moments {
    /// The mean and the variance of numbers, of which there is at least one.
    static func of(_ values: ArraySlice<Double>) -> (mean: Double, variance: Double) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, squares / count)
    }
}
