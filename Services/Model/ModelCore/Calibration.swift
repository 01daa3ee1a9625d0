/// How a model's score of the positive class becomes a probability.
public enum Calibration: Hashable, Sendable {
    /// The score is the probability.
    case none
    /// 1 / (1 + e^(a·score + b)).
    ///
    /// Where the score is a logit, temperature scaling is this line through the origin: b is 0 and
    /// a is -1 over the temperature. Of a score that is a probability it is not.
    case platt(a: Double, b: Double)
    /// Straight lines between points of ascending score and never falling probability; flat
    /// outside of them.
    case isotonic([Point])

    public struct Point: Hashable, Sendable {
        public var score: Double
        public var probability: Double

        public init(score: Double, probability: Double) {
            self.score = score
            self.probability = probability
        }
    }

    /// The calibrated probability; NaN stays NaN.
    public func probability(ofScore score: Double) -> Double {
        switch self {
        case .none: return score
        case .platt(let a, let b): return Elementary.logistic(-(a * score + b))
        case .isotonic(let points):
            guard !score.isNaN, let first = points.first, let last = points.last else {
                return .nan
            }
            guard let above = points.firstIndex(where: { $0.score >= score }) else {
                return last.probability
            }
            guard above > 0 else { return first.probability }
            let (low, high) = (points[above - 1], points[above])
            let share = (score - low.score) / (high.score - low.score)
            return low.probability + share * (high.probability - low.probability)
        }
    }
}
