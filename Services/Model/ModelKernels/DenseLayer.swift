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
        var out = [Float](repeating: 0, count: rowCount * outputCount)
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe out.withUnsafeMutableBufferPointer { out in
                unsafe run(
                    rows.baseAddress.map { unsafe $0 + start }, rowCount: rowCount,
                    into: out.baseAddress)
            }
        }
        return out
    }

    fileprivate func run(
        _ rows: UnsafePointer<Float>?, rowCount: Int, into out: UnsafeMutablePointer<Float>?
    ) {
        unsafe panels.with { panels in
            unsafe twin_dense(
                level.rawValue, panels, bias, bend.code, rows, Int64(rowCount),
                Int64(outputCount), out)
        }
    }
}

/// Layers one after the other: what is between them is kept nowhere.
public struct DenseLayers: Sendable {
    private let layers: [DenseLayer]
    private let widthMax: Int

    /// At least one; each must take what the one before it makes.
    public init(_ layers: [DenseLayer]) {
        precondition(!layers.isEmpty)
        precondition(zip(layers, layers.dropFirst()).allSatisfy { $0.outputCount == $1.inputCount })
        self.layers = layers
        widthMax = layers.dropLast().map(\.outputCount).max() ?? 0
    }

    public var inputCount: Int { layers[0].inputCount }
    public var outputCount: Int { layers[layers.count - 1].outputCount }

    /// What the layers make of `rowCount` rows, the first of which begins at `start`.
    public func run(_ rows: [Float], from start: Int = 0, rowCount: Int) -> [Float] {
        guard layers.count > 1 else {
            return layers[0].run(rows, from: start, rowCount: rowCount)
        }
        precondition(rowCount >= 0 && start >= 0 && rows.count - start >= rowCount * inputCount)
        var out = [Float](repeating: 0, count: rowCount * outputCount)
        let size = rowCount * widthMax
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * size) { halves in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    var from = unsafe rows.baseAddress.map { unsafe $0 + start }
                    for index in layers.indices {
                        let half = unsafe halves.baseAddress.map { unsafe $0 + index % 2 * size }
                        let to = unsafe index == layers.count - 1 ? out.baseAddress : half
                        unsafe layers[index].run(from, rowCount: rowCount, into: to)
                        unsafe from = unsafe to.map { unsafe UnsafePointer($0) }
                    }
                }
            }
        }
        return out
    }
}
