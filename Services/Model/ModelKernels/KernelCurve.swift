import CModelKernels

/// How alike two rows are, as a support vector machine sees it.
public enum KernelCurve: Hashable, Sendable {
    /// The product of the rows.
    case linear
    /// (gamma · product + offset) to a power.
    case polynomial(gamma: Float, offset: Float, degree: Int)
    /// e to the power of -gamma · squared distance.
    case radial(gamma: Float)
    /// The hyperbolic tangent of gamma · product + offset.
    case sigmoid(gamma: Float, offset: Float)

    public static let degreeMax = Int(TWIN_DEGREE_MAX)

    /// Whether its numbers are such that the kernels can be computed.
    public var isSound: Bool {
        switch self {
        case .linear: true
        case .polynomial(let gamma, let offset, let degree):
            gamma.isFinite && offset.isFinite && (0...KernelCurve.degreeMax).contains(degree)
        case .radial(let gamma): gamma.isFinite && gamma >= 0
        case .sigmoid(let gamma, let offset): gamma.isFinite && offset.isFinite
        }
    }

    var code: Int32 {
        switch self {
        case .linear: Int32(TWIN_CURVE_LINEAR)
        case .polynomial: Int32(TWIN_CURVE_POLYNOMIAL)
        case .radial: Int32(TWIN_CURVE_RADIAL)
        case .sigmoid: Int32(TWIN_CURVE_SIGMOID)
        }
    }

    public var gamma: Float {
        switch self {
        case .linear: 1
        case .polynomial(let gamma, _, _), .radial(let gamma), .sigmoid(let gamma, _): gamma
        }
    }

    public var offset: Float {
        switch self {
        case .linear, .radial: 0
        case .polynomial(_, let offset, _), .sigmoid(_, let offset): offset
        }
    }

    public var degree: Int {
        if case .polynomial(_, _, let degree) = self { degree } else { 0 }
    }
}
