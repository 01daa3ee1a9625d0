import TwinCore

/// Why a rule has flagged a value.
struct ReasonDocument: Encodable {
    let rule: String
    let limit: String
    let saw: String
    let rules: String

    init(_ reason: RuleReason) {
        (rule, limit, saw, rules) = (reason.rule, reason.limit, reason.saw, reason.rules)
    }
}

/// What the rules of cleaning say: `quality` of twins and assessments.
struct CleaningDocument: Encodable {
    struct Component: Encodable {
        /// 0 to 1; null where there is nothing to judge by.
        let value: Double?
        let part: UInt32
        let whole: UInt32
        let names: [String]
        let account: String
    }

    struct Finding: Encodable {
        let code: String
        let source: String
        let from: String
        let to: String
        let value: Double?
        let flags: [String]
        let reason: ReasonDocument
    }

    struct Bias: Encodable {
        let first: String
        let firstSource: String
        let second: String
        let secondSource: String
        let unit: String
        let count: UInt32
        let median: Double
        let spread: Double
    }

    let rules: String
    /// The harmonic mean of the components that are known; null where none is.
    let combined: Double?
    let completeness: Component?
    let timeliness: Component?
    let plausibility: Component?
    let agreement: Component?
    let findings: [Finding]
    let untold: UInt32
    let biases: [Bias]

    /// As it was when the report was made; at another moment as it is then.
    init(_ report: CleaningReport, at now: Instant? = nil) {
        rules = report.rules
        let quality = now.map { report.quality.aged(to: $0) } ?? report.quality
        combined = quality.combined
        func component(_ kind: QualityComponent.Kind) -> Component? {
            quality.components.first { $0.kind == kind }.map { one in
                Component(
                    value: one.value, part: one.part, whole: one.whole, names: one.names,
                    account: one.account)
            }
        }
        completeness = component(.completeness)
        timeliness = component(.timeliness)
        plausibility = component(.plausibility)
        agreement = component(.agreement)
        findings = report.findings.map { one in
            Finding(
                code: one.code.description, source: one.source, from: one.from.description,
                to: one.to.description, value: one.number, flags: one.flags.words,
                reason: ReasonDocument(one.reason))
        }
        untold = report.untoldCount
        biases = report.biases.map { one in
            Bias(
                first: one.first.description, firstSource: one.firstSource,
                second: one.second.description, secondSource: one.secondSource, unit: one.unit,
                count: one.count, median: one.median, spread: one.spread)
        }
    }
}
