import CModelKernels

/// Functions of many numbers at once; NaN stays NaN.
public enum VectorMath: Sendable, CaseIterable {
    /// Within one unit in the last place.
    case exp
    /// Within two units in the last place.
    case tanh
    /// Within about two units in the last place.
    case logistic

    public func callAsFunction(_ values: [Float], level: MachineLevel = .best) -> [Float] {
        precondition(level <= .best)
        var results = [Float](repeating: 0, count: values.count)
        unsafe twin_map(level.rawValue, code, values, Int64(values.count), &results)
        return results
    }

    private var code: Int32 {
        switch self {
        case .exp: Int32(TWIN_MAP_EXP)
        case .tanh: Int32(TWIN_MAP_TANH)
        case .logistic: Int32(TWIN_MAP_LOGISTIC)
        }
    }
}

extension DenseLayer.Bend {
    /// The values bent as a layer bends its sums, to the bit.
    public func callAsFunction(_ values: [Float], level: MachineLevel = .best) -> [Float] {
        switch self {
        case .none: values
        case .relu: values.map { $0 < 0 ? 0 : $0 }
        case .tanh: VectorMath.tanh(values, level: level)
        case .logistic: VectorMath.logistic(values, level: level)
        }
    }
}
