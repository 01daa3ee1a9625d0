/// Which outcomes can't be ruled out, with a promise that holds for each class by itself.
///
/// Split conformal prediction after Mondrian: of the patients of either class, at least the
/// coverage keep their true class in the set, however rare it is. The promise rests on rows that
/// the model has not learnt from, and on new patients being like them.
public struct ClassConditionalConformal: Hashable, Sendable {
    public enum Answer: Hashable, Sendable {
        case positive
        case negative
        /// Neither class can be ruled out.
        case indeterminate
        /// Both classes are ruled out: the patient is unlike those of either.
        case neither
    }

    public let coverage: Double
    /// A class stays where one minus its probability is at most this.
    public let negativeMisfitMax: Double
    public let positiveMisfitMax: Double

    /// From calibrated probabilities of rows that the model has not learnt from.
    public init(_ rows: ScoredRows, coverage: Double = 0.9) throws(TrainingError) {
        guard rows.positiveCount > 0, rows.negativeCount > 0 else { throw .oneClass }
        guard coverage > 0, coverage < 1 else { throw .badOption("coverage \(coverage)") }
        guard rows.scores.allSatisfy({ (0...1).contains($0) }) else {
            throw .badOption("scores that are no probabilities")
        }
        self.coverage = coverage
        let pairs = zip(rows.scores, rows.labels)
        negativeMisfitMax = Self.bound(pairs.filter { !$0.1 }.map { $0.0 }, coverage)
        positiveMisfitMax = Self.bound(pairs.filter { $0.1 }.map { 1 - $0.0 }, coverage)
    }

    /// The misfit that the coverage of the rows stays within, one unseen row counted in; 1, which
    /// rules nothing out, where the rows are too few for the promise.
    static func bound(_ misfits: [Double], _ coverage: Double) -> Double {
        let rank = Int((Double(misfits.count + 1) * coverage).rounded(.up))
        return rank > misfits.count ? 1 : misfits.sorted()[rank - 1]
    }

    public func answer(_ probability: Double) -> Answer {
        let isPositive = 1 - probability <= positiveMisfitMax
        let isNegative = probability <= negativeMisfitMax
        return switch (isNegative, isPositive) {
        case (true, true): .indeterminate
        case (false, false): .neither
        case (false, true): .positive
        case (true, false): .negative
        }
    }
}
