/// `ArgMax` and `ArgMin`.
struct ArgumentKernel: Kernel {
    let axis: Int
    let keepsDimension: Bool
    /// Of equal ones.
    let picksLast: Bool
    let isHighest: Bool

    static func build(isHighest: Bool) -> Operators.Builder {
        { attributes throws(KernelFailure) in
            ArgumentKernel(
                axis: try attributes.axis(or: 0),
                keepsDimension: try attributes.int("keepdims") ?? 1 != 0,
                picksLast: try attributes.int("select_last_index") ?? 0 != 0, isHighest: isHighest)
        }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let reals = try inputs.reals(0)
        let axis = try Axis.place(axis, rank: reals.shape.count)
        let lanes = Lanes(reals.shape, axis: axis)
        guard lanes.length > 0 else { throw .refused("an empty dimension") }
        try meter.spend(reals.elements.count)
        let places = lanes.starts.map { start in
            var best = 0
            for index in 1..<max(1, lanes.length) {
                let value = reals.elements[start + index * lanes.step]
                let before = reals.elements[start + best * lanes.step]
                let isBetter = isHighest ? value > before : value < before
                if isBetter || (picksLast && value == before) { best = index }
            }
            return Int64(best)
        }
        var shape = reals.shape
        if keepsDimension { shape[axis] = 1 } else { shape.remove(at: axis) }
        return [.ints(Tensor(shape, places))]
    }
}

/// `TopK`, its number as attribute (before version 10) or input.
struct TopKernel: Kernel {
    let axis: Int
    let count: Int64?
    let isHighest: Bool
    let isSorted: Bool

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        TopKernel(
            axis: try attributes.axis(or: -1), count: try attributes.int("k"),
            isHighest: try attributes.int("largest") ?? 1 != 0,
            isSorted: try attributes.int("sorted") ?? 1 != 0)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let reals = try inputs.reals(0)
        let axis = try Axis.place(axis, rank: reals.shape.count)
        let lanes = Lanes(reals.shape, axis: axis)
        guard let wanted = try inputs.whole(1) ?? count, (0...Int64(lanes.length)).contains(wanted)
        else { throw .refused("more than there are, or no number") }
        let count = Int(wanted)
        try meter.spend(20, reals.elements.count)
        var shape = reals.shape
        shape[axis] = count
        let size = try meter.allow(shape)
        var values = [Double](repeating: 0, count: size)
        var indices = [Int64](repeating: 0, count: size)
        for (lane, start) in zip(Lanes(shape, axis: axis).starts, lanes.starts) {
            let own = lanes.places(start).map { reals.elements[$0] }
            for (index, best) in best(own, count).enumerated() {
                values[lane + index * lanes.step] = own[best]
                indices[lane + index * lanes.step] = Int64(best)
            }
        }
        return [try reals.value(shape, values), .ints(Tensor(shape, indices))]
    }

    /// Of equal ones the first comes first; NaN comes before all numbers.
    private func best(_ values: [Double], _ count: Int) -> [Int] {
        let order = values.indices.sorted { left, right in
            let (first, second) = (values[left], values[right])
            if first.isNaN || second.isNaN { return first.isNaN && (!second.isNaN || left < right) }
            if first == second { return left < right }
            return isHighest ? first > second : first < second
        }
        return isSorted ? Array(order.prefix(count)) : order.prefix(count).sorted()
    }
}

/// `CumSum`: at each place the sum so far.
struct RunningSumKernel: Kernel {
    /// Without the place itself.
    let isExclusive: Bool
    let isReverse: Bool

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        RunningSumKernel(
            isExclusive: try attributes.int("exclusive") ?? 0 != 0,
            isReverse: try attributes.int("reverse") ?? 0 != 0)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let reals = try inputs.reals(0)
        guard let wanted = try inputs.whole(1) else { throw .refused("axis is missing") }
        let lanes = Lanes(
            reals.shape, axis: try Axis.place(Int(wanted), rank: reals.shape.count))
        try meter.spend(reals.elements.count)
        var elements = reals.elements
        for start in lanes.starts {
            var sum = 0.0
            for index in 0..<lanes.length {
                let place = start + (isReverse ? lanes.length - 1 - index : index) * lanes.step
                let before = sum
                sum += elements[place]
                elements[place] = isExclusive ? before : sum
            }
        }
        return [try reals.value(reals.shape, elements)]
    }
}
