import ModelCore

/// `ReduceSum` and its like: one number made of all along some dimensions.
struct ReduceKernel: Kernel {
    enum Form: String, CaseIterable, Sendable {
        case sum = "ReduceSum"
        case mean = "ReduceMean"
        case highest = "ReduceMax"
        case lowest = "ReduceMin"
        case product = "ReduceProd"
        case absolutes = "ReduceL1"
        case length = "ReduceL2"
        case logarithm = "ReduceLogSum"
        case logarithmOfPowers = "ReduceLogSumExp"
        case squares = "ReduceSumSquare"
    }

    let form: Form
    /// Its axes where they are an attribute: before version 18, for sums before 13.
    let axes: [Int64]
    let keepsDimensions: Bool
    /// Without axes nothing is reduced.
    let allowsNothing: Bool

    static func build(_ form: Form) -> Operators.Builder {
        { attributes throws(KernelFailure) in
            ReduceKernel(
                form: form, axes: try attributes.ints("axes"),
                keepsDimensions: try attributes.int("keepdims") ?? 1 != 0,
                allowsNothing: try attributes.int("noop_with_empty_axes") ?? 0 != 0)
        }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let listed = inputs.optional(1) == nil ? axes : try inputs.ints(1).elements
        let rank = value.shape.count
        if listed.isEmpty && allowsNothing { return [try elementwise(inputs)] }
        let reduced =
            listed.isEmpty ? Array(0..<rank) : try Axis.places(listed, rank: rank)
        if case .truths(let truths) = value {
            let whole = Reals(truths.map { $0 ? 1 : 0 }, kind: .whole)
            let result = try reduce(whole, reduced, &meter)
            return [.truths(Tensor(result.shape, result.elements.map { $0 != 0 }))]
        }
        let reals = try inputs.reals(0)
        let result = try reduce(reals, reduced, &meter)
        return [try reals.value(result.shape, result.elements)]
    }

    /// Each element is reduced on its own.
    private func elementwise(_ inputs: Inputs) throws(KernelFailure) -> Value {
        let reals = try inputs.reals(0)
        return try reals.value(reals.shape, reals.elements.map { fold(CollectionOfOne($0)) })
    }

    private func reduce(
        _ reals: Reals, _ reduced: [Int], _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Double> {
        let shape = reals.shape
        let kept = shape.indices.filter { !reduced.contains($0) }
        let steps = Shape.steps(shape)
        let order = kept + reduced
        let places = try Lattice(order.map { axis in (0..<shape[axis]).map { $0 * steps[axis] } })
            .places(&meter)
        let count = reduced.reduce(1) { $0 * shape[$1] }
        try meter.spend(4, places.count)
        let result = kept.map { shape[$0] }
        let resultCount = try meter.allow(result)
        var elements: [Double] = []
        elements.reserveCapacity(resultCount)
        for index in 0..<resultCount {
            let own = places[index * count..<(index + 1) * count]
            elements.append(fold(own.lazy.map { reals.elements[$0] }))
        }
        guard keepsDimensions else { return Tensor(result, elements) }
        return Tensor(
            shape.indices.map { reduced.contains($0) ? 1 : shape[$0] }, elements)
    }

    private func fold(_ values: some Collection<Double>) -> Double {
        switch form {
        case .sum: values.reduce(0, +)
        case .mean: values.reduce(0, +) / Double(values.count)
        case .highest: values.reduce(-.infinity, ArithmeticKernel.highest)
        case .lowest: values.reduce(.infinity, ArithmeticKernel.lowest)
        case .product: values.reduce(1, *)
        case .absolutes: values.reduce(0) { $0 + $1.magnitude }
        case .length: values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        case .logarithm: Elementary.log(values.reduce(0, +))
        case .logarithmOfPowers: ReduceKernel.logarithmOfPowers(values)
        case .squares: values.reduce(0) { $0 + $1 * $1 }
        }
    }

    private static func logarithmOfPowers(_ values: some Collection<Double>) -> Double {
        let highest = values.reduce(-.infinity, ArithmeticKernel.highest)
        guard highest.isFinite else { return highest }
        return highest + Elementary.log(values.reduce(0) { $0 + Elementary.exp($1 - highest) })
    }
}
