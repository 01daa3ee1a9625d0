/// `Equal`, `Less`, `LessOrEqual`, `Greater`, `GreaterOrEqual`.
struct ComparisonKernel: Kernel {
    let reals: @Sendable (Double, Double) -> Bool
    let wholes: @Sendable (Int64, Int64) -> Bool
    /// `Equal` also compares texts and truth values.
    var isEqual = false

    @Sendable static func equal(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        ComparisonKernel(reals: { $0 == $1 }, wholes: { $0 == $1 }, isEqual: true)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let result: Tensor<Bool>
        switch (try inputs.value(0), try inputs.value(1)) {
        case (.floats(let left), .floats(let right)):
            result = try Broadcast.join(left, right, &meter) { reals(Double($0), Double($1)) }
        case (.doubles(let left), .doubles(let right)):
            result = try Broadcast.join(left, right, &meter, reals)
        case (.ints(let left), .ints(let right)):
            result = try Broadcast.join(left, right, &meter, wholes)
        case (.truths(let left), .truths(let right)) where isEqual:
            result = try Broadcast.join(left, right, &meter) { $0 == $1 }
        case (.texts(let left), .texts(let right)) where isEqual:
            result = try Broadcast.join(left, right, &meter) { $0 == $1 }
        default: throw .refused("values of unlike types")
        }
        return [.truths(result)]
    }
}

/// `And`, `Or`, `Xor`.
struct LogicKernel: Kernel {
    let join: @Sendable (Bool, Bool) -> Bool

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        [.truths(try Broadcast.join(inputs.truths(0), inputs.truths(1), &meter, join))]
    }
}

/// `Not`.
struct NotKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        [.truths(try inputs.truths(0).map { !$0 })]
    }
}

/// `IsNaN`, `IsInf`.
struct TestKernel: Kernel {
    let test: @Sendable (Double) -> Bool

    @Sendable static func infinity(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let positive = try attributes.int("detect_positive") ?? 1 != 0
        let negative = try attributes.int("detect_negative") ?? 1 != 0
        return TestKernel { $0.isInfinite && ($0 > 0 ? positive : negative) }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let reals = try inputs.reals(0)
        return [.truths(reals.tensor.map(test))]
    }
}

/// `Where`: the second input where the first is true, else the third.
struct WhereKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (condition, yes, no) = (try inputs.truths(0), try inputs.value(1), try inputs.value(2))
        let shape = try Broadcast.shape(
            try Broadcast.shape(condition.shape, yes.shape), no.shape)
        let isYes = try Broadcast.expand(condition, to: shape, &meter).elements
        let yesPlaces = try Broadcast.lattice(yes.shape, to: shape, &meter).places(&meter)
        let noPlaces = try Broadcast.lattice(no.shape, to: shape, &meter).places(&meter)
        let both = try Value.chained([yes, no])
        let places = isYes.indices.map {
            isYes[$0] ? yesPlaces[$0] : yes.count + noPlaces[$0]
        }
        return [both.picking(places, shape)]
    }
}
