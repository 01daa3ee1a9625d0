/// Numbers, or texts, in rows: the last dimension runs fastest.
struct Tensor<Element: Sendable>: Sendable {
    let shape: [Int]
    let elements: [Element]

    /// `elements` must be as many as `shape` says.
    init(_ shape: [Int], _ elements: [Element]) {
        self.shape = shape
        self.elements = elements
    }

    func map<Other>(_ change: (Element) -> Other) -> Tensor<Other> {
        Tensor<Other>(shape, elements.map(change))
    }

    /// The last dimension; 1 for a single number.
    var width: Int { shape.last ?? 1 }

    /// The same elements, in another shape of equal size.
    func reshaped(_ shape: [Int]) -> Tensor { Tensor(shape, elements) }
}

/// Sizes along dimensions.
enum Shape {
    /// The number of elements; nil if a dimension is negative or the number is above `max`.
    ///
    /// Empty dimensions count as 1 towards `max`: no product of some of a shape's dimensions
    /// overflows.
    static func count(_ shape: [Int], max: Int) -> Int? {
        var size = 1
        for dimension in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: Swift.max(1, dimension))
            guard dimension >= 0, !overflow, product <= max else { return nil }
            size = product
        }
        return shape.contains(0) ? 0 : size
    }
}

/// What flows along an edge of a graph.
enum Value: Sendable {
    case floats(Tensor<Float>)
    /// Also the truth values, as 0 and 1.
    case ints(Tensor<Int64>)
    case texts(Tensor<String>)

    var shape: [Int] {
        switch self {
        case .floats(let tensor): tensor.shape
        case .ints(let tensor): tensor.shape
        case .texts(let tensor): tensor.shape
        }
    }

    func reshaped(_ shape: [Int]) -> Value {
        switch self {
        case .floats(let tensor): .floats(tensor.reshaped(shape))
        case .ints(let tensor): .ints(tensor.reshaped(shape))
        case .texts(let tensor): .texts(tensor.reshaped(shape))
        }
    }
}

/// Why a node can't be compiled or run.
enum KernelFailure: Error {
    case refused(String)
    case tooExpensive
}

/// Counts what a run costs, and ends it at its bound.
struct Meter {
    private var operationsLeft = ONNXLimits.operationCountMax

    mutating func spend(_ operations: Int) throws(KernelFailure) {
        guard operations <= operationsLeft else { throw .tooExpensive }
        operationsLeft -= operations
    }

    /// The number of elements of a value of this shape, if it may be made.
    mutating func allow(_ shape: [Int]) throws(KernelFailure) -> Int {
        guard let count = Shape.count(shape, max: ONNXLimits.elementCountMax) else {
            throw .tooExpensive
        }
        try spend(count)
        return count
    }

    /// The cost of a product of sizes.
    mutating func spend(_ first: Int, _ second: Int, _ third: Int = 1) throws(KernelFailure) {
        let (pair, pairOverflow) = first.multipliedReportingOverflow(by: second)
        let (all, overflow) = pair.multipliedReportingOverflow(by: third)
        guard !pairOverflow, !overflow else { throw .tooExpensive }
        try spend(all)
    }
}

/// The arithmetic of one node; immutable.
protocol Kernel: Sendable {
    /// One value for each of the node's outputs.
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value]
}

/// A node's inputs; nil where an optional one is left out.
struct Inputs {
    let values: [Value?]

    var count: Int { values.count }

    func value(_ index: Int) throws(KernelFailure) -> Value {
        guard index < values.count, let value = values[index] else {
            throw .refused("input \(index) is missing")
        }
        return value
    }

    func optional(_ index: Int) -> Value? { index < values.count ? values[index] : nil }

    /// Numbers; whole ones are converted.
    func floats(_ index: Int) throws(KernelFailure) -> Tensor<Float> {
        switch try value(index) {
        case .floats(let tensor): return tensor
        case .ints(let tensor): return tensor.map { Float($0) }
        case .texts: throw .refused("input \(index) is text")
        }
    }

    func ints(_ index: Int) throws(KernelFailure) -> Tensor<Int64> {
        guard case .ints(let tensor) = try value(index) else {
            throw .refused("input \(index) is not of whole numbers")
        }
        return tensor
    }

    /// Rows of numbers: one row where the input has one dimension.
    func rows(_ index: Int) throws(KernelFailure) -> (count: Int, width: Int, elements: [Float]) {
        let tensor = try floats(index)
        switch tensor.shape.count {
        case 1: return (1, tensor.shape[0], tensor.elements)
        case 2: return (tensor.shape[0], tensor.shape[1], tensor.elements)
        default: throw .refused("\(tensor.shape.count) dimensions")
        }
    }
}
