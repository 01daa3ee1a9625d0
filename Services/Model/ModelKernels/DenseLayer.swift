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
    public private(set) var bend: Bend
    private let panels: Panels
    private var bias: [Float]
    public private(set) var hasBias: Bool
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
        hasBias = !bias.isEmpty
        panels = Panels(
            count: outputCount, width: inputCount, curve: .linear, from: weights
        ) { output, input in input * outputCount + output }
        self.bias = bias + [Float](repeating: 0, count: panels.paddedCount - bias.count)
    }

    /// The layer with its sums bent otherwise.
    public func bending(_ bend: Bend) -> DenseLayer {
        var layer = self
        layer.bend = bend
        return layer
    }

    /// The layer with another bias, one for each output.
    public func adding(_ bias: [Float]) -> DenseLayer {
        precondition(bias.count == outputCount)
        var layer = self
        layer.bias.replaceSubrange(..<outputCount, with: bias)
        layer.hasBias = true
        return layer
    }

    /// What the layer makes of `rowCount` rows, the first of which begins at `start`.
    public func run(_ rows: [Float], from start: Int = 0, rowCount: Int) -> [Float] {
        precondition(rowCount >= 0 && start >= 0 && rows.count - start >= rowCount * inputCount)
        let count = rowCount * outputCount
        return unsafe [Float](unsafeUninitializedCapacity: count) { out, written in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe panels.with { panels in
                    unsafe twin_dense(
                        level.rawValue, panels, bias, bend.code,
                        rows.baseAddress.map { unsafe $0 + start }, Int64(rowCount),
                        Int64(outputCount), out.baseAddress)
                }
            }
            written = count
        }
    }
}
