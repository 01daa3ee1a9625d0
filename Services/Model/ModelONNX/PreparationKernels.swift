import ModelCore

/// `Imputer` and `Scaler`.
struct PreparationKernel: Kernel {
    let preparation: Preparation

    @Sendable static func imputer(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let wholes = try attributes.ints("imputed_value_int64s")
        let replacedWhole = try attributes.int("replaced_value_int64") ?? 0
        if !wholes.isEmpty {
            return WholeImputerKernel(replaced: replacedWhole, values: wholes)
        }
        let values = try attributes.floats("imputed_value_floats")
        let replaced = try attributes.float("replaced_value_float") ?? 0
        guard !values.isEmpty else { throw .refused("no values to impute") }
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

/// `Imputer` of whole numbers.
struct WholeImputerKernel: Kernel {
    let replaced: Int64
    let values: [Int64]

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let tensor = try inputs.ints(0)
        guard values.count == 1 || values.count == tensor.width else {
            throw .refused("\(tensor.width) columns do not fit")
        }
        try meter.spend(tensor.elements.count)
        let elements = tensor.elements.enumerated().map { index, value in
            value == replaced ? values[values.count == 1 ? 0 : index % values.count] : value
        }
        return [.ints(Tensor(tensor.shape, elements))]
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
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (value, picks) = (try inputs.value(0), try inputs.ints(1).elements)
        let width = value.shape.last ?? 1
        guard width > 0, picks.allSatisfy({ (0..<Int64(width)).contains($0) }) else {
            throw .refused("a picked column does not exist")
        }
        let rowCount = value.count / width
        let shape = value.shape.count <= 1 ? [1] : Array(value.shape.dropLast())
        var places: [Int] = []
        places.reserveCapacity(try meter.allow([rowCount, picks.count]))
        for row in 0..<rowCount { for pick in picks { places.append(row * width + Int(pick)) } }
        return [value.picking(places, shape + [picks.count])]
    }
}
