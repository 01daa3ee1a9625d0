public import ModelKernels

/// A trained machine: a weighted sum of kernels with its vectors, plus an intercept.
///
/// Above zero it speaks for the positive class.
public struct SupportVectorMachine: Hashable, Sendable {
    public let curve: KernelCurve
    public let featureCount: Int
    /// Row after row.
    public let vectors: [Float]
    /// One for each vector.
    public let coefficients: [Double]
    public let intercept: Double

    public var vectorCount: Int { coefficients.count }

    public init(
        curve: KernelCurve, featureCount: Int, vectors: [Float], coefficients: [Double],
        intercept: Double
    ) throws(SVMError) {
        guard featureCount > 0 else { throw .noFeatures }
        guard vectors.count == coefficients.count * featureCount else {
            throw .counts("\(vectors.count) values, \(coefficients.count) vectors")
        }
        guard curve.isSound, intercept.isFinite, coefficients.allSatisfy(\.isFinite),
            vectors.allSatisfy(\.isFinite)
        else { throw .badOption("a machine of numbers that are none") }
        self.curve = curve
        self.featureCount = featureCount
        self.vectors = vectors
        self.coefficients = coefficients
        self.intercept = intercept
    }

    /// For a linear kernel: what each feature weighs.
    public var weights: [Double]? {
        guard case .linear = curve else { return nil }
        var weights = [Double](repeating: 0, count: featureCount)
        for (vector, coefficient) in coefficients.enumerated() {
            for column in 0..<featureCount {
                weights[column] += coefficient * Double(vectors[vector * featureCount + column])
            }
        }
        return weights
    }
}

/// A machine that is ready to score.
public struct SVMScorer: Sendable {
    public let featureCount: Int
    private let panels: KernelPanels
    private let coefficients: [Double]
    private let intercept: Double

    public init(_ machine: SupportVectorMachine, level: MachineLevel = .best) {
        featureCount = machine.featureCount
        intercept = machine.intercept
        panels = KernelPanels(
            vectors: machine.vectors, count: machine.vectorCount, width: machine.featureCount,
            curve: machine.curve, level: level)
        coefficients =
            machine.coefficients
            + [Double](repeating: 0, count: panels.paddedCount - machine.vectorCount)
    }

    /// The decision value of each row, whatever rows come with it.
    public func decisionValues(_ rows: [Float]) throws(SVMError) -> [Double] {
        guard rows.count.isMultiple(of: featureCount) else {
            throw .counts("\(rows.count) values in rows of \(featureCount)")
        }
        var values = [Double](repeating: intercept, count: rows.count / featureCount)
        panels.addSums(
            to: &values, coefficients: coefficients, sumCount: 1, rows: rows,
            rowCount: values.count)
        return values
    }
}
