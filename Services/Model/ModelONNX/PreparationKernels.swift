import ModelCore

/// `Imputer` and `Scaler`.
struct PreparationKernel: Kernel {
    let preparation: Preparation

    @Sendable static func imputer(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let values = try attributes.floats("imputed_value_floats")
        let replaced = try attributes.float("replaced_value_float") ?? 0
        guard !values.isEmpty else { throw .refused("only floats can be imputed") }
        return PreparationKernel(preparation: .impute(replaced: replaced, values: values))
    }

    @Sendable static func scaler(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let offsets = try attributes.floats("offset")
        let scales = try attributes.floats("scale")
        guard !offsets.isEmpty, !scales.isEmpty else {
            throw .refused("offset or scale is missing")
        }
        return PreparationKernel(preparation: .scale(offsets: offsets, scales: scales))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let tensor = try inputs.floats(0)
        guard preparation.fits(width: tensor.width) else {
            throw .refused("\(tensor.width) columns do not fit")
        }
        try meter.spend(tensor.elements.count)
        var rows = tensor.elements
        preparation.apply(to: &rows, width: tensor.width)
        return [.floats(Tensor(tensor.shape, rows))]
    }
}

/// `Normalizer`: every row divided by its norm, unless that is zero.
struct NormalizerKernel: Kernel {
    enum Norm: String {
        /// The highest value, with its sign.
        case highest = "MAX"
        case sum = "L1"
        case length = "L2"
    }

    let norm: Norm

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let name = try attributes.text("norm") ?? "MAX"
        guard let norm = Norm(rawValue: name) else { throw .refused("norm \(name)") }
        return NormalizerKernel(norm: norm)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (count, width, elements) = try inputs.rows(0)
        try meter.spend(2 * elements.count)
        var rows = elements
        for row in 0..<count {
            let range = row * width..<(row + 1) * width
            let size = size(of: rows[range])
            if size != 0 { for index in range { rows[index] /= size } }
        }
        return [.floats(Tensor([count, width], rows))]
    }

    private func size(of row: ArraySlice<Float>) -> Float {
        switch norm {
        case .highest: PostTransform.highest(row)
        case .sum: row.reduce(0) { $0 + $1.magnitude }
        case .length: row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
    }
}

/// `ArrayFeatureExtractor`: picks columns by number.
struct ColumnsKernel: Kernel {
    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel { ColumnsKernel() }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let picks = try inputs.ints(1).elements
        switch try inputs.value(0) {
        case .floats(let tensor): return [.floats(try pick(picks, of: tensor, &meter))]
        case .ints(let tensor): return [.ints(try pick(picks, of: tensor, &meter))]
        case .texts(let tensor): return [.texts(try pick(picks, of: tensor, &meter))]
        }
    }

    private func pick<Element>(
        _ picks: [Int64], of tensor: Tensor<Element>, _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Element> {
        let width = tensor.width
        guard width > 0, picks.allSatisfy({ (0..<Int64(width)).contains($0) }) else {
            throw .refused("a picked column does not exist")
        }
        let rowCount = tensor.elements.count / width
        let shape = tensor.shape.count == 1 ? [1] : Array(tensor.shape.dropLast())
        _ = try meter.allow([rowCount, picks.count])
        var elements: [Element] = []
        for row in 0..<rowCount {
            for pick in picks { elements.append(tensor.elements[row * width + Int(pick)]) }
        }
        return Tensor(shape + [picks.count], elements)
    }
}
