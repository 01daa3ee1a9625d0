/// `Conv` over any number of spatial dimensions, in groups.
struct ConvolutionKernel: Kernel {
    let window: Window
    let groups: Int

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        guard let groups = Int(exactly: try attributes.int("group") ?? 1),
            (1...1 << 20).contains(groups)
        else { throw .refused("group") }
        return ConvolutionKernel(window: try Window.read(&attributes), groups: groups)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (image, weights) = (try inputs.reals(0), try inputs.reals(1))
        let bias = inputs.optional(2) == nil ? nil : try inputs.reals(2)
        guard image.shape.count >= 3, weights.shape.count == image.shape.count,
            image.kind != .whole, weights.kind == image.kind,
            bias.map({ $0.kind == image.kind }) ?? true
        else { throw .refused("\(weights.shape) over \(image.shape)") }
        let (batch, channels) = (image.shape[0], image.shape[1])
        let (features, depth) = (weights.shape[0], weights.shape[1])
        let kernel = Array(weights.shape[2...])
        guard channels == depth * groups, features % groups == 0,
            bias.map({ $0.shape == [features] }) ?? true,
            window.kernel.isEmpty || window.kernel == kernel
        else { throw .refused("\(weights.shape) over \(image.shape) in \(groups) groups") }
        let taps = try window.taps(over: Array(image.shape[2...]), kernel: kernel, &meter)
        let shape = [batch, features] + taps.shape
        let count = try meter.allow(shape)
        try meter.spend(count, depth, kernel.reduce(1, *))
        var elements: [Double] = []
        elements.reserveCapacity(count)
        let inputSize = image.shape[2...].reduce(1, *)
        let kernelSize = kernel.reduce(1, *)
        for item in 0..<batch {
            for feature in 0..<features {
                let first = feature / (features / groups) * depth
                let start = (item * channels + first) * inputSize
                elements += ConvolutionKernel.plane(
                    image.elements[start..<start + depth * inputSize],
                    weights.elements[
                        feature * depth * kernelSize..<(feature + 1) * depth * kernelSize],
                    bias: bias?.elements[feature] ?? 0, depth: depth, taps)
            }
        }
        return [try image.value(shape, elements)]
    }

    /// One feature over one image.
    private static func plane(
        _ image: ArraySlice<Double>, _ weights: ArraySlice<Double>, bias: Double, depth: Int,
        _ taps: Window.Taps
    ) -> [Double] {
        guard depth > 0 else { return [Double](repeating: bias, count: taps.count) }
        let (inputSize, kernelSize) = (image.count / depth, weights.count / depth)
        return image.withUnsafeBufferPointer { image in
            weights.withUnsafeBufferPointer { weights in
                (0..<taps.count).map { index in
                    var sum = bias
                    for channel in 0..<depth {
                        for tap in taps.range(index) {
                            sum +=
                                image[channel * inputSize + taps.inputPlaces[tap]]
                                * weights[channel * kernelSize + taps.kernelPlaces[tap]]
                        }
                    }
                    return sum
                }
            }
        }
    }
}
