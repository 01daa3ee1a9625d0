import ModelCore

/// Support vectors and the kernel that compares a row with each of them.
struct SupportVectors: Sendable {
    enum Curve: String {
        case linear = "LINEAR"
        case polynomial = "POLY"
        case radial = "RBF"
        case sigmoid = "SIGMOID"
    }

    let curve: Curve
    let gamma: Double
    let offset: Double
    let degree: Int
    /// Row after row.
    let elements: [Float]
    let count: Int

    var width: Int { count == 0 ? 0 : elements.count / count }

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
        return SupportVectors(
            curve: curve, gamma: parameters.isEmpty ? 1 : Double(parameters[0]),
            offset: parameters.isEmpty ? 0 : Double(parameters[1]),
            degree: curve == .polynomial ? Int(degree) : 0, elements: elements, count: count)
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

    /// The kernel of the row with each support vector.
    func kernels(_ row: ArraySlice<Float>) -> [Double] {
        let width = width
        return row.withUnsafeBufferPointer { row in
            elements.withUnsafeBufferPointer { vectors in
                (0..<count).map { vector in
                    let start = vector * width
                    var sum: Double = 0
                    if curve == .radial {
                        for column in 0..<width {
                            let distance = Double(row[column] - vectors[start + column])
                            sum += distance * distance
                        }
                    } else {
                        for column in 0..<width {
                            sum += Double(row[column]) * Double(vectors[start + column])
                        }
                    }
                    return bend(sum)
                }
            }
        }
    }

    private func bend(_ sum: Double) -> Double {
        switch curve {
        case .linear: return sum
        case .radial: return Elementary.exp(-gamma * sum)
        case .sigmoid: return Elementary.tanh(gamma * sum + offset)
        case .polynomial:
            let base = gamma * sum + offset
            return (0..<degree).reduce(1) { power, _ in power * base }
        }
    }
}
