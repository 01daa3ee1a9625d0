import ModelCore

/// How tensors of unlike shapes meet: from the last dimension on, a size of 1 is repeated.
enum Broadcast {
    static func shape(_ left: [Int], _ right: [Int]) throws(KernelFailure) -> [Int] {
        let rank = max(left.count, right.count)
        var shape: [Int] = []
        for axis in 0..<rank {
            let first = size(left, axis, rank)
            let second = size(right, axis, rank)
            guard first == second || first == 1 || second == 1 else {
                throw .refused("shapes \(left) and \(right) do not meet")
            }
            shape.append(first == 1 ? second : first)
        }
        return shape
    }

    /// The size along `axis` of `rank`, counted from the last.
    private static func size(_ shape: [Int], _ axis: Int, _ rank: Int) -> Int {
        let own = axis - (rank - shape.count)
        return own < 0 ? 1 : shape[own]
    }

    /// The tensor repeated to a shape that ``shape(_:_:)`` made of its own.
    static func expand<Element>(
        _ tensor: Tensor<Element>, to shape: [Int], _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Element> {
        if tensor.shape == shape { return tensor }
        guard try self.shape(tensor.shape, shape) == shape else {
            throw .refused("shape \(tensor.shape) does not fit \(shape)")
        }
        let count = try meter.allow(shape)
        var elements: [Element] = []
        elements.reserveCapacity(count)
        // The step in `tensor` for a step along each axis: 0 where it is repeated.
        var steps = [Int](repeating: 0, count: shape.count)
        var step = 1
        for (own, size) in tensor.shape.enumerated().reversed() {
            steps[own + shape.count - tensor.shape.count] = size == 1 ? 0 : step
            step *= size
        }
        var place = [Int](repeating: 0, count: shape.count)
        var from = 0
        for _ in 0..<count {
            elements.append(tensor.elements[from])
            for axis in shape.indices.reversed() {
                place[axis] += 1
                from += steps[axis]
                if place[axis] < shape[axis] { break }
                from -= steps[axis] * shape[axis]
                place[axis] = 0
            }
        }
        return Tensor(shape, elements)
    }
}

/// `Add`, `Sub`, `Mul`, `Div`, and `Sum` of any number of tensors.
struct ElementwiseKernel: Kernel {
    let join: @Sendable (Float, Float) -> Float

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        var result = try inputs.floats(0)
        for index in 1..<max(1, inputs.count) {
            let next = try inputs.floats(index)
            let shape = try Broadcast.shape(result.shape, next.shape)
            let left = try Broadcast.expand(result, to: shape, &meter)
            let right = try Broadcast.expand(next, to: shape, &meter)
            try meter.spend(left.elements.count)
            result = Tensor(shape, zip(left.elements, right.elements).map(join))
        }
        return [.floats(result)]
    }
}

/// `Less`.
struct LessKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (left, right) = (try inputs.floats(0), try inputs.floats(1))
        let shape = try Broadcast.shape(left.shape, right.shape)
        let pairs = zip(
            try Broadcast.expand(left, to: shape, &meter).elements,
            try Broadcast.expand(right, to: shape, &meter).elements)
        return [.ints(Tensor(shape, pairs.map { $0 < $1 ? 1 : 0 }))]
    }
}

/// `Where`: the second input where the first is true, else the third.
struct WhereKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (condition, yes, no) = (
            try inputs.ints(0), try inputs.floats(1), try inputs.floats(2)
        )
        let shape = try Broadcast.shape(
            try Broadcast.shape(condition.shape, yes.shape), no.shape)
        let chosen = zip(
            try Broadcast.expand(condition, to: shape, &meter).elements,
            zip(
                try Broadcast.expand(yes, to: shape, &meter).elements,
                try Broadcast.expand(no, to: shape, &meter).elements))
        return [.floats(Tensor(shape, chosen.map { $0 != 0 ? $1.0 : $1.1 }))]
    }
}

/// `Relu`, `Sigmoid`, `Tanh`, `Neg`, `Abs`.
struct UnaryKernel: Kernel {
    let change: @Sendable (Float) -> Float

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let tensor = try inputs.floats(0)
        try meter.spend(tensor.elements.count)
        return [.floats(tensor.map(change))]
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
        let tensor = try inputs.floats(0)
        try meter.spend(tensor.elements.count)
        let low = try bound(inputs, 1) ?? self.low ?? -.infinity
        let high = try bound(inputs, 2) ?? self.high ?? .infinity
        return [.floats(tensor.map { $0 < low ? low : $0 > high ? high : $0 })]
    }

    private func bound(_ inputs: Inputs, _ index: Int) throws(KernelFailure) -> Float? {
        guard inputs.optional(index) != nil else { return nil }
        guard let bound = try inputs.floats(index).elements.first else {
            throw .refused("an empty bound")
        }
        return bound
    }
}

/// `Softmax` and `LogSoftmax` along the last dimension.
struct SoftmaxKernel: Kernel {
    let axis: Int
    let isLogarithm: Bool

    static func build(isLogarithm: Bool) -> Operators.Builder {
        { attributes throws(KernelFailure) in
            // Before version 13 the axis was 1, and all dimensions from it on were one.
            let standard: Int64 = attributes.version < 13 ? 1 : -1
            guard let axis = Int(exactly: try attributes.int("axis") ?? standard) else {
                throw .refused("axis")
            }
            return SoftmaxKernel(axis: axis, isLogarithm: isLogarithm)
        }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let tensor = try inputs.floats(0)
        let rank = tensor.shape.count
        guard rank > 0, axis == -1 || axis == rank - 1 else {
            throw .refused("only along the last dimension")
        }
        try meter.spend(8 * tensor.elements.count)
        var scores = tensor.elements
        guard tensor.width > 0 else { return [.floats(tensor)] }
        for start in stride(from: 0, to: scores.count, by: tensor.width) {
            let range = start..<start + tensor.width
            if isLogarithm {
                Self.logSoftmax(&scores[range])
            } else {
                PostTransform.softmax(&scores[range])
            }
        }
        return [.floats(Tensor(tensor.shape, scores))]
    }

    private static func logSoftmax(_ scores: inout ArraySlice<Float>) {
        let highest = PostTransform.highest(scores)
        var sum = 0.0
        for score in scores { sum += Elementary.exp(Double(score - highest)) }
        let offset = Elementary.log(sum)
        for index in scores.indices {
            scores[index] = Float(Double(scores[index] - highest) - offset)
        }
    }
}
