import TwinCore

/// One assessment, as in `twin show` and `twin explain`.
struct AssessmentDocument: Encodable {
    struct Reason: Encodable {
        let feature: String
        let value: Double?
        let unit: String
        let flags: [String]
        let contribution: Double
        let standardError: Double?
    }

    struct Band: Encodable {
        let name: String
        let from: Double
        let to: Double
    }

    /// Of a quantity.
    struct Estimate: Encodable {
        let value: Double
        let unit: String
        /// Null where it is not known how far the truth may be.
        let low: Double?
        let high: Double?
        let coverage: Double?

        init(_ estimate: QuantityEstimate) {
            value = estimate.value
            unit = estimate.unit
            low = estimate.interval?.low
            high = estimate.interval?.high
            coverage = estimate.interval?.coverage
        }
    }

    struct Share: Encodable {
        /// Null where it is not known.
        let modality: String?
        let share: Double
    }

    struct Changed: Encodable {
        let feature: String
        let unit: String
        let value: Double
        let changedValue: Double
        let changedProbability: Double
        let changedBand: String
    }

    /// What is different from the latest earlier assessment of the outcome.
    struct Change: Encodable {
        struct Movement: Encodable {
            let feature: String
            let unit: String
            let valueBefore: Double?
            let value: Double?
            let contributionBefore: Double
            let contribution: Double
        }

        let revisionBefore: UInt64
        let probabilityBefore: Double?
        let estimateBefore: Estimate?
        let bandBefore: String?
        let otherModel: Bool
        let movements: [Movement]
        let appeared: [String]
        let vanished: [String]
        let missingBefore: UInt32
    }

    struct Advice: Encodable {
        let text: String
        let basis: String
    }

    let outcome: String
    let artifact: String
    let revision: UInt64
    let featureVersion: String
    let commitTime: String
    /// The first revision that corrected or withdrew something that it rests on; null where none did.
    let amendedRevision: UInt64?
    let probability: Double?
    let set: [String]?
    let indeterminate: String?
    /// Of a quantity, whose unit the contributions have too; left out for an outcome.
    let estimate: Estimate?
    /// Whether the model gave no valid answer, so that there is none; left out where it gave one.
    let notAvailable: Bool?
    let baseline: Double
    let reasons: [Reason]
    let remainder: Double
    let completeness: Double
    let missing: UInt32
    let stale: UInt32
    let outside: UInt32
    let outOfDistribution: Bool
    /// How good the twin's data were; null where it was not known.
    let quality: CleaningDocument?
    let recommendations: [Advice]
    let band: Band?
    let method: String?
    let gap: Double?
    let modalityShares: [Share]
    let counterfactuals: [Changed]
    let change: Change?

    init(_ stored: StoredAssessment, change: AssessmentChange? = nil) {
        let assessment = stored.assessment
        outcome = assessment.outcome
        artifact = assessment.artifact.hex
        revision = assessment.revision
        featureVersion = assessment.featureVersion
        commitTime = stored.commitTime.description
        amendedRevision = stored.amendedRevision
        switch assessment.verdict {
        case .prediction(let probability, let classes):
            (self.probability, set, indeterminate) = (probability, classes, nil)
            notAvailable = nil
        case .estimate:
            (probability, set, indeterminate, notAvailable) = (nil, nil, nil, nil)
        case .indeterminate(let reason):
            (probability, set, indeterminate, notAvailable) = (nil, nil, reason, nil)
        case .notAvailable(let reason):
            (probability, set, indeterminate, notAvailable) = (nil, nil, reason, true)
        }
        estimate = assessment.estimate.map(Estimate.init)
        baseline = assessment.baseline
        reasons = assessment.reasons.map {
            Reason(
                feature: $0.feature, value: $0.value, unit: $0.unit, flags: $0.flags.words,
                contribution: $0.contribution, standardError: $0.standardError)
        }
        remainder = assessment.remainder
        completeness = assessment.quality.completeness
        missing = assessment.quality.missingCount
        stale = assessment.quality.staleCount
        outside = assessment.quality.outsideCount
        outOfDistribution = assessment.quality.isOutOfDistribution
        quality = assessment.quality.cleaning.map { CleaningDocument($0) }
        recommendations = assessment.recommendations.map { Advice(text: $0.text, basis: $0.basis) }
        band = assessment.band.map { Band(name: $0.name, from: $0.from, to: $0.to) }
        method = assessment.method.map { "\($0)" }
        gap = assessment.gap
        modalityShares = assessment.modalityShares.map {
            Share(modality: $0.modality?.name, share: $0.share)
        }
        counterfactuals = assessment.counterfactuals.map {
            Changed(
                feature: $0.feature, unit: $0.unit, value: $0.value,
                changedValue: $0.changedValue, changedProbability: $0.changedProbability,
                changedBand: $0.changedBand)
        }
        self.change = change.map(Change.init)
    }
}

extension AssessmentDocument.Change {
    init(_ change: AssessmentChange) {
        revisionBefore = change.revisionBefore
        probabilityBefore = change.probabilityBefore
        estimateBefore = change.estimateBefore.map(AssessmentDocument.Estimate.init)
        bandBefore = change.bandBefore?.name
        otherModel = change.isOtherModel
        movements = change.movements.map {
            Movement(
                feature: $0.after.feature, unit: $0.after.unit, valueBefore: $0.before.value,
                value: $0.after.value, contributionBefore: $0.before.contribution,
                contribution: $0.after.contribution)
        }
        (appeared, vanished) = (change.appeared, change.vanished)
        missingBefore = change.missingCountBefore
    }
}
