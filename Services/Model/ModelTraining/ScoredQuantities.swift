/// Answers beside the quantity that each row really has.
public struct ScoredQuantities: Hashable, Sendable {
    public let answers: [Double]
    public let truths: [Double]

    public init(answers: [Double], truths: [Double]) throws(TrainingError) {
        guard answers.count == truths.count else {
            throw .counts("\(answers.count) answers, \(truths.count) quantities")
        }
        guard !answers.isEmpty else { throw .noRows }
        for row in answers.indices where !answers[row].isFinite || !truths[row].isFinite {
            throw .notFinite(row: row)
        }
        self.init(proven: answers, truths)
    }

    private init(proven answers: [Double], _ truths: [Double]) {
        self.answers = answers
        self.truths = truths
    }

    /// The rows whose answer is a number, as out-of-bag and out-of-fold answers need it.
    public init(known answers: [Double], truths: [Double]) throws(TrainingError) {
        guard answers.count == truths.count else {
            throw .counts("\(answers.count) answers, \(truths.count) quantities")
        }
        let known = answers.indices.filter { !answers[$0].isNaN }
        try self.init(answers: known.map { answers[$0] }, truths: known.map { truths[$0] })
    }

    /// By how much each answer is above the truth.
    public var residuals: [Double] { zip(answers, truths).map { $0 - $1 } }

    /// RMSE: the root of the mean squared residual.
    public var rootMeanSquare: Double {
        (residuals.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    }

    /// MAE: the mean size of a residual.
    public var meanSize: Double {
        residuals.reduce(0) { $0 + $1.magnitude } / Double(count)
    }

    /// R²: which share of the truths' variance the answers account for; nil where they don't vary.
    ///
    /// Below 0 where the mean of the truths would be a better answer.
    public var determination: Double? {
        let mean = truths.reduce(0, +) / Double(count)
        let whole = truths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        guard whole > 0 else { return nil }
        return 1 - residuals.reduce(0) { $0 + $1 * $1 } / whole
    }

    /// How answers and truths agree: the mean residual, and where 95 % of the residuals lie if they
    /// are normal.
    ///
    /// Bland and Altman, Lancet 1986;1:307. Nil for a single row.
    public var agreement: (bias: Double, limits: ClosedRange<Double>)? {
        guard count > 1 else { return nil }
        let residuals = residuals
        let bias = residuals.reduce(0, +) / Double(count)
        let squares = residuals.reduce(0) { $0 + ($1 - bias) * ($1 - bias) }
        let reach = 1.96 * (squares / Double(count - 1)).squareRoot()
        return (bias, bias - reach...bias + reach)
    }

    /// How far from the truth an unseen answer is at most, in the coverage of patients like these.
    ///
    /// Split conformal prediction by the size of residuals of rows that the model has not learnt
    /// from: Lei et al., JASA 2018;113:1094. Nil where the rows are too few for the promise.
    public func residualMax(coverage: Double) -> Double? {
        precondition(coverage > 0 && coverage < 1)
        let rank = Int((Double(count + 1) * coverage).rounded(.up))
        return rank > count ? nil : residuals.map(\.magnitude).sorted()[rank - 1]
    }

    /// The share of rows whose truth is at most so far from its answer.
    public func coverage(within reach: Double) -> Double {
        Double(residuals.count { $0.magnitude <= reach }) / Double(count)
    }
}

extension ScoredQuantities: Judged {
    public var count: Int { answers.count }

    public func drawing(_ rows: [Int]) -> ScoredQuantities {
        ScoredQuantities(proven: rows.map { answers[$0] }, rows.map { truths[$0] })
    }
}
