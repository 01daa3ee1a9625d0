/// How a window moves over the spatial dimensions of `Conv` and the pools.
struct Window: Sendable {
    enum Padding: String {
        case explicit = "NOTSET"
        case valid = "VALID"
        case sameUpper = "SAME_UPPER"
        case sameLower = "SAME_LOWER"
    }

    let padding: Padding
    /// Empty for convolutions, whose weights tell it.
    let kernel: [Int]
    let strides: [Int]
    let dilations: [Int]
    let pads: [Int]
    /// Windows that begin inside but end outside are kept.
    let roundsUp: Bool

    static func read(_ attributes: inout NodeAttributes) throws(KernelFailure) -> Window {
        let name = try attributes.text("auto_pad") ?? "NOTSET"
        guard let padding = Padding(rawValue: name) else { throw .refused("padding \(name)") }
        return Window(
            padding: padding, kernel: try sizes(&attributes, "kernel_shape", from: 1),
            strides: try sizes(&attributes, "strides", from: 1),
            dilations: try sizes(&attributes, "dilations", from: 1),
            pads: try sizes(&attributes, "pads", from: 0),
            roundsUp: try attributes.int("ceil_mode") ?? 0 != 0)
    }

    private static func sizes(
        _ attributes: inout NodeAttributes, _ name: String, from lowest: Int64
    ) throws(KernelFailure) -> [Int] {
        let values = try attributes.ints(name)
        guard values.allSatisfy({ (lowest...1 << 20).contains($0) }) else {
            throw .refused("\(name) \(values)")
        }
        return values.map { Int($0) }
    }

    /// One window of the output: which of its places lie inside of the input, and where there.
    struct Taps {
        /// The sizes of the output's spatial dimensions.
        var shape: [Int] = []
        /// Where each window's taps begin, and the end.
        var starts: [Int] = [0]
        /// The place in the window.
        var kernelPlaces: [Int] = []
        /// The place in the input's spatial dimensions.
        var inputPlaces: [Int] = []
        /// The places of each window that are inside or in the padding.
        var paddedCounts: [Int] = []

        var count: Int { paddedCounts.count }
        func range(_ index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }
    }

    /// One spatial dimension of the windows.
    private struct Line {
        var outputCount = 0
        /// For each window: its (place in the window, place in the input) pairs.
        var taps: [[(kernel: Int, input: Int)]] = []
        var paddedCounts: [Int] = []
    }

    /// The taps of all windows over an input of `shape` (spatial dimensions alone).
    func taps(
        over shape: [Int], kernel: [Int], _ meter: inout Meter
    ) throws(KernelFailure) -> Taps {
        let rank = shape.count
        guard rank > 0, kernel.count == rank, strides.isEmpty || strides.count == rank,
            dilations.isEmpty || dilations.count == rank, pads.isEmpty || pads.count == 2 * rank
        else { throw .refused("a window of \(kernel.count) dimensions over \(rank)") }
        var lines: [Line] = []
        for axis in 0..<rank { lines.append(try line(axis, shape[axis], kernel[axis], &meter)) }
        guard
            Shape.count(lines.map(\.outputCount) + kernel, max: ONNXLimits.tapCountMax) != nil
        else { throw .tooExpensive }
        return combine(lines, shape, kernel)
    }

    private func line(
        _ axis: Int, _ size: Int, _ kernel: Int, _ meter: inout Meter
    ) throws(KernelFailure) -> Line {
        let stride = strides.isEmpty ? 1 : strides[axis]
        let dilation = dilations.isEmpty ? 1 : dilations[axis]
        let extent = (kernel - 1) * dilation + 1
        var before = pads.isEmpty ? 0 : pads[axis]
        var after = pads.isEmpty ? 0 : pads[axis + (pads.count / 2)]
        if padding == .valid { (before, after) = (0, 0) }
        var line = Line()
        if padding == .sameUpper || padding == .sameLower {
            line.outputCount = (size + stride - 1) / stride
            let total = max(0, (line.outputCount - 1) * stride + extent - size)
            before = padding == .sameUpper ? total / 2 : total - total / 2
            after = total - before
        } else {
            let room = size + before + after - extent
            guard room >= 0 else { throw .refused("a window of \(extent) over \(size)") }
            line.outputCount = (roundsUp ? room + stride - 1 : room) / stride + 1
            // A window that would begin in the padding behind the input is none.
            if roundsUp, (line.outputCount - 1) * stride >= size + before { line.outputCount -= 1 }
        }
        _ = try meter.allow([line.outputCount, kernel])
        for output in 0..<line.outputCount {
            let places = (0..<kernel).map { ($0, output * stride - before + $0 * dilation) }
            line.taps.append(
                places.filter { $0.1 >= 0 && $0.1 < size }.map { (kernel: $0.0, input: $0.1) })
            line.paddedCounts.append(places.count { $0.1 < size + after })
        }
        return line
    }

    private func combine(_ lines: [Line], _ shape: [Int], _ kernel: [Int]) -> Taps {
        var taps = Taps(shape: lines.map(\.outputCount))
        let (kernelSteps, inputSteps) = (Shape.steps(kernel), Shape.steps(shape))
        let steps = Shape.steps(taps.shape)
        for index in 0..<taps.shape.reduce(1, *) {
            var own = [(kernel: 0, input: 0)]
            var padded = 1
            for (axis, line) in lines.enumerated() {
                let output = index / steps[axis] % line.outputCount
                padded *= line.paddedCounts[output]
                own = own.flatMap { before in
                    line.taps[output].map { tap in
                        (
                            kernel: before.kernel + tap.kernel * kernelSteps[axis],
                            input: before.input + tap.input * inputSteps[axis]
                        )
                    }
                }
            }
            taps.kernelPlaces += own.map(\.kernel)
            taps.inputPlaces += own.map(\.input)
            taps.starts.append(taps.kernelPlaces.count)
            taps.paddedCounts.append(padded)
        }
        return taps
    }
}
