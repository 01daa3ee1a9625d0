import ModelKernels

/// Support vectors and the kernel that compares a row with each of them.
struct SupportVectors: Sendable {
    enum Curve: String {
        case linear = "LINEAR"
        case polynomial = "POLY"
        case radial = "RBF"
        case sigmoid = "SIGMOID"
    }

    let count: Int
    let width: Int
    /// The vectors row after row, where their kernel is linear.
    let linear: [Float]?
    private let panels: KernelPanels

    /// How many products a comparison of one row takes.
    var elementCount: Int { count * width }

    /// `count` rows of equal width, at least one.
    static func read(
        _ attributes: inout NodeAttributes, count: Int
    ) throws(KernelFailure) -> SupportVectors {
        let name = try attributes.text("kernel_type") ?? "LINEAR"
        guard let curve = Curve(rawValue: name) else { throw .refused("kernel \(name)") }
        let parameters = try attributes.floats("kernel_params")
        guard parameters.count == 3 || (parameters.isEmpty && curve == .linear) else {
            throw .refused("\(parameters.count) kernel parameters")
        }
        let degree = parameters.isEmpty ? 0 : parameters[2]
        guard curve != .polynomial || (degree.rounded() == degree && (0...64).contains(degree))
        else { throw .refused("degree \(degree)") }
        guard curve != .radial || parameters[0] >= 0 else { throw .refused("a negative gamma") }
        let elements = try attributes.floats("support_vectors")
        guard count > 0, !elements.isEmpty, elements.count % count == 0 else {
            throw .refused("support vectors of unlike width")
        }
        let form: KernelCurve =
            switch curve {
            case .linear: .linear
            case .radial: .radial(gamma: parameters[0])
            case .sigmoid: .sigmoid(gamma: parameters[0], offset: parameters[1])
            case .polynomial:
                .polynomial(gamma: parameters[0], offset: parameters[1], degree: Int(degree))
            }
        guard form.isSound else { throw .refused("kernel parameters \(parameters)") }
        let width = elements.count / count
        return SupportVectors(
            count: count, width: width, linear: curve == .linear ? elements : nil,
            panels: KernelPanels(vectors: elements, count: count, width: width, curve: form))
    }

    /// The rows that are compared, once they are known to be as wide as the vectors.
    func rows(
        _ inputs: Inputs, _ meter: inout Meter
    ) throws(KernelFailure) -> (count: Int, elements: [Float]) {
        let (rowCount, rowWidth, rows) = try inputs.rows(0)
        guard rowWidth == width else { throw .refused("\(rowWidth) columns, \(width) are needed") }
        try meter.spend(rowCount, count, width + 16)
        return (rowCount, rows)
    }

    /// Coefficients as ``sums(of:count:coefficients:)`` takes them.
    func padded(_ coefficients: [Float]) -> [Double] {
        coefficients.map { Double($0) }
            + [Double](repeating: 0, count: panels.paddedCount - coefficients.count)
    }

    /// For each row the sum of its kernels times the padded coefficients.
    func sums(of rows: [Float], count: Int, coefficients: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: count)
        panels.addSums(
            to: &sums, coefficients: coefficients, sumCount: 1, rows: rows, rowCount: count)
        return sums
    }

    /// The kernels of some rows with all vectors, row after row, each of ``kernelStride``.
    func kernels(_ rows: [Float], from first: Int, count: Int) -> [Float] {
        var kernels = [Float](repeating: 0, count: count * kernelStride)
        panels.rows(
            of: rows, at: (0..<count).map { Int64((first + $0) * width) }, into: &kernels,
            at: (0..<count).map { Int64($0 * kernelStride) })
        return kernels
    }

    var kernelStride: Int { panels.paddedCount }
}
