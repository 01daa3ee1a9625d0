/// A matrix product in single precision: sums run in order of the inner dimension.
enum Matrix {
    /// `left` is rows × inner, `right` inner × columns, both flat.
    static func product(
        _ left: [Float], _ right: [Float], rows: Int, inner: Int, columns: Int
    ) -> [Float] {
        var result = [Float](repeating: 0, count: rows * columns)
        // One row of `right` at a time: the inner loop has no dependency and vectorizes.
        result.withUnsafeMutableBufferPointer { result in
            right.withUnsafeBufferPointer { right in
                for row in 0..<rows {
                    for k in 0..<inner {
                        let factor = left[row * inner + k]
                        for column in 0..<columns {
                            result[row * columns + column] += factor * right[k * columns + column]
                        }
                    }
                }
            }
        }
        return result
    }

    static func transposed(_ matrix: Tensor<Float>) throws(KernelFailure) -> Tensor<Float> {
        guard matrix.shape.count == 2 else { throw .refused("\(matrix.shape.count) dimensions") }
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        var elements: [Float] = []
        elements.reserveCapacity(matrix.elements.count)
        for column in 0..<columns {
            for row in 0..<rows { elements.append(matrix.elements[row * columns + column]) }
        }
        return Tensor([columns, rows], elements)
    }

    /// The product of two matrices, if their sizes allow it.
    static func product(
        _ left: Tensor<Float>, _ right: Tensor<Float>, _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Float> {
        guard left.shape.count == 2, right.shape.count == 2, left.shape[1] == right.shape[0] else {
            throw .refused("product of \(left.shape) and \(right.shape)")
        }
        let shape = [left.shape[0], right.shape[1]]
        _ = try meter.allow(shape)
        try meter.spend(shape[0], shape[1], left.shape[1])
        return Tensor(
            shape,
            product(
                left.elements, right.elements, rows: shape[0], inner: left.shape[1],
                columns: shape[1]))
    }
}

/// `MatMul` of two matrices.
struct MatMulKernel: Kernel {
    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel { MatMulKernel() }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        [.floats(try Matrix.product(inputs.floats(0), inputs.floats(1), &meter))]
    }
}

/// `Gemm`: alpha · A · B + beta · C.
struct GemmKernel: Kernel {
    let alpha: Float
    let beta: Float
    let transposesLeft: Bool
    let transposesRight: Bool
    /// The second factor as it is multiplied, where it is a weight.
    let right: Tensor<Float>?

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let transposesRight = try attributes.int("transB") ?? 0 != 0
        var right: Tensor<Float>?
        if case .floats(let weights) = attributes.constant(1) {
            right = transposesRight ? try Matrix.transposed(weights) : weights
        }
        return GemmKernel(
            alpha: try attributes.float("alpha") ?? 1, beta: try attributes.float("beta") ?? 1,
            transposesLeft: try attributes.int("transA") ?? 0 != 0,
            transposesRight: transposesRight, right: right)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        var left = try inputs.floats(0)
        if transposesLeft { left = try Matrix.transposed(left) }
        let second: Tensor<Float>
        if let right {
            second = right
        } else {
            let given = try inputs.floats(1)
            second = transposesRight ? try Matrix.transposed(given) : given
        }
        var result = try Matrix.product(left, second, &meter)
        if alpha != 1 { result = result.map { $0 * alpha } }
        guard inputs.optional(2) != nil else { return [.floats(result)] }
        let added = try Broadcast.expand(inputs.floats(2), to: result.shape, &meter)
        return [
            .floats(
                Tensor(
                    result.shape,
                    zip(result.elements, added.elements).map { $0 + beta * $1 }))
        ]
    }
}
