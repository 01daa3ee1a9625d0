public import TwinCore

/// An assessment as a doctor reads it: how likely, why, what would change it, how good the inputs
/// were, and what is new.
///
/// A number that would mislead is not shown: no contribution that is within its own error, no value
/// that was put in as if it had been measured, no contribution of one model beside another's.
public struct AssessmentText: Sendable {
    public let stored: StoredAssessment
    /// Against the latest earlier assessment of the outcome; nil where there is none.
    public let change: AssessmentChange?

    public init(_ stored: StoredAssessment, change: AssessmentChange? = nil) {
        self.stored = stored
        self.change = change
    }

    private var assessment: Assessment { stored.assessment }

    /// The lines, indented under a twin's.
    public func lines(reasonCountMax: Int = 6) -> [String] {
        var lines = verdict
        if assessment.probability != nil || assessment.estimate != nil {
            lines += reasons(reasonCountMax) + modalities + counterfactuals
        }
        lines += quality
        if let revision = stored.amendedRevision {
            lines.append(
                "    rests on data that revision \(revision) corrected or withdrew")
        }
        if let change { lines += ChangeText(change).lines }
        lines += assessment.recommendations.map { "    → \($0.text) (\($0.basis))" }
        lines.append(
            "    artifact \(assessment.artifact.hex.prefix(12)), revision \(assessment.revision)")
        return lines
    }

    private var verdict: [String] {
        switch assessment.verdict {
        case .indeterminate(let reason):
            return ["  \(assessment.outcome)  indeterminate: \(reason)"]
        case .estimate(let estimate):
            return ["  \(assessment.outcome)  \(Figure.estimate(estimate))"]
        case .notAvailable(let reason):
            return ["  \(assessment.outcome)  not available: \(reason)"]
        case .prediction(let probability, let classes):
            var line =
                "  \(assessment.outcome)  \(Figure.bar(probability, width: 20)) "
                + Figure.percent(probability)
            if let band = assessment.band { line += "  band \(Figure.band(band))" }
            guard classes.count > 1 else { return [line] }
            return [line, "    can't be ruled out: \(classes.joined(separator: ", "))"]
        }
    }

    private func reasons(_ countMax: Int) -> [String] {
        let shown = assessment.reasons.prefix(countMax)
        guard !shown.isEmpty else { return ["    nothing moved it from the average"] }
        let strongest = shown.map { $0.contribution.magnitude }.max() ?? 1
        let rows = shown.map { reason in
            [
                "    " + reason.feature, Figure.value(reason), movement(reason, strongest),
                reason.flags.subtracting(.imputed).words.joined(separator: " "),
            ]
        }
        let left = assessment.reasons.dropFirst(countMax).reduce(assessment.remainder) {
            $0 + $1.contribution
        }
        let others = left == 0 ? [] : ["    all others together: \(Figure.signed(left))"]
        let making =
            assessment.estimate.map {
                "in \($0.unit), from \(Figure.short(assessment.baseline)), \(self.making)"
            }
            ?? self.making
        return ["    why (\(making)):"] + TextTable.lines(rows) + others
    }

    /// Which way, how far, and how sure; nothing but that where it may be the other way.
    private func movement(_ reason: Attribution, _ strongest: Double) -> String {
        let error = reason.standardError ?? 0
        guard reason.contribution.magnitude > 2 * error else { return "· too small to tell" }
        let sign = reason.contribution > 0 ? "▲ raises" : "▽ lowers"
        let bar = Figure.bar(reason.contribution.magnitude / strongest, width: 10, empty: " ")
        let doubt = error > 0 ? " ±\(Figure.short(error, digits: 1))" : ""
        return "\(sign) \(bar) \(Figure.signed(reason.contribution))\(doubt)"
    }

    /// How the contributions were made.
    private var making: String {
        switch assessment.method {
        case .treePaths: "exact, against the average training patient"
        case .treeBackground: "exact, against a sample of training patients"
        case .linear: "exact, against a typical patient"
        case .sampled: "sampled, against a typical patient; ± is one standard error"
        case .integratedGradients:
            "along the way from a typical patient; "
                + "\(Figure.short((assessment.gap ?? 0).magnitude, digits: 1)) is unaccounted for"
        case nil: "how they were made is not known"
        }
    }

    private var modalities: [String] {
        let shares = assessment.modalityShares
        guard !shares.isEmpty else { return [] }
        let rows = shares.map { one in
            [
                "    of all that moved it, " + (one.modality?.name ?? "unknown"),
                "\(Figure.bar(one.share, width: 10)) \(Figure.percent(one.share))",
            ]
        }
        return TextTable.lines(rows)
    }

    private var counterfactuals: [String] {
        assessment.counterfactuals.map { one in
            let unit = Figure.unit(one.unit)
            return "    with \(one.feature) at \(Figure.short(one.changedValue, digits: 6))\(unit) "
                + "instead of \(Figure.short(one.value))\(unit), all else being as it is, the model "
                + "would say \(Figure.percent(one.changedProbability)), band \(one.changedBand)"
        }
    }

    private var quality: [String] {
        let quality = assessment.quality
        let present = quality.featureCount - min(quality.missingCount, quality.featureCount)
        var parts = ["\(present) of \(quality.featureCount) present"]
        if quality.missingCount > 0 { parts.append("\(quality.missingCount) missing") }
        if quality.staleCount > 0 { parts.append("\(quality.staleCount) stale") }
        if quality.outsideCount > 0 {
            parts.append("\(quality.outsideCount) outside of what the training patients had")
        }
        let cleaning = quality.cleaning.map { QualityText($0) }
        return ["    inputs: " + parts.joined(separator: ", ")]
            + (cleaning.map { $0.quality + $0.findings() } ?? [])
    }
}
