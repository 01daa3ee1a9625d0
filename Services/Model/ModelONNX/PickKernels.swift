/// `Transpose`.
struct TransposeKernel: Kernel {
    let order: [Int64]

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        TransposeKernel(order: try attributes.ints("perm"))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let shape = value.shape
        let order =
            self.order.isEmpty
            ? shape.indices.reversed() : try Axis.places(self.order, rank: shape.count)
        guard order.count == shape.count else { throw .refused("order \(self.order)") }
        let steps = Shape.steps(shape)
        let lists = order.map { axis in (0..<shape[axis]).map { $0 * steps[axis] } }
        return [try Lattice(lists).read(value, &meter)]
    }
}

/// `Slice`, its bounds as attributes (before version 10) or inputs.
struct SliceKernel: Kernel {
    let starts: [Int64]
    let ends: [Int64]
    let axes: [Int64]

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        SliceKernel(
            starts: try attributes.ints("starts"), ends: try attributes.ints("ends"),
            axes: try attributes.ints("axes"))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let shape = value.shape
        let isGiven = inputs.optional(1) != nil
        let starts = isGiven ? try inputs.ints(1).elements : self.starts
        let ends = isGiven ? try inputs.ints(2).elements : self.ends
        var axes = inputs.optional(3) == nil ? self.axes : try inputs.ints(3).elements
        if axes.isEmpty { axes = starts.indices.map { Int64($0) } }
        let strides =
            inputs.optional(4) == nil
            ? starts.map { _ in 1 } : try inputs.ints(4).elements
        guard ends.count == starts.count, axes.count == starts.count,
            strides.count == starts.count
        else { throw .refused("bounds of unlike number") }
        let steps = Shape.steps(shape)
        var lists = shape.indices.map { axis in (0..<shape[axis]).map { $0 * steps[axis] } }
        for (index, axis) in try Axis.places(axes, rank: shape.count).enumerated() {
            let picks = try SliceKernel.picks(
                from: starts[index], to: ends[index], by: strides[index], of: shape[axis])
            lists[axis] = picks.map { $0 * steps[axis] }
        }
        return [try Lattice(lists).read(value, &meter)]
    }

    /// The places of a slice of `size`; bounds below 0 count from the end.
    private static func picks(
        from start: Int64, to end: Int64, by step: Int64, of size: Int
    ) throws(KernelFailure) -> [Int] {
        guard step != 0 else { throw .refused("a step of 0") }
        let size = Int64(size)
        func bounded(_ place: Int64, lowest: Int64) -> Int64 {
            let own = place < 0 ? place &+ size : place
            return step > 0 ? min(max(own, 0), size) : min(max(own, lowest), size - 1)
        }
        // A step longer than the dimension goes to its end at once.
        let step = min(max(step, -size - 1), size + 1)
        return stride(
            from: bounded(start, lowest: 0), to: bounded(end, lowest: -1), by: Int(step)
        ).map { Int($0) }
    }
}

/// `Gather`: slices along one dimension, by number.
struct GatherKernel: Kernel {
    let axis: Int

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel { GatherKernel(axis: try attributes.axis(or: 0)) }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (value, picks) = (try inputs.value(0), try inputs.ints(1))
        let shape = value.shape
        let axis = try Axis.place(axis, rank: shape.count)
        let steps = Shape.steps(shape)
        var lists = shape.indices.map { axis in (0..<shape[axis]).map { $0 * steps[axis] } }
        lists[axis] = []
        for pick in picks.elements {
            lists[axis].append(try GatherKernel.place(pick, of: shape[axis]) * steps[axis])
        }
        let result = Array(shape[..<axis]) + picks.shape + shape[(axis + 1)...]
        guard result.count <= ONNXLimits.rankMax else { throw .refused("too many dimensions") }
        return [try Lattice(lists).read(value, &meter).reshaped(result)]
    }

    static func place(_ pick: Int64, of size: Int) throws(KernelFailure) -> Int {
        guard pick >= -Int64(size), pick < Int64(size) else {
            throw .refused("place \(pick) of \(size)")
        }
        return Int(pick) + (pick < 0 ? size : 0)
    }
}

/// `GatherElements`: for each element of the second input, the one at that place along one
/// dimension.
struct GatherElementsKernel: Kernel {
    let axis: Int

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel { GatherElementsKernel(axis: try attributes.axis(or: 0)) }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (value, picks) = (try inputs.value(0), try inputs.ints(1))
        let shape = value.shape
        let axis = try Axis.place(axis, rank: shape.count)
        guard picks.shape.count == shape.count else { throw .refused("unlike dimensions") }
        for own in shape.indices where own != axis && picks.shape[own] > shape[own] {
            throw .refused("shape \(picks.shape) is larger than \(shape)")
        }
        let steps = Shape.steps(shape)
        let lists = shape.indices.map { own in
            (0..<picks.shape[own]).map { own == axis ? 0 : $0 * steps[own] }
        }
        var places = try Lattice(lists).places(&meter)
        for (index, pick) in picks.elements.enumerated() {
            places[index] += try GatherKernel.place(pick, of: shape[axis]) * steps[axis]
        }
        return [value.picking(places, picks.shape)]
    }
}

/// `GatherND`: slices by their numbers along several dimensions.
struct GatherSlicesKernel: Kernel {
    let batchRank: Int

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        guard let rank = Int(exactly: try attributes.int("batch_dims") ?? 0),
            (0..<ONNXLimits.rankMax).contains(rank)
        else { throw .refused("batch_dims") }
        return GatherSlicesKernel(batchRank: rank)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (value, picks) = (try inputs.value(0), try inputs.ints(1))
        let shape = value.shape
        guard let depth = picks.shape.last, batchRank < picks.shape.count,
            batchRank + depth <= shape.count,
            picks.shape[..<batchRank] == shape[..<batchRank]
        else { throw .refused("places \(picks.shape) in \(shape)") }
        let result = Array(picks.shape.dropLast() + shape[(batchRank + depth)...])
        guard result.count <= ONNXLimits.rankMax else { throw .refused("too many dimensions") }
        var places: [Int] = []
        places.reserveCapacity(try meter.allow(result))
        let steps = Shape.steps(shape)
        let run = shape[(batchRank + depth)...].reduce(1, *)
        let tuples = picks.shape.dropLast().reduce(1, *)
        let tuplesPerBatch = picks.shape[batchRank...].dropLast().reduce(1, *)
        let batchStep = shape[batchRank...].reduce(1, *)
        for tuple in 0..<tuples {
            var start = tuple / max(1, tuplesPerBatch) * batchStep
            for index in 0..<depth {
                let pick = picks.elements[tuple * depth + index]
                start +=
                    try GatherKernel.place(pick, of: shape[batchRank + index])
                    * steps[batchRank + index]
            }
            places += start..<start + run
        }
        return [value.picking(places, result)]
    }
}
