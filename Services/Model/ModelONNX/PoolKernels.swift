/// `MaxPool` and `AveragePool`.
struct PoolKernel: Kernel {
    enum Form: Sendable {
        case highest(isColumnMajor: Bool)
        case average(countsPadding: Bool)
    }

    let form: Form
    let window: Window

    @Sendable static func highest(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let isColumnMajor = try attributes.int("storage_order") ?? 0 != 0
        return try PoolKernel(form: .highest(isColumnMajor: isColumnMajor), &attributes)
    }

    @Sendable static func average(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let countsPadding = try attributes.int("count_include_pad") ?? 0 != 0
        return try PoolKernel(form: .average(countsPadding: countsPadding), &attributes)
    }

    private init(form: Form, _ attributes: inout NodeAttributes) throws(KernelFailure) {
        self.form = form
        window = try Window.read(&attributes)
        guard !window.kernel.isEmpty else { throw .refused("kernel_shape is missing") }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let image = try inputs.reals(0)
        guard image.shape.count >= 3 else { throw .refused("\(image.shape.count) dimensions") }
        let spatial = Array(image.shape[2...])
        let taps = try window.taps(over: spatial, kernel: window.kernel, &meter)
        let planes = image.shape[0] * image.shape[1]
        let shape = image.shape[..<2] + taps.shape
        _ = try meter.allow(Array(shape))
        try meter.spend(planes, taps.inputPlaces.count + taps.count)
        let size = spatial.reduce(1, *)
        var elements: [Double] = []
        var places: [Int64] = []
        for plane in 0..<planes {
            let own = image.elements[plane * size..<(plane + 1) * size]
            switch form {
            case .average(let countsPadding):
                elements += average(own, taps, countsPadding: countsPadding)
            case .highest(let isColumnMajor):
                for index in 0..<taps.count {
                    let (value, place) = PoolKernel.highest(own, taps, index)
                    elements.append(value)
                    let inPlane = isColumnMajor ? Self.columnMajor(place, spatial) : place
                    places.append(Int64(plane * size + inPlane))
                }
            }
        }
        let pooled = try image.value(Array(shape), elements)
        guard case .highest = form else { return [pooled] }
        return [pooled, .ints(Tensor(Array(shape), places))]
    }

    private func average(
        _ plane: ArraySlice<Double>, _ taps: Window.Taps, countsPadding: Bool
    ) -> [Double] {
        (0..<taps.count).map { index in
            let own = taps.inputPlaces[taps.range(index)]
            let sum = own.reduce(0) { $0 + plane[plane.startIndex + $1] }
            return sum / Double(countsPadding ? taps.paddedCounts[index] : own.count)
        }
    }

    /// The highest number of a window, or its NaN, and its place.
    private static func highest(
        _ plane: ArraySlice<Double>, _ taps: Window.Taps, _ index: Int
    ) -> (value: Double, place: Int) {
        var best = (value: -Double.infinity, place: 0)
        for place in taps.inputPlaces[taps.range(index)] {
            let value = plane[plane.startIndex + place]
            if value > best.value || value.isNaN { best = (value, place) }
            if value.isNaN { break }
        }
        return best
    }

    /// A place counted with the first dimension fastest.
    private static func columnMajor(_ place: Int, _ shape: [Int]) -> Int {
        var (place, result, step) = (place, 0, shape.reduce(1, *))
        for size in shape.reversed() {
            step /= max(1, size)
            result += place % size * step
            place /= size
        }
        return result
    }
}

/// `GlobalAveragePool` and `GlobalMaxPool`.
struct GlobalPoolKernel: Kernel {
    let isHighest: Bool

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let image = try inputs.reals(0)
        guard image.shape.count >= 3 else { throw .refused("\(image.shape.count) dimensions") }
        try meter.spend(image.elements.count)
        let size = image.shape[2...].reduce(1, *)
        let elements = (0..<image.shape[0] * image.shape[1]).map { plane in
            let own = image.elements[plane * size..<(plane + 1) * size]
            return isHighest
                ? own.reduce(-.infinity, ArithmeticKernel.highest)
                : own.reduce(0, +) / Double(size)
        }
        let shape = image.shape[..<2] + image.shape[2...].map { _ in 1 }
        return [try image.value(Array(shape), elements)]
    }
}
