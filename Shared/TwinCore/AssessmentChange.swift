/// What is different between two assessments of one outcome of one twin.
///
/// Only what both name is compared: an assessment names its strongest reasons, and of a feature
/// that it does not name nothing is known but that it is weaker.
public struct AssessmentChange: Hashable, Sendable {
    /// How one feature's part changed.
    public struct Movement: Hashable, Sendable {
        public var before: Attribution
        public var after: Attribution

        /// By how much the contribution rose.
        public var rise: Double { after.contribution - before.contribution }

        /// How far the rise may be off; nil where neither contribution was sampled.
        public var standardError: Double? {
            guard before.standardError != nil || after.standardError != nil else { return nil }
            let (one, other) = (before.standardError ?? 0, after.standardError ?? 0)
            return (one * one + other * other).squareRoot()
        }
    }

    public var outcome: String
    public var revisionBefore: Revision
    public var revisionAfter: Revision
    /// Nil where the model abstained, or speaks of a quantity.
    public var probabilityBefore: Double?
    public var probabilityAfter: Double?
    /// Nil where the model abstained, or speaks of an outcome.
    public var estimateBefore: QuantityEstimate?
    public var estimateAfter: QuantityEstimate?
    public var bandBefore: ProbabilityBand?
    public var bandAfter: ProbabilityBand?
    /// Whether another artifact speaks, or speaks of other features: then contributions can't be
    /// compared, and none are.
    public var isOtherModel: Bool
    /// The contributions that moved by more than twice their error, the furthest first.
    public var movements: [Movement]
    /// Features that were missing and are known by now.
    public var appeared: [String]
    /// Features that were known and are missing by now.
    public var vanished: [String]
    public var missingCountBefore: UInt32
    public var missingCountAfter: UInt32

    /// Nil unless both speak of one outcome.
    public init?(from before: Assessment, to after: Assessment) {
        guard before.outcome == after.outcome else { return nil }
        outcome = after.outcome
        (revisionBefore, revisionAfter) = (before.revision, after.revision)
        (probabilityBefore, probabilityAfter) = (before.probability, after.probability)
        (estimateBefore, estimateAfter) = (before.estimate, after.estimate)
        (bandBefore, bandAfter) = (before.band, after.band)
        missingCountBefore = before.quality.missingCount
        missingCountAfter = after.quality.missingCount
        isOtherModel =
            before.artifact != after.artifact || before.featureVersion != after.featureVersion
        (movements, appeared, vanished) = ([], [], [])
        if !isOtherModel { compare(before.reasons, after.reasons) }
    }

    /// By how much the probability rose; nil unless both assessments have one.
    public var rise: Double? {
        guard let probabilityBefore, let probabilityAfter else { return nil }
        return probabilityAfter - probabilityBefore
    }

    /// Whether the probability lies in another band.
    public var isOtherBand: Bool { bandBefore?.name != bandAfter?.name }

    private mutating func compare(_ before: [Attribution], _ after: [Attribution]) {
        let earlier = Dictionary(
            before.map { ($0.feature, $0) }, uniquingKeysWith: { first, _ in first })
        let both = after.compactMap { now in
            earlier[now.feature].map { Movement(before: $0, after: now) }
        }
        for one in both {
            switch (one.before.isMissing, one.after.isMissing) {
            case (true, false): appeared.append(one.after.feature)
            case (false, true): vanished.append(one.after.feature)
            case (true, true), (false, false): break
            }
        }
        let moved = both.filter { $0.rise.magnitude > 2 * ($0.standardError ?? 0) }
        movements = moved.enumerated().sorted { one, other in
            let (left, right) = (one.element.rise.magnitude, other.element.rise.magnitude)
            return left == right ? one.offset < other.offset : left > right
        }.map(\.element)
    }
}

extension AssessmentChange {
    /// What has changed since the latest earlier assessment of the same outcome; nil without one.
    ///
    /// `others` may hold any assessments of the twin, in any order, this one included.
    public static func since(
        _ others: [StoredAssessment], of stored: StoredAssessment
    ) -> AssessmentChange? {
        let earlier = others.filter {
            $0.assessment.outcome == stored.assessment.outcome
                && ($0.assessment.revision, $0.commitTime)
                    < (stored.assessment.revision, stored.commitTime)
        }
        return earlier.max {
            ($0.assessment.revision, $0.commitTime) < ($1.assessment.revision, $1.commitTime)
        }.flatMap { AssessmentChange(from: $0.assessment, to: stored.assessment) }
    }
}

extension Attribution {
    /// Whether the feature had no value of its own, whatever was put in.
    public var isMissing: Bool { value == nil || flags.contains(.imputed) }
}

extension Assessment {
    /// Of the outcome; nil where the model abstains.
    public var probability: Double? {
        if case .prediction(let probability, _) = verdict { probability } else { nil }
    }
}
