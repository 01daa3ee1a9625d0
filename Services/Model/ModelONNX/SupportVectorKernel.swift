import ModelCore

/// `SVMClassifier` with support vectors: one against one, votes, and Platt's probabilities.
struct SupportVectorKernel: Kernel, Classifying {
    enum Curve: String {
        case linear = "LINEAR"
        case polynomial = "POLY"
        case radial = "RBF"
        case sigmoid = "SIGMOID"
    }

    let labels: ClassLabels
    let curve: Curve
    let gamma: Double
    let offset: Double
    let degree: Int
    /// Row after row.
    let vectors: [Float]
    let width: Int
    /// Where each class's support vectors start, and the end.
    let starts: [Int]
    /// For each class but one: a row of coefficients of all support vectors.
    let coefficients: [Float]
    /// For each pair of classes.
    let rho: [Float]
    /// For each pair of classes; empty where there are no probabilities.
    let plattA: [Float]
    let plattB: [Float]

    var vectorCount: Int { starts.last ?? 0 }
    var classCount: Int { starts.count - 1 }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (count, rowWidth, elements) = try inputs.rows(0)
        guard rowWidth == width else { throw .refused("\(rowWidth) columns, \(width) are needed") }
        try meter.spend(count, vectorCount, width + 16)
        var scores: [Float] = []
        var places: [Int] = []
        for row in 0..<count {
            let kernels = kernels(elements[row * width..<(row + 1) * width])
            let (margins, votes) = margins(kernels)
            // The votes decide, even where the probabilities say otherwise.
            places.append(votes[...].placeOfHighest)
            if plattA.isEmpty {
                scores +=
                    classCount == 2
                    ? [-margins[0], margins[0]].map(Float.init) : margins.map(Float.init)
            } else {
                scores += PairwiseCoupling.probabilities(
                    margins: margins, a: plattA, b: plattB, classCount: classCount)
            }
        }
        let scoreCount = count == 0 ? 0 : scores.count / count
        return [labels.value(places), .floats(Tensor([count, scoreCount], scores))]
    }

    /// The kernel of the row with each support vector.
    private func kernels(_ row: ArraySlice<Float>) -> [Double] {
        row.withUnsafeBufferPointer { row in
            vectors.withUnsafeBufferPointer { vectors in
                (0..<vectorCount).map { vector in
                    let start = vector * width
                    var sum: Double = 0
                    if curve == .radial {
                        for column in 0..<width {
                            let distance = Double(row[column] - vectors[start + column])
                            sum += distance * distance
                        }
                    } else {
                        for column in 0..<width {
                            sum += Double(row[column]) * Double(vectors[start + column])
                        }
                    }
                    return bend(sum)
                }
            }
        }
    }

    private func bend(_ sum: Double) -> Double {
        switch curve {
        case .linear: return sum
        case .radial: return Elementary.exp(-gamma * sum)
        case .sigmoid: return Elementary.tanh(gamma * sum + offset)
        case .polynomial:
            let base = gamma * sum + offset
            return (0..<degree).reduce(1) { power, _ in power * base }
        }
    }

    /// The decision values of the pairs of classes in order, and each class's votes.
    private func margins(_ kernels: [Double]) -> (margins: [Double], votes: [Float]) {
        var margins: [Double] = []
        var votes = [Float](repeating: 0, count: classCount)
        for first in 0..<classCount {
            for second in first + 1..<max(first + 1, classCount) {
                var sum = Double(rho[margins.count])
                for vector in starts[first]..<starts[first + 1] {
                    sum +=
                        Double(coefficients[(second - 1) * vectorCount + vector])
                        * kernels[vector]
                }
                for vector in starts[second]..<starts[second + 1] {
                    sum += Double(coefficients[first * vectorCount + vector]) * kernels[vector]
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
        let name = try attributes.text("kernel_type") ?? "LINEAR"
        guard let curve = Curve(rawValue: name) else { throw .refused("kernel \(name)") }
        guard try PostTransform.read(&attributes) == .none else {
            throw .refused("a post transform")
        }
        let parameters = try attributes.floats("kernel_params")
        guard parameters.count == 3 || (parameters.isEmpty && curve == .linear) else {
            throw .refused("\(parameters.count) kernel parameters")
        }
        let degree = parameters.isEmpty ? 0 : parameters[2]
        guard curve != .polynomial || (degree.rounded() == degree && (0...64).contains(degree))
        else { throw .refused("degree \(degree)") }
        guard curve != .radial || parameters[0] >= 0 else { throw .refused("a negative gamma") }
        let kernel = SupportVectorKernel(
            labels: labels, curve: curve,
            gamma: parameters.isEmpty ? 1 : Double(parameters[0]),
            offset: parameters.isEmpty ? 0 : Double(parameters[1]),
            degree: curve == .polynomial ? Int(degree) : 0,
            vectors: try attributes.floats("support_vectors"), width: 0,
            starts: try starts(attributes.ints("vectors_per_class")),
            coefficients: try attributes.floats("coefficients"),
            rho: try attributes.floats("rho"), plattA: try attributes.floats("prob_a"),
            plattB: try attributes.floats("prob_b"))
        return try kernel.checked()
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

    /// With its width, once every table has the size that the others ask for.
    private func checked() throws(KernelFailure) -> SupportVectorKernel {
        let pairCount = classCount * (classCount - 1) / 2
        guard classCount == labels.count, vectorCount > 0, !vectors.isEmpty,
            vectors.count % vectorCount == 0
        else { throw .refused("support vectors of unlike width") }
        guard coefficients.count == (classCount - 1) * vectorCount else {
            throw .refused("\(coefficients.count) coefficients")
        }
        guard rho.count == pairCount, plattA.count == plattB.count,
            plattA.isEmpty || plattA.count == pairCount
        else { throw .refused("\(rho.count) values for \(pairCount) pairs of classes") }
        return SupportVectorKernel(
            labels: labels, curve: curve, gamma: gamma, offset: offset, degree: degree,
            vectors: vectors, width: vectors.count / vectorCount, starts: starts,
            coefficients: coefficients, rho: rho, plattA: plattA, plattB: plattB)
    }
}
