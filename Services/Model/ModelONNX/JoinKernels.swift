/// `Concat`.
struct ConcatKernel: Kernel {
    let axis: Int

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        // Version 1, which nobody writes any more, had a standard axis.
        ConcatKernel(axis: try attributes.requiredAxis())
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let values = try inputs.all()
        let first = values[0].shape
        let axis = try Axis.place(self.axis, rank: first.count)
        var shape = first
        shape[axis] = 0
        for value in values {
            var own = value.shape
            guard own.count == first.count else { throw .refused("unlike dimensions") }
            shape[axis] += own[axis]
            own[axis] = first[axis]
            guard own == first else { throw .refused("unlike shapes") }
        }
        var places: [Int] = []
        places.reserveCapacity(try meter.allow(shape))
        // Where each value begins in the chain of all.
        var starts: [Int] = []
        var end = 0
        for value in values {
            starts.append(end)
            end += value.count
        }
        for outer in 0..<first[..<axis].reduce(1, *) {
            for (start, value) in zip(starts, values) {
                let run = value.shape[axis...].reduce(1, *)
                places += start + outer * run..<start + (outer + 1) * run
            }
        }
        return [try Value.chained(values).picking(places, shape)]
    }
}

/// `Split`: parts of equal or given sizes, as attribute (before version 13) or input.
struct SplitKernel: Kernel {
    let axis: Int
    let sizes: [Int64]
    let count: Int

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let count = Int(exactly: try attributes.int("num_outputs") ?? 0) ?? 0
        guard count == 0 || count == attributes.outputCount else {
            throw .refused("num_outputs is not the number of outputs")
        }
        return SplitKernel(
            axis: try attributes.axis(or: 0), sizes: try attributes.ints("split"),
            count: attributes.outputCount)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let axis = try Axis.place(axis, rank: value.shape.count)
        let length = value.shape[axis]
        var sizes = (inputs.optional(1) == nil ? sizes : try inputs.ints(1).elements).map {
            Int($0)
        }
        if sizes.isEmpty {
            // The last part may be smaller.
            let part = (length + count - 1) / max(1, count)
            sizes = (0..<count).map { min(part, max(0, length - $0 * part)) }
        }
        var left = length
        for size in sizes {
            guard size >= 0, size <= left else { throw .refused("parts of \(sizes)") }
            left -= size
        }
        guard left == 0, sizes.count == count else { throw .refused("parts of \(sizes)") }
        let steps = Shape.steps(value.shape)
        var start = 0
        var parts: [Value] = []
        for size in sizes {
            let lists = value.shape.indices.map { dimension in
                (dimension == axis ? start..<start + size : 0..<value.shape[dimension])
                    .map { $0 * steps[dimension] }
            }
            parts.append(try Lattice(lists).read(value, &meter))
            start += size
        }
        return parts
    }
}

/// `Expand`: repeated to a shape where it meets it.
struct ExpandKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let wanted = try Shape.read(inputs.ints(1).elements)
        let shape = try Broadcast.shape(value.shape, wanted)
        return [try Broadcast.lattice(value.shape, to: shape, &meter).read(value, &meter)]
    }
}

/// `Tile`: as often as said along each dimension.
struct TileKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let repeats = try Shape.read(inputs.ints(1).elements)
        guard repeats.count == value.shape.count else { throw .refused("repeats \(repeats)") }
        var shape: [Int] = []
        for (size, times) in zip(value.shape, repeats) {
            let (product, overflow) = size.multipliedReportingOverflow(by: times)
            guard !overflow else { throw .tooExpensive }
            shape.append(product)
        }
        _ = try meter.allow(shape)
        let steps = Shape.steps(value.shape)
        let lists = shape.indices.map { axis in
            (0..<shape[axis]).map { $0 % value.shape[axis] * steps[axis] }
        }
        return [try Lattice(lists).read(value, &meter)]
    }
}

extension Shape {
    /// A shape that a tensor of the file or the graph holds.
    static func read(_ sizes: [Int64]) throws(KernelFailure) -> [Int] {
        guard sizes.count <= ONNXLimits.rankMax else { throw .refused("too many dimensions") }
        guard sizes.allSatisfy({ $0 >= 0 }) else { throw .refused("shape \(sizes)") }
        return sizes.map { Int($0) }
    }
}
