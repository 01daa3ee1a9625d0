/// `SVMRegressor`: a weighted sum of kernels, or of columns; its sign where it knows one class.
struct SupportRegressorKernel: Kernel {
    let vectors: SupportVectors
    /// As the vectors take them.
    let coefficients: [Double]
    let rho: Double
    /// Rows like those of the training data get 1, others -1.
    let isOneClass: Bool

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        // Runtimes leave it out, against the text.
        let transform = try PostTransform.read(&attributes)
        guard transform == .none else { throw .refused("post transform \(transform.rawValue)") }
        let isOneClass = try attributes.int("one_class") ?? 0 != 0
        let rho = try attributes.floats("rho")
        guard rho.count == 1 else { throw .refused("\(rho.count) values of rho") }
        let count = try attributes.int("n_supports") ?? 0
        guard (0...1 << 24).contains(count) else { throw .refused("\(count) vectors") }
        let coefficients = try attributes.floats("coefficients")
        guard count > 0 else {
            guard try attributes.text("kernel_type") ?? "LINEAR" == "LINEAR" else {
                throw .refused("no support vectors, and not linear")
            }
            _ = try attributes.floats("kernel_params")
            return try LinearRegressorKernel(
                rows: LinearRows(weights: coefficients, intercepts: rho, count: 1),
                transform: .none, isOneClass: isOneClass)
        }
        guard coefficients.count == Int(count) else {
            throw .refused("\(coefficients.count) coefficients for \(count) vectors")
        }
        let vectors = try SupportVectors.read(&attributes, count: Int(count))
        return SupportRegressorKernel(
            vectors: vectors, coefficients: vectors.padded(coefficients), rho: Double(rho[0]),
            isOneClass: isOneClass)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (count, rows) = try vectors.rows(inputs, &meter)
        return [.floats(Tensor([count, 1], scores(of: rows, count: count)))]
    }

    /// One number for each of `count` rows.
    func scores(of rows: [Float], count: Int) -> [Float] {
        vectors.sums(of: rows, count: count, coefficients: coefficients).map { sum in
            let score = Float(rho + sum)
            return isOneClass ? OneClass.side(score) : score
        }
    }
}

enum OneClass {
    /// 1 above 0, else -1; NaN stays.
    static func side(_ score: Float) -> Float { score.isNaN ? score : score > 0 ? 1 : -1 }
}
