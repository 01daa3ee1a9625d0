import ModelCore

// The exact forms of regressors: raw score and quantity are one.

extension TreeRegressorKernel {
    func exactForm(width: Int, preparations: [Preparation]) -> ExactForm? {
        guard base.count == 1, aggregate == .sum, transform == .none,
            forest.depth <= Forest.explainedDepthMax, !forest.holdsEquality,
            forest.featureCountMin <= width, forest.hasFiniteThresholds
        else { return nil }
        let ensemble = forest.ensemble(width: width, base: Float(base[0])) { _ in 1 }
        return forest.coversAddUp
            ? .trees(ensemble, preparations: preparations, link: .identity)
            : .coverless(ensemble, preparations: preparations, link: .identity)
    }
}

extension LinearRegressorKernel {
    func exactForm(preparations: [Preparation]) -> ExactForm? {
        guard rows.count == 1, transform == .none, !isOneClass else { return nil }
        return .linear(
            weights: rows.row(0), intercept: rows.intercepts[0], preparations: preparations,
            link: .identity)
    }
}

extension SupportRegressorKernel {
    func exactForm(preparations: [Preparation]) -> ExactForm? {
        guard !isOneClass, let elements = vectors.linear else { return nil }
        let width = vectors.width
        var weights = [Double](repeating: 0, count: width)
        for vector in 0..<elements.count / width {
            for column in 0..<width {
                weights[column] += coefficients[vector] * Double(elements[vector * width + column])
            }
        }
        return .linear(
            weights: weights.map { Float($0) }, intercept: Float(rho), preparations: preparations,
            link: .identity)
    }
}
