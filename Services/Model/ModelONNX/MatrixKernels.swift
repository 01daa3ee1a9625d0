import ModelKernels

/// A matrix product in the precision of its factors: sums run in order of the inner dimension.
enum Matrix {
    /// `left` is rows × inner, `right` inner × columns, both flat.
    static func product<Number: BinaryFloatingPoint>(
        _ left: ArraySlice<Number>, _ right: ArraySlice<Number>, rows: Int, inner: Int,
        columns: Int
    ) -> [Number] {
        var result = [Number](repeating: 0, count: rows * columns)
        // One row of `right` at a time: the inner loop has no dependency and vectorizes.
        result.withUnsafeMutableBufferPointer { result in
            left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { right in
                    for row in 0..<rows {
                        for k in 0..<inner {
                            let factor = left[row * inner + k]
                            for column in 0..<columns {
                                result[row * columns + column] +=
                                    factor * right[k * columns + column]
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    static func transposed<Number>(
        _ matrix: Tensor<Number>
    ) throws(KernelFailure) -> Tensor<Number> {
        guard matrix.shape.count == 2 else { throw .refused("\(matrix.shape.count) dimensions") }
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        var elements: [Number] = []
        elements.reserveCapacity(matrix.elements.count)
        for column in 0..<columns {
            for row in 0..<rows { elements.append(matrix.elements[row * columns + column]) }
        }
        return Tensor([columns, rows], elements)
    }

    /// The product of two matrices, if their sizes allow it.
    static func product<Number: BinaryFloatingPoint>(
        _ left: Tensor<Number>, _ right: Tensor<Number>, _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Number> {
        guard left.shape.count == 2, right.shape.count == 2, left.shape[1] == right.shape[0] else {
            throw .refused("product of \(left.shape) and \(right.shape)")
        }
        let shape = [left.shape[0], right.shape[1]]
        _ = try meter.allow(shape)
        try meter.spend(shape[0], shape[1], left.shape[1])
        return Tensor(
            shape,
            product(
                left.elements[...], right.elements[...], rows: shape[0], inner: left.shape[1],
                columns: shape[1]))
    }

    /// The products of all matrices in the last two dimensions; the others meet.
    static func products<Number: BinaryFloatingPoint>(
        _ left: Tensor<Number>, _ right: Tensor<Number>, _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Number> {
        guard let leftLast = left.shape.last, let rightLast = right.shape.last else {
            throw .refused("product of \(left.shape) and \(right.shape)")
        }
        // One dimension is a row on the left, a column on the right, and goes again.
        let first = left.shape.count == 1 ? left.reshaped([1, leftLast]) : left
        let second = right.shape.count == 1 ? right.reshaped([rightLast, 1]) : right
        var result =
            first.shape.count == 2 && second.shape.count == 2
            ? try product(first, second, &meter) : try batches(first, second, &meter)
        if right.shape.count == 1 { result = result.reshaped(result.shape.dropLast()) }
        if left.shape.count == 1 {
            var shape = result.shape
            shape.remove(at: shape.count - (right.shape.count == 1 ? 1 : 2))
            result = result.reshaped(shape)
        }
        return result
    }

    private static func batches<Number: BinaryFloatingPoint>(
        _ left: Tensor<Number>, _ right: Tensor<Number>, _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Number> {
        let (rows, inner) = (left.shape[left.shape.count - 2], left.width)
        let columns = right.width
        guard right.shape[right.shape.count - 2] == inner else {
            throw .refused("product of \(left.shape) and \(right.shape)")
        }
        let (leftBatch, rightBatch) = (left.shape.dropLast(2), right.shape.dropLast(2))
        let batch = try Broadcast.shape(Array(leftBatch), Array(rightBatch))
        let count = try meter.allow(batch + [rows, columns])
        try meter.spend(count, inner)
        let leftPlaces = try Broadcast.lattice(Array(leftBatch), to: batch, &meter).places(&meter)
        let rightPlaces = try Broadcast.lattice(Array(rightBatch), to: batch, &meter).places(&meter)
        var elements: [Number] = []
        elements.reserveCapacity(count)
        for (first, second) in zip(leftPlaces, rightPlaces) {
            elements += product(
                left.elements[first * rows * inner..<(first + 1) * rows * inner],
                right.elements[second * inner * columns..<(second + 1) * inner * columns],
                rows: rows, inner: inner, columns: columns)
        }
        return Tensor(batch + [rows, columns], elements)
    }
}

extension DenseLayer {
    /// Nil unless the weights are a matrix of single precision, and what is added, if anything, a
    /// number for each of its columns.
    fileprivate init?(weights: Value?, added: Value?, adds: Bool) {
        guard case .floats(let matrix)? = weights, matrix.shape.count == 2,
            !matrix.elements.isEmpty
        else { return nil }
        let (inner, columns) = (matrix.shape[0], matrix.shape[1])
        var bias: [Float] = []
        if adds {
            guard case .floats(let row)? = added, row.elements.count == columns,
                row.shape.last == columns
            else { return nil }
            bias = row.elements
        }
        self.init(
            weights: matrix.elements, bias: bias, inputCount: inner, outputCount: columns)
    }

    /// The rows, which may be many in many dimensions, times the weights.
    fileprivate func product(
        _ rows: Tensor<Float>, _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Float> {
        guard rows.shape.last == inputCount else {
            throw .refused("product of \(rows.shape) and [\(inputCount), \(outputCount)]")
        }
        let shape = rows.shape.dropLast() + [outputCount]
        let count = rows.elements.count / inputCount
        try meter.spend(count, outputCount, inputCount)
        _ = try meter.allow(Array(shape))
        return Tensor(Array(shape), run(rows.elements, rowCount: count))
    }
}

/// `MatMul`.
struct MatMulKernel: Kernel {
    /// Where the second factor is a matrix of weights.
    let layer: DenseLayer?

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        MatMulKernel(
            layer: DenseLayer(weights: attributes.constant(1), added: nil, adds: false))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        if let layer, case .floats(let rows) = try inputs.value(0), rows.shape.count > 1 {
            return [.floats(try layer.product(rows, &meter))]
        }
        switch (try inputs.value(0), try inputs.value(1)) {
        case (.floats(let left), .floats(let right)):
            return [.floats(try Matrix.products(left, right, &meter))]
        case (.doubles(let left), .doubles(let right)):
            return [.doubles(try Matrix.products(left, right, &meter))]
        default: throw .refused("products of other than real numbers of one type")
        }
    }
}

/// `Gemm`: alpha · A · B + beta · C.
struct GemmKernel: Kernel {
    let alpha: Float
    let beta: Float
    let transposesLeft: Bool
    let transposesRight: Bool
    /// The second factor as it is multiplied, where it is a weight.
    let right: Value?
    /// Weights and what is added, where neither depends on a row; for rows as they come.
    let layer: DenseLayer?

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let transposesRight = try attributes.int("transB") ?? 0 != 0
        let alpha = try attributes.float("alpha") ?? 1
        let beta = try attributes.float("beta") ?? 1
        let transposesLeft = try attributes.int("transA") ?? 0 != 0
        let right = try attributes.constant(1).map { value throws(KernelFailure) in
            transposesRight ? try GemmKernel.transposed(value) : value
        }
        let isPlain = alpha == 1 && beta == 1 && !transposesLeft
        return GemmKernel(
            alpha: alpha, beta: beta, transposesLeft: transposesLeft,
            transposesRight: transposesRight, right: right,
            layer: isPlain
                ? DenseLayer(
                    weights: right, added: attributes.constant(2), adds: attributes.inputCount > 2)
                : nil)
    }

    private static func transposed(_ value: Value) throws(KernelFailure) -> Value {
        switch value {
        case .floats(let matrix): return .floats(try Matrix.transposed(matrix))
        case .doubles(let matrix): return .doubles(try Matrix.transposed(matrix))
        default: throw .refused("no real numbers")
        }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        if let layer, case .floats(let rows) = try inputs.value(0), rows.shape.count == 2 {
            return [.floats(try layer.product(rows, &meter))]
        }
        var left = try inputs.value(0)
        if transposesLeft { left = try GemmKernel.transposed(left) }
        var second: Value
        if let right { second = right } else { second = try inputs.value(1) }
        if right == nil && transposesRight { second = try GemmKernel.transposed(second) }
        let added = inputs.optional(2)
        switch (left, second, added) {
        case (.floats(let left), .floats(let right), nil):
            return [.floats(try product(left, right, nil, &meter))]
        case (.floats(let left), .floats(let right), .floats(let added)):
            return [.floats(try product(left, right, added, &meter))]
        case (.doubles(let left), .doubles(let right), nil):
            return [.doubles(try product(left, right, nil, &meter))]
        case (.doubles(let left), .doubles(let right), .doubles(let added)):
            return [.doubles(try product(left, right, added, &meter))]
        default: throw .refused("products of other than real numbers of one type")
        }
    }

    private func product<Number: BinaryFloatingPoint>(
        _ left: Tensor<Number>, _ right: Tensor<Number>, _ added: Tensor<Number>?,
        _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Number> {
        var result = try Matrix.product(left, right, &meter)
        let (alpha, beta) = (Number(alpha), Number(beta))
        if alpha != 1 { result = result.map { $0 * alpha } }
        guard let added else { return result }
        let repeated = try Broadcast.expand(added, to: result.shape, &meter)
        return Tensor(
            result.shape,
            zip(result.elements, repeated.elements).map { $0 + beta * $1 })
    }
}
