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
        let floats = try attributes.floats("value_floats")
        if !floats.isEmpty { return ConstantKernel(value: .floats(Tensor([floats.count], floats))) }
        let ints = try attributes.ints("value_ints")
        return ConstantKernel(value: .ints(Tensor([ints.count], ints)))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] { [value] }
}

/// `Cast` between single precision, whole numbers and truth values.
struct CastKernel: Kernel {
    enum Target: Int64 {
        case float = 1
        case int32 = 6
        case int64 = 7
        case truth = 9
    }

    let target: Target

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let type = try attributes.int("to") ?? 0
        // About numbers of eight bits, which this room has not got.
        _ = try attributes.int("saturate")
        guard let target = Target(rawValue: type) else { throw .refused("cast to type \(type)") }
        return CastKernel(target: target)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        if target == .float { return [.floats(try inputs.floats(0))] }
        switch try inputs.value(0) {
        case .texts: throw .refused("cast from text")
        case .ints(let tensor):
            guard target == .truth else { return [.ints(tensor)] }
            return [.ints(tensor.map { $0 == 0 ? 0 : 1 })]
        case .floats(let tensor):
            try meter.spend(tensor.elements.count)
            if target == .truth { return [.ints(tensor.map { $0 == 0 ? 0 : 1 })] }
            let whole = tensor.elements.compactMap { Int64(exactly: $0.rounded(.towardZero)) }
            guard whole.count == tensor.elements.count else {
                throw .refused("a number is too large to be whole")
            }
            return [.ints(Tensor(tensor.shape, whole))]
        }
    }
}

/// `Concat`.
struct ConcatKernel: Kernel {
    let axis: Int

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        guard let axis = try attributes.int("axis").flatMap({ Int(exactly: $0) }) else {
            throw .refused("axis is missing")
        }
        return ConcatKernel(axis: axis)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        if case .ints(let first) = try inputs.value(0) {
            var tensors = [first]
            for index in 1..<max(1, inputs.count) { tensors.append(try inputs.ints(index)) }
            return [.ints(try join(tensors, &meter))]
        }
        var tensors = [try inputs.floats(0)]
        for index in 1..<max(1, inputs.count) { tensors.append(try inputs.floats(index)) }
        return [.floats(try join(tensors, &meter))]
    }

    private func join<Element>(
        _ tensors: [Tensor<Element>], _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Element> {
        let first = tensors[0].shape
        let axis = try Axis.place(self.axis, rank: first.count)
        var shape = first
        shape[axis] = 0
        for tensor in tensors {
            var own = tensor.shape
            guard own.count == first.count else { throw .refused("unlike dimensions") }
            shape[axis] += own[axis]
            own[axis] = first[axis]
            guard own == first else { throw .refused("unlike shapes") }
        }
        let count = try meter.allow(shape)
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for outer in 0..<first[..<axis].reduce(1, *) {
            for tensor in tensors {
                let run = tensor.shape[axis...].reduce(1, *)
                elements += tensor.elements[outer * run..<(outer + 1) * run]
            }
        }
        return Tensor(shape, elements)
    }
}

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
    ) throws(KernelFailure) -> any Kernel {
        guard let axis = Int(exactly: try attributes.int("axis") ?? 1) else {
            throw .refused("axis")
        }
        return FlattenKernel(axis: axis)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let rank = value.shape.count
        let cut = axis == rank ? rank : try Axis.place(axis, rank: rank)
        return [
            value.reshaped([value.shape[..<cut].reduce(1, *), value.shape[cut...].reduce(1, *)])
        ]
    }
}

/// Dimensions by number, negative ones from the last.
enum Axis {
    static func place(_ axis: Int, rank: Int) throws(KernelFailure) -> Int {
        guard axis >= -rank, axis < rank else { throw .refused("axis \(axis) of \(rank)") }
        return axis < 0 ? axis + rank : axis
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
        var places: Set<Int> = []
        for axis in listed {
            places.insert(try Axis.place(Int(axis), rank: rank))
        }
        guard places.count == listed.count else { throw .refused("an axis twice") }
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

/// `ArgMax` along the last dimension.
struct ArgMaxKernel: Kernel {
    let axis: Int
    let keepsDimension: Bool

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        guard let axis = Int(exactly: try attributes.int("axis") ?? 0) else {
            throw .refused("axis")
        }
        guard try attributes.int("select_last_index") ?? 0 == 0 else {
            throw .refused("select_last_index")
        }
        return ArgMaxKernel(
            axis: axis, keepsDimension: try attributes.int("keepdims") ?? 1 != 0)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let tensor = try inputs.floats(0)
        let rank = tensor.shape.count
        guard rank > 0, try Axis.place(axis, rank: rank) == rank - 1, tensor.width > 0 else {
            throw .refused("only along the last dimension")
        }
        try meter.spend(tensor.elements.count)
        let places = stride(from: 0, to: tensor.elements.count, by: tensor.width).map {
            Int64(tensor.elements[$0..<$0 + tensor.width].placeOfHighest)
        }
        return [.ints(Tensor(tensor.shape.dropLast() + (keepsDimension ? [1] : []), places))]
    }
}
