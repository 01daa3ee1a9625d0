import ModelCore
import ModelKernels

/// A block of rows on its way through the stages of a direct scorer.
struct RowBlock {
    /// The rows as they came, and where the first of the block begins.
    private let given: [Float]
    private let givenStart: Int
    private let givenWidth: Int
    let count: Int
    /// What the stages have made of them so far.
    private(set) var values: [Float]
    private var start: Int
    private(set) var width: Int

    init(_ rows: [Float], width: Int, from row: Int, count: Int) {
        (given, givenStart, givenWidth) = (rows, row * width, width)
        (values, start, self.width) = (given, givenStart, width)
        self.count = count
    }

    /// The block's values and nothing else.
    mutating func settled() -> [Float] {
        if values.count != count * width {
            values = Array(values[start..<start + count * width])
            start = 0
        }
        return values
    }

    mutating func replace(width: Int, _ make: (_ rows: [Float], _ start: Int) -> [Float]) {
        values = make(values, start)
        start = 0
        self.width = width
    }

    /// Changes the block's values where they are.
    mutating func change(_ body: (inout [Float], _ width: Int) -> Void) {
        if values.count != count * width { _ = settled() }
        body(&values, width)
    }

    /// Joins each column to a number of its own.
    mutating func join(_ row: [Float], _ joined: (Float, Float) -> Float) {
        change { values, width in
            for first in stride(from: 0, to: values.count, by: max(1, width)) {
                for column in 0..<width {
                    values[first + column] = joined(values[first + column], row[column])
                }
            }
        }
    }

    /// Adds columns that are 1 where one of the given ones has no number.
    mutating func mark(_ columns: [Int]) {
        var marked: [Float] = []
        marked.reserveCapacity(count * (width + columns.count))
        for row in 0..<count {
            marked += values[start + row * width..<start + (row + 1) * width]
            for column in columns {
                let value = given[givenStart + row * givenWidth + column]
                // As the graph has it: a value less itself.
                marked.append(value.isNaN ? 1 : value - value)
            }
        }
        values = marked
        start = 0
        width += columns.count
    }
}

/// One thing that a direct scorer does to a block of rows.
enum DirectStage: Sendable {
    case prepare(Preparation)
    /// Adds columns that say where a given one has no number.
    case mark([Int])
    /// A part of layers, as long as the stages are not joined.
    case layer(DenseLayer)
    case layers(DenseLayers)
    /// Adds one number to each column.
    case add([Float])
    /// Makes each column at least one number.
    case raise([Float])
    /// Makes each column at most one number.
    case lower([Float])
    case bend(DenseLayer.Bend)
    case machine(SupportRegressorKernel)

    /// How wide the rows are after it; nil where it can't work on rows of this width.
    func width(after width: Int, given: Int) -> Int? {
        switch self {
        case .prepare(let preparation): preparation.fits(width: width) ? width : nil
        case .mark(let columns):
            columns.allSatisfy((0..<given).contains) ? width + columns.count : nil
        case .layer(let layer): layer.inputCount == width ? layer.outputCount : nil
        case .layers(let layers): layers.inputCount == width ? layers.outputCount : nil
        // Only as a part of the layer before it.
        case .add: nil
        case .raise(let ends), .lower(let ends): ends.count == width ? width : nil
        case .bend: width
        case .machine(let machine): machine.vectors.width == width ? 1 : nil
        }
    }

    func run(_ block: inout RowBlock) {
        let count = block.count
        switch self {
        case .prepare(let preparation): block.change { preparation.apply(to: &$0, width: $1) }
        case .mark(let columns): block.mark(columns)
        case .layers(let layers):
            block.replace(width: layers.outputCount) { layers.run($0, from: $1, rowCount: count) }
        case .layer, .add: preconditionFailure("a part of no layers")
        case .raise(let ends): block.join(ends, ArithmeticKernel.highest)
        case .lower(let ends): block.join(ends, ArithmeticKernel.lowest)
        case .bend(let bend):
            let values = block.settled()
            block.replace(width: block.width) { _, _ in bend(values) }
        case .machine(let machine):
            let rows = block.settled()
            block.replace(width: 1) { _, _ in machine.scores(of: rows, count: count) }
        }
    }

    /// This stage and the one after it as one, where that is possible.
    func joined(_ next: DirectStage) -> DirectStage? {
        guard case .layer(let layer) = self, layer.bend == .none else { return nil }
        switch next {
        // A sum of products is never -0, so that adding the bias at once gives the same bits.
        case .add(let bias) where !layer.hasBias && bias.count == layer.outputCount:
            return .layer(layer.adding(bias))
        case .bend(let bend): return .layer(layer.bending(bend))
        default: return nil
        }
    }
}

/// What makes scores of classes of what the last stage made.
enum DirectEnd: Sendable {
    case nothing
    /// One column is the score of the second of two classes.
    case complement
    case softmax(SoftmaxKernel)
    case linear(LinearClassifierKernel)
    case machine(SupportVectorKernel)

    /// How many scores a row has; nil where it can't work on rows of this width.
    func classCount(after width: Int) -> Int? {
        switch self {
        case .nothing, .softmax: width
        case .complement: width == 1 ? 2 : nil
        case .linear(let linear): linear.rows.width == width ? linear.labels.count : nil
        case .machine(let machine): machine.vectors.width == width ? machine.scoreCount : nil
        }
    }

    func scores(of block: inout RowBlock) -> [Float] {
        let count = block.count
        switch self {
        case .nothing: return block.settled()
        case .complement: return block.settled().complemented
        case .softmax(let softmax):
            block.change { softmax.change(&$0, width: $1) }
            return block.values
        case .linear(let linear):
            block.replace(width: linear.rows.count) {
                linear.rows.scores(of: $0, from: $1, count: count)
            }
            return linear.scores(ofRaw: block.values, count: count)
        case .machine(let machine): return machine.scores(of: block.settled(), count: count)
        }
    }
}
