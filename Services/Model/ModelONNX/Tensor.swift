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

    /// The elements at `places`, all of which exist, in a shape of as many.
    func picking(_ places: [Int], _ shape: [Int]) -> Tensor {
        Tensor(shape, places.map { elements[$0] })
    }
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

    /// How far apart neighbours along each dimension are.
    static func steps(_ shape: [Int]) -> [Int] {
        var steps = shape
        var step = 1
        for axis in shape.indices.reversed() {
            steps[axis] = step
            step *= shape[axis]
        }
        return steps
    }
}

/// What flows along an edge of a graph.
enum Value: Sendable {
    case floats(Tensor<Float>)
    case doubles(Tensor<Double>)
    /// Whole numbers of 32 or 64 bits; the former do not wrap around.
    case ints(Tensor<Int64>)
    case truths(Tensor<Bool>)
    case texts(Tensor<String>)

    var shape: [Int] {
        switch self {
        case .floats(let tensor): tensor.shape
        case .doubles(let tensor): tensor.shape
        case .ints(let tensor): tensor.shape
        case .truths(let tensor): tensor.shape
        case .texts(let tensor): tensor.shape
        }
    }

    /// The number of elements.
    var count: Int {
        switch self {
        case .floats(let tensor): tensor.elements.count
        case .doubles(let tensor): tensor.elements.count
        case .ints(let tensor): tensor.elements.count
        case .truths(let tensor): tensor.elements.count
        case .texts(let tensor): tensor.elements.count
        }
    }

    /// The same elements, in another shape of equal size.
    func reshaped(_ shape: [Int]) -> Value {
        switch self {
        case .floats(let tensor): .floats(tensor.reshaped(shape))
        case .doubles(let tensor): .doubles(tensor.reshaped(shape))
        case .ints(let tensor): .ints(tensor.reshaped(shape))
        case .truths(let tensor): .truths(tensor.reshaped(shape))
        case .texts(let tensor): .texts(tensor.reshaped(shape))
        }
    }

    /// The elements at `places`, all of which exist, in a shape of as many.
    func picking(_ places: [Int], _ shape: [Int]) -> Value {
        switch self {
        case .floats(let tensor): .floats(tensor.picking(places, shape))
        case .doubles(let tensor): .doubles(tensor.picking(places, shape))
        case .ints(let tensor): .ints(tensor.picking(places, shape))
        case .truths(let tensor): .truths(tensor.picking(places, shape))
        case .texts(let tensor): .texts(tensor.picking(places, shape))
        }
    }

    /// The elements of all values, which must be of one type, one after the other.
    static func chained(_ values: [Value]) throws(KernelFailure) -> Value {
        guard let first = values.first else { throw .refused("no inputs") }
        if values.count == 1 { return first.reshaped([first.count]) }
        func chain<Element>(
            _ wrap: (Tensor<Element>) -> Value, _ tensor: (Value) -> Tensor<Element>?
        ) throws(KernelFailure) -> Value {
            var elements: [Element] = []
            for value in values {
                guard let own = tensor(value) else { throw .refused("inputs of unlike types") }
                elements += own.elements
            }
            return wrap(Tensor([elements.count], elements))
        }
        switch first {
        case .floats:
            return try chain(Value.floats) { if case .floats(let t) = $0 { t } else { nil } }
        case .doubles:
            return try chain(Value.doubles) { if case .doubles(let t) = $0 { t } else { nil } }
        case .ints: return try chain(Value.ints) { if case .ints(let t) = $0 { t } else { nil } }
        case .truths:
            return try chain(Value.truths) { if case .truths(let t) = $0 { t } else { nil } }
        case .texts: return try chain(Value.texts) { if case .texts(let t) = $0 { t } else { nil } }
        }
    }
}
