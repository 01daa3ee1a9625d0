/// `SVMClassifier` with support vectors: one against one, votes, and Platt's probabilities.
struct SupportVectorKernel: Kernel, Classifying {
    let labels: ClassLabels
    let vectors: SupportVectors
    /// Where each class's support vectors start, and the end.
    let starts: [Int]
    /// For each class but one: a row of coefficients of all support vectors.
    let coefficients: [Float]
    /// The same as the vectors take them, where there is but one pair of classes.
    let pairCoefficients: [Double]?
    /// For each pair of classes.
    let rho: [Float]
    /// For each pair of classes; empty where there are no probabilities.
    let plattA: [Float]
    let plattB: [Float]
    let transform: PostTransform

    var vectorCount: Int { vectors.count }
    var classCount: Int { starts.count - 1 }
    /// How many scores a row has.
    var scoreCount: Int {
        plattA.isEmpty && classCount > 2 ? classCount * (classCount - 1) / 2 : classCount
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (count, rows) = try vectors.rows(inputs, &meter)
        let (places, scores) = answers(rows, count: count)
        let scoreCount = count == 0 ? 0 : scores.count / count
        return [labels.value(places), .floats(Tensor([count, scoreCount], scores))]
    }

    /// The scores of `count` rows alone.
    func scores(of rows: [Float], count: Int) -> [Float] {
        pairMargins(rows, count: count).map(SupportVectorKernel.mirrored)
            ?? answers(rows, count: count).scores
    }

    /// Of two classes without a transform the margins are all that is needed.
    private func pairMargins(_ rows: [Float], count: Int) -> [Float]? {
        guard let pairCoefficients, plattA.isEmpty, transform == .none else { return nil }
        return vectors.sums(of: rows, count: count, coefficients: pairCoefficients).map {
            Float(Double(rho[0]) + $0)
        }
    }

    private static func mirrored(_ margins: [Float]) -> [Float] {
        var scores: [Float] = []
        scores.reserveCapacity(2 * margins.count)
        for margin in margins {
            scores.append(-margin)
            scores.append(margin)
        }
        return scores
    }

    private func answers(_ rows: [Float], count: Int) -> (places: [Int], scores: [Float]) {
        if let margins = pairMargins(rows, count: count) {
            return (margins.map { $0 > 0 ? 0 : 1 }, SupportVectorKernel.mirrored(margins))
        }
        var scores: [Float] = []
        var places: [Int] = []
        for (margins, votes) in margins(rows, count: count) {
            // The votes decide, even where the probabilities say otherwise.
            places.append(votes[...].placeOfHighest)
            if plattA.isEmpty {
                var own = classCount == 2 ? [-margins[0], margins[0]] : margins
                transform.apply(to: &own, at: own.indices)
                scores += own.map(Float.init)
            } else {
                scores += PairwiseCoupling.probabilities(
                    margins: margins, a: plattA, b: plattB, classCount: classCount)
            }
        }
        return (places, scores)
    }

    /// So many rows' kernels are held at once.
    private static let blockRowCount = 64

    /// For each row the decision values of the pairs of classes in order, and the classes' votes.
    private func margins(
        _ rows: [Float], count: Int
    ) -> [(margins: [Double], votes: [Float])] {
        if let pairCoefficients {
            return vectors.sums(of: rows, count: count, coefficients: pairCoefficients).map { sum in
                let margin = Double(rho[0]) + sum
                return ([margin], margin > 0 ? [1, 0] : [0, 1])
            }
        }
        return stride(from: 0, to: count, by: Self.blockRowCount).flatMap { start in
            let end = min(start + Self.blockRowCount, count)
            let kernels = vectors.kernels(rows, from: start, count: end - start)
            return (0..<end - start).map { row in
                let first = row * vectors.kernelStride
                return margins(kernels[first..<first + vectorCount])
            }
        }
    }

    private func margins(_ kernels: ArraySlice<Float>) -> (margins: [Double], votes: [Float]) {
        var margins: [Double] = []
        var votes = [Float](repeating: 0, count: classCount)
        for first in 0..<classCount {
            for second in first + 1..<max(first + 1, classCount) {
                var sum = Double(rho[margins.count])
                for (own, other) in [(first, second - 1), (second, first)] {
                    for vector in starts[own]..<starts[own + 1] {
                        sum +=
                            Double(coefficients[other * vectorCount + vector])
                            * Double(kernels[kernels.startIndex + vector])
                    }
                }
                margins.append(sum)
                votes[sum > 0 ? first : second] += 1
            }
        }
        return (margins, votes)
    }
}

extension SupportVectorKernel {
    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let labels = try ClassLabels.read(
            &attributes, ints: "classlabels_ints", texts: "classlabels_strings")
        guard (2...1_000).contains(labels.count) else { throw .refused("\(labels.count) classes") }
        let transform = try PostTransform.read(&attributes)
        if attributes.isEmpty("support_vectors") {
            return try linear(&attributes, labels, transform)
        }
        let starts = try starts(attributes.ints("vectors_per_class"))
        let vectors = try SupportVectors.read(&attributes, count: starts.last ?? 0)
        let coefficients = try attributes.floats("coefficients")
        let isPair = starts.count == 3 && coefficients.count == vectors.count
        let kernel = SupportVectorKernel(
            labels: labels, vectors: vectors, starts: starts, coefficients: coefficients,
            pairCoefficients: isPair ? vectors.padded(coefficients) : nil,
            rho: try attributes.floats("rho"), plattA: try attributes.floats("prob_a"),
            plattB: try attributes.floats("prob_b"), transform: transform)
        try kernel.check()
        return kernel
    }

    /// Without support vectors each class has a row of weights, all the same intercept.
    private static func linear(
        _ attributes: inout NodeAttributes, _ labels: ClassLabels, _ transform: PostTransform
    ) throws(KernelFailure) -> any Kernel {
        let kernel = try attributes.text("kernel_type") ?? "LINEAR"
        _ = try attributes.floats("kernel_params")
        let rho = try attributes.floats("rho")
        guard kernel == "LINEAR", let intercept = rho.first,
            rho.allSatisfy({ $0 == intercept }), try attributes.ints("vectors_per_class").isEmpty
        else { throw .refused("no support vectors, and not linear") }
        let intercepts = [Float](repeating: intercept, count: labels.count)
        return LinearClassifierKernel(
            rows: try LinearRows(
                weights: try attributes.floats("coefficients"), intercepts: intercepts,
                count: labels.count), labels: labels, transform: transform)
    }

    private static func starts(_ counts: [Int64]) throws(KernelFailure) -> [Int] {
        guard !counts.isEmpty else { throw .refused("no support vectors") }
        var starts = [0]
        for count in counts {
            guard (0...(1 << 24)).contains(count) else { throw .refused("\(count) vectors") }
            starts.append((starts.last ?? 0) + Int(count))
        }
        return starts
    }

    /// Every table must have the size that the others ask for.
    private func check() throws(KernelFailure) {
        let pairCount = classCount * (classCount - 1) / 2
        guard classCount == labels.count else {
            throw .refused("vectors of \(classCount) classes, \(labels.count) labels")
        }
        guard coefficients.count == (classCount - 1) * vectorCount else {
            throw .refused("\(coefficients.count) coefficients")
        }
        guard rho.count == pairCount, plattA.count == plattB.count,
            plattA.isEmpty || plattA.count == pairCount
        else { throw .refused("\(rho.count) values for \(pairCount) pairs of classes") }
        // Runtimes disagree about all but these.
        let isUsual = transform == .logistic || (classCount > 2 && transform != .probit)
        guard transform == .none || (plattA.isEmpty && isUsual) else {
            throw .refused("\(transform.rawValue) of \(classCount) classes")
        }
    }
}
