/// `Identity`, `ZipMap`: a map from class to score is the scores in the order of classes.
struct PassKernel: Kernel {
    @Sendable static func identity(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel { PassKernel() }

    @Sendable static func zipMap(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        _ = try attributes.ints("classlabels_int64s")
        _ = try attributes.texts("classlabels_strings")
        return PassKernel()
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        [try inputs.value(0)]
    }
}

/// `Dropout`, which drops nothing outside of training.
struct DropoutKernel: Kernel {
    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        _ = try attributes.float("ratio")
        _ = try attributes.int("seed")
        return DropoutKernel()
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        if inputs.optional(2) != nil, try inputs.truths(2).elements.contains(true) {
            let ratio = inputs.optional(1) == nil ? 0.5 : try inputs.floats(1).elements.first
            guard ratio == 0 else { throw .refused("training needs chance") }
        }
        let mask = [Bool](repeating: true, count: value.count)
        return [value, .truths(Tensor(value.shape, mask))]
    }
}

/// `Constant`.
struct ConstantKernel: Kernel {
    let value: Value

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        if let tensor = try attributes.tensor("value") { return ConstantKernel(value: tensor) }
        if let float = try attributes.float("value_float") {
            return ConstantKernel(value: .floats(Tensor([], [float])))
        }
        if let int = try attributes.int("value_int") {
            return ConstantKernel(value: .ints(Tensor([], [int])))
        }
        if let text = try attributes.text("value_string") {
            return ConstantKernel(value: .texts(Tensor([], [text])))
        }
        let floats = try attributes.floats("value_floats")
        if !floats.isEmpty { return ConstantKernel(value: .floats(Tensor([floats.count], floats))) }
        let texts = try attributes.texts("value_strings")
        if !texts.isEmpty { return ConstantKernel(value: .texts(Tensor([texts.count], texts))) }
        let ints = try attributes.ints("value_ints")
        return ConstantKernel(value: .ints(Tensor([ints.count], ints)))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] { [value] }
}

/// `ConstantOfShape`: one value everywhere.
struct FillKernel: Kernel {
    let value: Value

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let value = try attributes.tensor("value") ?? .floats(Tensor([1], [0]))
        guard value.count == 1 else { throw .refused("\(value.count) values to fill with") }
        return FillKernel(value: value)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let shape = try Shape.read(inputs.ints(0).elements)
        let count = try meter.allow(shape)
        return [value.picking([Int](repeating: 0, count: count), shape)]
    }
}

/// `Range`: from a start, by steps, up to a limit that is not reached.
struct RangeKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        var numbers: [Double] = []
        let first = try inputs.reals(0)
        for index in 0..<3 {
            let reals = try inputs.reals(index)
            guard reals.elements.count == 1, reals.kind == first.kind,
                let number = reals.elements.first
            else { throw .refused("input \(index) is not one number of the type of the first") }
            numbers.append(number)
        }
        let (start, limit, delta) = (numbers[0], numbers[1], numbers[2])
        let steps = ((limit - start) / delta).rounded(.up)
        guard delta != 0, steps.isFinite else { throw .refused("from \(start) by \(delta)") }
        guard steps <= Double(ONNXLimits.elementCountMax) else { throw .tooExpensive }
        let count = try meter.allow([max(0, Int(max(steps, 0)))])
        return [try first.value([count], (0..<count).map { start + Double($0) * delta })]
    }
}
