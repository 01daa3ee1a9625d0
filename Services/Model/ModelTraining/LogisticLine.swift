import ModelCore

/// A probability as the logistic function of a line.
public struct LogisticLine: Hashable, Sendable {
    public let slope: Double
    public let intercept: Double

    public init(slope: Double, intercept: Double) {
        self.slope = slope
        self.intercept = intercept
    }

    public func probability(_ x: Double) -> Double {
        Elementary.logistic(slope * x + intercept)
    }

    /// The line of maximum likelihood; targets are probabilities.
    ///
    /// Newton's method, halving steps that do not improve. Data that a threshold separates have no
    /// finite solution, unless the targets stay away from 0 and 1.
    init(fitting x: [Double], to targets: [Double]) throws(TrainingError) {
        // Standardised, so that the scale of the scores plays no part.
        let count = Double(x.count)
        let mean = x.reduce(0, +) / count
        let spread = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        guard spread > 0, spread.isFinite else { throw .noSolution("all scores are the same") }
        let z = x.map { ($0 - mean) / spread }
        var line = LogisticLine(slope: 0, intercept: 0)
        var loss = line.loss(z, targets)
        for _ in 0..<100 {
            let step = line.newtonStep(z, targets)
            guard step.slope.isFinite, step.intercept.isFinite else { break }
            var share = 1.0
            var next = line.moved(step, share)
            // The last steps change the loss by less than its rounding.
            while next.loss(z, targets) > loss * (1 + 1e-12), share > 1e-10 {
                share /= 2
                next = line.moved(step, share)
            }
            line = next
            loss = line.loss(z, targets)
            // Nothing is left to explain: a steeper line would always be better still.
            guard loss > 1e-9 * count else { throw .noSolution("the classes are separated") }
            if max(abs(step.slope), abs(step.intercept)) < 1e-10 {
                self.init(
                    slope: line.slope / spread,
                    intercept: line.intercept - line.slope * mean / spread)
                return
            }
        }
        throw .noSolution("the fit does not settle")
    }

    private func moved(_ step: LogisticLine, _ share: Double) -> LogisticLine {
        LogisticLine(
            slope: slope - share * step.slope, intercept: intercept - share * step.intercept)
    }

    private func loss(_ x: [Double], _ targets: [Double]) -> Double {
        zip(x, targets).reduce(0) { sum, row in
            let odds = slope * row.0 + intercept
            return sum + Elementary.softplus(odds) - row.1 * odds
        }
    }

    private func newtonStep(_ x: [Double], _ targets: [Double]) -> LogisticLine {
        var (slopeSum, interceptSum) = (0.0, 0.0)
        var (xx, x1, one) = (0.0, 0.0, 0.0)
        for (x, target) in zip(x, targets) {
            let expected = probability(x)
            let error = expected - target
            let curvature = expected * (1 - expected)
            slopeSum += error * x
            interceptSum += error
            xx += curvature * x * x
            x1 += curvature * x
            one += curvature
        }
        let determinant = xx * one - x1 * x1
        return LogisticLine(
            slope: (slopeSum * one - interceptSum * x1) / determinant,
            intercept: (interceptSum * xx - slopeSum * x1) / determinant)
    }
}
