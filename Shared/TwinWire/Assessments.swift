import CTwinWire
import TwinCore

extension Draft {
    func assessment(_ value: Assessment) -> Place<Wire.Assessment> {
        make(twinline__v1__assessment__init) {
            $0.outcome = text(value.outcome)
            $0.artifact = text(value.artifact.hex)
            $0.revision = value.revision
            $0.feature_version = text(value.featureVersion)
            switch value.verdict {
            case .prediction(let probability, let classes):
                $0.verdict_case = TWINLINE__V1__ASSESSMENT__VERDICT_PREDICTION
                $0.prediction = make(twinline__v1__prediction__init) {
                    $0.probability = probability
                    ($0.n_classes, $0.classes) = texts(classes, \.self)
                }
            case .estimate(let estimate):
                $0.verdict_case = TWINLINE__V1__ASSESSMENT__VERDICT_ESTIMATE
                $0.estimate = self.estimate(estimate)
            case .indeterminate(let reason), .notAvailable(let reason):
                var isAvailable = true
                if case .notAvailable = value.verdict { isAvailable = false }
                $0.verdict_case = TWINLINE__V1__ASSESSMENT__VERDICT_INDETERMINATE
                $0.indeterminate = make(twinline__v1__indeterminate__init) {
                    $0.reason = text(reason)
                    $0.not_available = isAvailable ? 0 : 1
                }
            }
            $0.baseline = value.baseline
            ($0.n_reasons, $0.reasons) = list(value.reasons) { attribution($0) }
            $0.remainder = value.remainder
            ($0.n_recommendations, $0.recommendations) = list(value.recommendations) {
                recommendation($0)
            }
            $0.quality = quality(value.quality)
            account(value, of: &$0)
        }
    }

    func assessments(_ values: [Assessment]) -> Place<Wire.AssessmentList> {
        make(twinline__v1__assessment_list__init) {
            ($0.n_assessments, $0.assessments) = list(values) { assessment($0) }
        }
    }

    func stored(_ value: StoredAssessment) -> Place<Wire.StoredAssessment> {
        make(twinline__v1__stored_assessment__init) {
            $0.assessment = assessment(value.assessment)
            $0.commit_time_us = value.commitTime.microsecondsSinceEpoch
            $0.amended_revision = value.amendedRevision ?? 0
        }
    }

    private func attribution(_ value: Attribution) -> Place<Wire.Attribution> {
        make(twinline__v1__attribution__init) {
            $0.feature = text(value.feature)
            if let used = value.value {
                $0.used_case = TWINLINE__V1__ATTRIBUTION__USED_VALUE
                $0.value = used
            }
            $0.unit = text(value.unit)
            $0.flags = value.flags.rawValue
            $0.contribution = value.contribution
            if let error = value.standardError {
                $0.error_case = TWINLINE__V1__ATTRIBUTION__ERROR_STANDARD_ERROR
                $0.standard_error = error
            }
        }
    }

    private func recommendation(_ value: Recommendation) -> Place<Wire.Recommendation> {
        make(twinline__v1__recommendation__init) {
            $0.text = text(value.text)
            $0.basis = text(value.basis)
        }
    }

    private func quality(_ value: InputQuality) -> Place<Wire.InputQuality> {
        make(twinline__v1__input_quality__init) {
            $0.feature_count = value.featureCount
            $0.missing_count = value.missingCount
            $0.flagged_count = value.flaggedCount
            $0.stale_count = value.staleCount
            $0.outside_count = value.outsideCount
            $0.out_of_distribution = value.isOutOfDistribution ? 1 : 0
            if let cleaning = value.cleaning { $0.cleaning = report(cleaning) }
        }
    }
}

extension Reader {
    func assessment(_ message: Wire.Assessment) throws(WireError) -> Assessment {
        var assessment = Assessment(
            outcome: try Rule.name(text(message.outcome), of: "an outcome"),
            artifact: try Rule.artifact(text(message.artifact)), revision: message.revision,
            featureVersion: text(message.feature_version), verdict: try verdict(message),
            baseline: try Rule.finite(message.baseline),
            reasons: try list(message.reasons, message.n_reasons, attribution),
            remainder: try Rule.finite(message.remainder),
            recommendations: try list(
                message.recommendations, message.n_recommendations, recommendation),
            quality: try one(
                message.quality, "an assessment without the quality of its inputs", quality))
        try readAccount(of: message, into: &assessment)
        return assessment
    }

    func assessments(_ message: Wire.AssessmentList) throws(WireError) -> [Assessment] {
        try list(message.assessments, message.n_assessments, assessment)
    }

    func stored(_ message: Wire.StoredAssessment) throws(WireError) -> StoredAssessment {
        StoredAssessment(
            assessment: try one(
                message.assessment, "a stored assessment without one", assessment),
            commitTime: try Rule.instant(message.commit_time_us),
            amendedRevision: message.amended_revision == 0 ? nil : message.amended_revision)
    }

    private func verdict(_ message: Wire.Assessment) throws(WireError) -> Verdict {
        switch message.verdict_case {
        case TWINLINE__V1__ASSESSMENT__VERDICT_PREDICTION:
            try one(message.prediction, "an empty prediction", prediction)
        case TWINLINE__V1__ASSESSMENT__VERDICT_ESTIMATE:
            .estimate(try one(message.estimate, "an empty estimate", estimate))
        case TWINLINE__V1__ASSESSMENT__VERDICT_INDETERMINATE:
            try one(message.indeterminate, "an empty abstention", abstention)
        default: throw .invalid("an assessment without a verdict")
        }
    }

    private func abstention(_ message: Wire.Indeterminate) -> Verdict {
        let reason = text(message.reason)
        return message.not_available == 0
            ? .indeterminate(reason: reason) : .notAvailable(reason: reason)
    }

    private func prediction(_ message: Wire.Prediction) throws(WireError) -> Verdict {
        guard (0...1).contains(message.probability) else {
            throw .invalid("a probability outside 0 to 1")
        }
        return .prediction(
            probability: message.probability,
            classes: try texts(message.classes, message.n_classes, Rule.text))
    }

    private func attribution(_ message: Wire.Attribution) throws(WireError) -> Attribution {
        let isUsed = message.used_case == TWINLINE__V1__ATTRIBUTION__USED_VALUE
        let isSampled = message.error_case == TWINLINE__V1__ATTRIBUTION__ERROR_STANDARD_ERROR
        return Attribution(
            feature: text(message.feature), value: isUsed ? try Rule.finite(message.value) : nil,
            unit: text(message.unit), flags: QualityFlags(rawValue: message.flags),
            contribution: try Rule.finite(message.contribution),
            standardError: isSampled ? try Rule.size(message.standard_error) : nil)
    }

    private func recommendation(_ message: Wire.Recommendation) -> Recommendation {
        Recommendation(text: text(message.text), basis: text(message.basis))
    }

    private func quality(_ message: Wire.InputQuality) throws(WireError) -> InputQuality {
        InputQuality(
            featureCount: message.feature_count, missingCount: message.missing_count,
            flaggedCount: message.flagged_count, staleCount: message.stale_count,
            outsideCount: message.outside_count,
            isOutOfDistribution: message.out_of_distribution != 0,
            cleaning: try reportOrNone(message.cleaning))
    }
}
