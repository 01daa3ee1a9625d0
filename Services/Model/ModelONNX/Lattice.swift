/// Where the elements of a result come from: for each dimension, how far each of its places is
/// from the source's first element.
///
/// Transposing, slicing, repeating, padding and picking differ in these lists and in nothing else.
struct Lattice {
    private let offsets: [[Int]]

    var shape: [Int] { offsets.map(\.count) }

    /// The lists must be as bounded as the shape that they make.
    init(_ offsets: [[Int]]) { self.offsets = offsets }

    /// The places in the source, all dimensions of the result run through, the last one fastest.
    func places(_ meter: inout Meter) throws(KernelFailure) -> [Int] {
        let count = try meter.allow(shape)
        var places = [0]
        places.reserveCapacity(count)
        for list in offsets {
            if list.count == 1 {
                if list[0] != 0 { places = places.map { $0 + list[0] } }
                continue
            }
            var next: [Int] = []
            next.reserveCapacity(places.count * list.count)
            for place in places { for offset in list { next.append(place + offset) } }
            places = next
        }
        return places
    }

    /// The value read in this order.
    func read(_ value: Value, _ meter: inout Meter) throws(KernelFailure) -> Value {
        value.picking(try places(&meter), shape)
    }
}

/// How tensors of unlike shapes meet: from the last dimension on, a size of 1 is repeated.
enum Broadcast {
    static func shape(_ left: [Int], _ right: [Int]) throws(KernelFailure) -> [Int] {
        let rank = max(left.count, right.count)
        var shape: [Int] = []
        for axis in 0..<rank {
            let first = size(left, axis, rank)
            let second = size(right, axis, rank)
            guard first == second || first == 1 || second == 1 else {
                throw .refused("shapes \(left) and \(right) do not meet")
            }
            shape.append(first == 1 ? second : first)
        }
        return shape
    }

    /// The size along `axis` of `rank`, counted from the last.
    private static func size(_ shape: [Int], _ axis: Int, _ rank: Int) -> Int {
        let own = axis - (rank - shape.count)
        return own < 0 ? 1 : shape[own]
    }

    /// How a value of one shape is read as another that ``shape(_:_:)`` made of it.
    static func lattice(
        _ own: [Int], to shape: [Int], _ meter: inout Meter
    ) throws(KernelFailure) -> Lattice {
        guard try self.shape(own, shape) == shape else {
            throw .refused("shape \(own) does not fit \(shape)")
        }
        _ = try meter.allow(shape)
        let steps = Shape.steps(own)
        let missing = shape.count - own.count
        return Lattice(
            shape.enumerated().map { axis, size in
                guard axis >= missing, own[axis - missing] != 1 else {
                    return [Int](repeating: 0, count: size)
                }
                return (0..<size).map { $0 * steps[axis - missing] }
            })
    }

    /// The tensor repeated to a shape that ``shape(_:_:)`` made of its own.
    static func expand<Element>(
        _ tensor: Tensor<Element>, to shape: [Int], _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Element> {
        if tensor.shape == shape { return tensor }
        let lattice = try lattice(tensor.shape, to: shape, &meter)
        return tensor.picking(try lattice.places(&meter), shape)
    }

    /// Joins two tensors element by element.
    static func join<Left, Right, Result>(
        _ left: Tensor<Left>, _ right: Tensor<Right>, _ meter: inout Meter,
        _ join: (Left, Right) -> Result
    ) throws(KernelFailure) -> Tensor<Result> {
        if right.elements.count == 1, right.shape.count <= left.shape.count {
            // A number with each element: the commonest case, and nothing is repeated.
            try meter.spend(left.elements.count)
            let number = right.elements[0]
            return left.map { join($0, number) }
        }
        let shape = try Broadcast.shape(left.shape, right.shape)
        let first = try expand(left, to: shape, &meter)
        let second = try expand(right, to: shape, &meter)
        try meter.spend(first.elements.count)
        return Tensor(shape, zip(first.elements, second.elements).map(join))
    }
}

/// Dimensions by number, negative ones from the last.
enum Axis {
    static func place(_ axis: Int, rank: Int) throws(KernelFailure) -> Int {
        guard axis >= -rank, axis < rank else { throw .refused("axis \(axis) of \(rank)") }
        return axis < 0 ? axis + rank : axis
    }

    /// Each axis once, as the file lists them.
    static func places(_ axes: [Int64], rank: Int) throws(KernelFailure) -> [Int] {
        var places: [Int] = []
        for axis in axes {
            let place = try place(Int(axis), rank: rank)
            guard !places.contains(place) else { throw .refused("axis \(axis) twice") }
            places.append(place)
        }
        return places
    }
}

/// The runs of elements along one dimension of a shape.
struct Lanes {
    let length: Int
    /// How far apart two elements of a lane are.
    let step: Int
    private let outer: Int

    init(_ shape: [Int], axis: Int) {
        length = shape[axis]
        step = shape[(axis + 1)...].reduce(1, *)
        outer = shape[..<axis].reduce(1, *)
    }

    /// Where each lane begins.
    var starts: some Sequence<Int> {
        (0..<outer * step).lazy.map { ($0 / max(1, step)) * length * step + $0 % max(1, step) }
    }

    /// The places of the lane that begins at `start`.
    func places(_ start: Int) -> StrideTo<Int> {
        stride(from: start, to: start + length * step, by: max(1, step))
    }
}
