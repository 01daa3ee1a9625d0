/// `Reshape`: 0 keeps a dimension, one -1 takes what is left.
struct ReshapeKernel: Kernel {
    let zeroIsZero: Bool

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        ReshapeKernel(zeroIsZero: try attributes.int("allowzero") ?? 0 != 0)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let wanted = try inputs.ints(1).elements
        guard wanted.count <= ONNXLimits.rankMax else { throw .refused("too many dimensions") }
        let count = value.shape.reduce(1, *)
        var shape: [Int] = []
        var known = 1
        var free: Int?
        for (axis, size) in wanted.enumerated() {
            if size == -1 {
                guard free == nil else { throw .refused("two free dimensions") }
                free = axis
                shape.append(1)
                continue
            }
            let kept = size == 0 && !zeroIsZero
            guard !kept || axis < value.shape.count else { throw .refused("shape \(wanted)") }
            let own = kept ? value.shape[axis] : Int(size)
            let (product, overflow) = known.multipliedReportingOverflow(by: own)
            guard own >= 0, !overflow else { throw .refused("shape \(wanted)") }
            known = product
            shape.append(own)
        }
        if let free {
            guard known > 0, count % known == 0 else {
                throw .refused("\(count) elements do not fit \(wanted)")
            }
            shape[free] = count / known
        }
        guard Shape.count(shape, max: ONNXLimits.byteCountMax) == count else {
            throw .refused("\(count) elements do not fit \(wanted)")
        }
        return [value.reshaped(shape)]
    }
}

/// `Flatten`: two dimensions, cut before `axis`.
struct FlattenKernel: Kernel {
    let axis: Int

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel { FlattenKernel(axis: try attributes.axis(or: 1)) }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let rank = value.shape.count
        let cut = axis == rank ? rank : try Axis.place(axis, rank: rank)
        return [
            value.reshaped([value.shape[..<cut].reduce(1, *), value.shape[cut...].reduce(1, *)])
        ]
    }
}

/// `Squeeze` and `Unsqueeze`, their axes as attribute (before version 13) or input.
struct AxesKernel: Kernel {
    let isSqueeze: Bool
    let axes: [Int64]

    static func build(isSqueeze: Bool) -> Operators.Builder {
        { attributes throws(KernelFailure) in
            AxesKernel(isSqueeze: isSqueeze, axes: try attributes.ints("axes"))
        }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let listed = inputs.optional(1) == nil ? axes : try inputs.ints(1).elements
        let rank = value.shape.count + (isSqueeze ? 0 : listed.count)
        guard rank <= ONNXLimits.rankMax else { throw .refused("too many dimensions") }
        var places = Set(try Axis.places(listed, rank: rank))
        if isSqueeze {
            if listed.isEmpty { places = Set(value.shape.indices.filter { value.shape[$0] == 1 }) }
            guard places.allSatisfy({ value.shape[$0] == 1 }) else {
                throw .refused("a dimension is not 1")
            }
            let kept = value.shape.indices.filter { !places.contains($0) }
            return [value.reshaped(kept.map { value.shape[$0] })]
        }
        var sizes = value.shape.makeIterator()
        return [value.reshaped((0..<rank).map { places.contains($0) ? 1 : sizes.next() ?? 1 })]
    }
}

/// `Shape`, or a part of it.
struct ShapeKernel: Kernel {
    let start: Int64
    let end: Int64

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        ShapeKernel(
            start: try attributes.int("start") ?? 0, end: try attributes.int("end") ?? .max)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let shape = try inputs.value(0).shape
        let rank = Int64(shape.count)
        func bounded(_ axis: Int64) -> Int {
            Int(min(max(axis < 0 ? axis &+ rank : axis, 0), rank))
        }
        let (first, last) = (bounded(start), bounded(end))
        let part = shape[first..<max(first, last)]
        return [.ints(Tensor([part.count], part.map { Int64($0) }))]
    }
}

/// `Size`.
struct SizeKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        [.ints(Tensor([], [Int64(try inputs.value(0).count)]))]
    }
}
