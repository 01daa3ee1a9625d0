/// Why a node can't be compiled or run.
enum KernelFailure: Error {
    case refused(String)
    case tooExpensive
}

/// Counts what a run costs, and ends it at its bound.
struct Meter {
    private(set) var operationsSpent = 0
    /// Elements of all values that were made.
    private(set) var elementsMade = 0

    mutating func spend(_ operations: Int) throws(KernelFailure) {
        guard operations <= ONNXLimits.operationCountMax - operationsSpent else {
            throw .tooExpensive
        }
        operationsSpent += operations
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

    /// Counts a value that stays for other nodes.
    mutating func keep(_ value: Value) throws(KernelFailure) {
        guard value.count <= ONNXLimits.keptElementCountMax - elementsMade else {
            throw .tooExpensive
        }
        elementsMade += value.count
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

    /// All inputs, none of which may be missing, and at least one.
    func all() throws(KernelFailure) -> [Value] {
        var found = [try value(0)]
        for index in 1..<max(1, count) { found.append(try value(index)) }
        return found
    }

    /// Numbers in single precision; others are rounded to it.
    func floats(_ index: Int) throws(KernelFailure) -> Tensor<Float> {
        switch try value(index) {
        case .floats(let tensor): return tensor
        case .doubles(let tensor): return tensor.map { Float($0) }
        case .ints(let tensor): return tensor.map { Float($0) }
        case .truths(let tensor): return tensor.map { $0 ? 1 : 0 }
        case .texts: throw .refused("input \(index) is text")
        }
    }

    func ints(_ index: Int) throws(KernelFailure) -> Tensor<Int64> {
        guard case .ints(let tensor) = try value(index) else {
            throw .refused("input \(index) is not of whole numbers")
        }
        return tensor
    }

    func truths(_ index: Int) throws(KernelFailure) -> Tensor<Bool> {
        guard case .truths(let tensor) = try value(index) else {
            throw .refused("input \(index) is not of truth values")
        }
        return tensor
    }

    /// Real numbers, as they are computed with.
    func reals(_ index: Int) throws(KernelFailure) -> Reals {
        guard let reals = try Reals(value(index)) else {
            throw .refused("input \(index) is not of numbers that can be computed with")
        }
        return reals
    }

    /// The single whole number that an input holds; nil where it is left out.
    func whole(_ index: Int) throws(KernelFailure) -> Int64? {
        guard optional(index) != nil else { return nil }
        let tensor = try ints(index)
        guard tensor.elements.count == 1 else { throw .refused("input \(index) is not one number") }
        return tensor.elements[0]
    }

    /// Rows of numbers: one row where the input has one dimension.
    func rows(_ index: Int) throws(KernelFailure) -> (count: Int, width: Int, elements: [Float]) {
        let tensor = try floats(index)
        let (count, width) = try Inputs.rows(of: tensor.shape)
        return (count, width, tensor.elements)
    }

    /// As ``rows(_:)``, nothing rounded.
    func wideRows(
        _ index: Int
    ) throws(KernelFailure) -> (count: Int, width: Int, elements: [Double]) {
        let tensor = try reals(index).tensor
        let (count, width) = try Inputs.rows(of: tensor.shape)
        return (count, width, tensor.elements)
    }

    private static func rows(of shape: [Int]) throws(KernelFailure) -> (count: Int, width: Int) {
        switch shape.count {
        case 1: return (1, shape[0])
        case 2: return (shape[0], shape[1])
        default: throw .refused("\(shape.count) dimensions")
        }
    }
}
