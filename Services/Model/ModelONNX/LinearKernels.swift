import ModelKernels

/// Weights times columns, plus an intercept, for each class or target.
struct LinearRows: Sendable {
    let width: Int
    let count: Int
    /// One row of `width` weights for each class or target.
    let weights: [Float]
    let intercepts: [Float]
    let layer: DenseLayer

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
        let width = width
        layer = DenseLayer(
            weights: (0..<width).flatMap { column in
                (0..<count).map { weights[$0 * width + column] }
            }, bias: self.intercepts, inputCount: width, outputCount: count)
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
        return (rowCount, scores(of: elements, from: 0, count: rowCount))
    }

    /// The scores of `rowCount` rows, the first of which begins at `start`.
    func scores(of rows: [Float], from start: Int, count rowCount: Int) -> [Float] {
        layer.run(rows, from: start, rowCount: rowCount)
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
        let places = (0..<count).map { row in
            isBinary
                ? (raw[row] > 0 ? 1 : 0)
                : raw[row * rows.count..<(row + 1) * rows.count].placeOfHighest
        }
        let scores = scores(ofRaw: raw, count: count)
        return [labels.value(places), .floats(Tensor([count, labels.count], scores))]
    }

    /// What becomes of the sums of `count` rows.
    func scores(ofRaw raw: [Float], count: Int) -> [Float] {
        var scores = raw
        if isBinary {
            transform.apply(to: &scores, at: 0..<count)
            return scores.complemented
        }
        for row in 0..<count {
            transform.apply(to: &scores, at: row * rows.count..<(row + 1) * rows.count)
        }
        return scores
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
            transform.apply(to: &scores, at: row * rows.count..<(row + 1) * rows.count)
        }
        return [.floats(Tensor([count, rows.count], scores))]
    }
}

extension [Float] {
    /// The complement of each number before it: the scores of two classes by that of the second.
    var complemented: [Float] {
        var pairs: [Float] = []
        pairs.reserveCapacity(2 * count)
        for score in self {
            pairs.append(1 - score)
            pairs.append(score)
        }
        return pairs
    }
}
