/// Weights times columns, plus an intercept, for each class or target.
struct LinearRows: Sendable {
    let width: Int
    let count: Int
    /// One row of `width` weights for each class or target.
    let weights: [Float]
    let intercepts: [Float]

    init(weights: [Float], intercepts: [Float], count: Int) throws(KernelFailure) {
        guard count > 0, !weights.isEmpty, weights.count % count == 0 else {
            throw .refused("\(weights.count) coefficients for \(count) rows")
        }
        guard intercepts.isEmpty || intercepts.count == count else {
            throw .refused("\(intercepts.count) intercepts for \(count) rows")
        }
        self.count = count
        width = weights.count / count
        self.weights = weights
        self.intercepts =
            intercepts.isEmpty ? [Float](repeating: 0, count: count) : intercepts
    }

    /// The weights of one class.
    func row(_ index: Int) -> [Float] { Array(weights[index * width..<(index + 1) * width]) }

    func scores(
        _ inputs: Inputs, _ meter: inout Meter
    ) throws(KernelFailure) -> (count: Int, scores: [Float]) {
        let (rowCount, rowWidth, elements) = try inputs.rows(0)
        guard rowWidth == width else {
            throw .refused("\(rowWidth) columns, \(width) are needed")
        }
        try meter.spend(rowCount, width, count)
        var scores: [Float] = []
        scores.reserveCapacity(rowCount * count)
        for row in 0..<rowCount {
            for target in 0..<count {
                var sum: Float = 0
                for column in 0..<width {
                    sum += elements[row * width + column] * weights[target * width + column]
                }
                scores.append(sum + intercepts[target])
            }
        }
        return (rowCount, scores)
    }
}

/// `LinearClassifier`.
struct LinearClassifierKernel: Kernel, Classifying {
    let rows: LinearRows
    let labels: ClassLabels
    let transform: PostTransform
    /// One row of weights speaks for the second of two classes.
    var isBinary: Bool { rows.count == 1 }

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        // Says how the weights were found; the scores are the same.
        _ = try attributes.int("multi_class")
        let labels = try ClassLabels.read(
            &attributes, ints: "classlabels_ints", texts: "classlabels_strings")
        let weights = try attributes.floats("coefficients")
        let intercepts = try attributes.floats("intercepts")
        let transform = try PostTransform.read(&attributes)
        let isBinary = labels.count == 2 && intercepts.count == 1
        guard !isBinary || transform == .none || transform == .logistic else {
            throw .refused("\(transform.rawValue) of a single score")
        }
        return LinearClassifierKernel(
            rows: try LinearRows(
                weights: weights, intercepts: intercepts, count: isBinary ? 1 : labels.count),
            labels: labels, transform: transform)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (count, raw) = try rows.scores(inputs, &meter)
        var places: [Int] = []
        var scores: [Float] = []
        for row in 0..<count {
            if isBinary {
                let score = transform == .logistic ? PostTransform.logistic(raw[row]) : raw[row]
                places.append(raw[row] > 0 ? 1 : 0)
                scores += [1 - score, score]
            } else {
                var own = raw[row * rows.count..<(row + 1) * rows.count]
                places.append(own.placeOfHighest)
                transform.apply(to: &own)
                scores += own
            }
        }
        return [labels.value(places), .floats(Tensor([count, labels.count], scores))]
    }
}

/// `LinearRegressor`.
struct LinearRegressorKernel: Kernel {
    let rows: LinearRows
    let transform: PostTransform
    /// Scores become 1 above 0, else -1: for `SVMRegressor` of one class.
    var isOneClass = false

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        guard let targets = Int(exactly: try attributes.int("targets") ?? 1) else {
            throw .refused("targets")
        }
        let transform = try PostTransform.read(&attributes)
        return LinearRegressorKernel(
            rows: try LinearRows(
                weights: try attributes.floats("coefficients"),
                intercepts: try attributes.floats("intercepts"), count: targets),
            transform: transform)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (count, raw) = try rows.scores(inputs, &meter)
        var scores = isOneClass ? raw.map(OneClass.side) : raw
        for row in 0..<count {
            transform.apply(to: &scores[row * rows.count..<(row + 1) * rows.count])
        }
        return [.floats(Tensor([count, rows.count], scores))]
    }
}
