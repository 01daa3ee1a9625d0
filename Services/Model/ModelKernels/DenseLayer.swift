import CModelKernels

/// A dense layer whose weights lie as the loops read them: rows times weights, plus a bias, bent.
public struct DenseLayer: Sendable {
    /// What is done to each sum.
    public enum Bend: Sendable, CaseIterable {
        case none
        case relu
        case tanh
        case logistic

        var code: Int32 {
            switch self {
            case .none: Int32(TWIN_BEND_NONE)
            case .relu: Int32(TWIN_BEND_RELU)
            case .tanh: Int32(TWIN_BEND_TANH)
            case .logistic: Int32(TWIN_BEND_LOGISTIC)
            }
        }
    }

    public let inputCount: Int
    public let outputCount: Int
    public let bend: Bend
    private let panels: Panels
    private let bias: [Float]
    private let level: MachineLevel

    /// `weights` is input × output, row after row; `bias` may be empty.
    public init(
        weights: [Float], bias: [Float], inputCount: Int, outputCount: Int, bend: Bend = .none,
        level: MachineLevel = .best
    ) {
        precondition(level <= .best && (bias.isEmpty || bias.count == outputCount))
        self.inputCount = inputCount
        self.outputCount = outputCount
        self.bend = bend
        self.level = level
        panels = Panels(
            count: outputCount, width: inputCount, curve: .linear, from: weights
        ) { output, input in input * outputCount + output }
        self.bias = bias + [Float](repeating: 0, count: panels.paddedCount - bias.count)
    }

    /// Sends `rowCount` rows through the layer.
    public func run(_ rows: [Float], rowCount: Int, into out: inout [Float]) {
        precondition(rowCount >= 0 && rows.count == rowCount * inputCount)
        precondition(out.count == rowCount * outputCount)
        unsafe panels.with { panels in
            unsafe twin_dense(
                level.rawValue, panels, bias, bend.code, rows, Int64(rowCount),
                Int64(outputCount), &out)
        }
    }
}
