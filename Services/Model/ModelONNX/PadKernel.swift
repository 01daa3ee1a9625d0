/// `Pad`, its widths as attribute (before version 11) or input.
struct PadKernel: Kernel {
    enum Mode: String {
        case constant
        case reflect
        case edge
        case wrap
    }

    let mode: Mode
    let widths: [Int64]
    let fill: Float

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let name = try attributes.text("mode") ?? "constant"
        guard let mode = Mode(rawValue: name) else { throw .refused("mode \(name)") }
        return PadKernel(
            mode: mode, widths: try attributes.ints("pads"),
            fill: try attributes.float("value") ?? 0)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        let rank = value.shape.count
        let widths = inputs.optional(1) == nil ? self.widths : try inputs.ints(1).elements
        let axes =
            inputs.optional(3) == nil
            ? Array(0..<rank) : try Axis.places(inputs.ints(3).elements, rank: rank)
        guard widths.count == 2 * axes.count else { throw .refused("\(widths.count) pads") }
        var before = [Int](repeating: 0, count: rank)
        var shape = value.shape
        for (index, axis) in axes.enumerated() {
            let (first, last) = (widths[index], widths[index + axes.count])
            let bound = Int64(ONNXLimits.elementCountMax)
            guard first.magnitude <= bound, last.magnitude <= bound else { throw .tooExpensive }
            before[axis] = Int(first)
            shape[axis] += Int(first) + Int(last)
            guard shape[axis] >= 0 else { throw .refused("pads \(widths)") }
        }
        _ = try meter.allow(shape)
        let steps = Shape.steps(value.shape)
        // A place that is padded lies so far before the first that no other dimension brings it
        // back.
        let outside = -8 * (ONNXLimits.byteCountMax + 1)
        var lists: [[Int]] = []
        for axis in shape.indices {
            var list: [Int] = []
            for index in 0..<shape[axis] {
                let own = try source(index - before[axis], of: value.shape[axis])
                list.append(own.map { $0 * steps[axis] } ?? outside)
            }
            lists.append(list)
        }
        let places = try Lattice(lists).places(&meter)
        let whole = try Value.chained([value, filling(inputs, like: value)])
        return [whole.picking(places.map { $0 < 0 ? value.count : $0 }, shape)]
    }

    /// Where a place outside is read from; nil where it is filled.
    private func source(_ index: Int, of size: Int) throws(KernelFailure) -> Int? {
        if index >= 0 && index < size { return index }
        guard mode != .constant else { return nil }
        guard size > 0 else { throw .refused("an empty dimension is padded with itself") }
        func modulo(_ period: Int) -> Int { (index % period + period) % period }
        switch mode {
        case .constant: return nil
        case .edge: return index < 0 ? 0 : size - 1
        case .wrap: return modulo(size)
        case .reflect:
            guard size > 1 else { return 0 }
            let place = modulo(2 * size - 2)
            return place < size ? place : 2 * size - 2 - place
        }
    }

    private func filling(_ inputs: Inputs, like value: Value) throws(KernelFailure) -> Value {
        if let given = inputs.optional(2) {
            guard given.count == 1 else { throw .refused("\(given.count) values to fill with") }
            return given
        }
        switch value {
        case .floats: return .floats(Tensor([1], [fill]))
        case .doubles: return .doubles(Tensor([1], [Double(fill)]))
        case .ints:
            guard let whole = Int64(exactly: fill) else { throw .refused("value \(fill)") }
            return .ints(Tensor([1], [whole]))
        case .truths: return .truths(Tensor([1], [fill != 0]))
        case .texts: return .texts(Tensor([1], [""]))
        }
    }
}
