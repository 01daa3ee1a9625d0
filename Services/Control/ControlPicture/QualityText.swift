public import TwinCore

/// What the rules of cleaning say of a twin's measurements, as a person reads it.
public struct QualityText: Sendable {
    public let report: CleaningReport
    private let scores: TwinQuality
    private let isNow: Bool

    /// As it was when the report was made; at another moment as it is then.
    public init(_ report: CleaningReport, at now: Instant? = nil) {
        self.report = report
        scores = now.map { report.quality.aged(to: $0) } ?? report.quality
        isNow = now != nil
    }

    /// How good the data are, and why.
    public var quality: [String] {
        let known = scores.components
        guard !known.isEmpty else { return [] }
        let combined = scores.combined.map { Figure.percent($0) } ?? "not known"
        let rows = known.map { one in
            [
                "      " + one.kind.name, one.value.map { Figure.percent($0) } ?? "not known",
                one.account,
            ]
        }
        let time = isNow ? "" : " when assessed"
        return ["    quality of the data\(time): \(combined) (\(report.rules))"]
            + TextTable.lines(rows)
    }

    /// By how much sources of one quantity differ.
    public var biases: [String] {
        report.biases.map { bias in
            let unit = Figure.unit(bias.unit)
            return "    \(name(bias.second, bias.secondSource)) less "
                + "\(name(bias.first, bias.firstSource)): median "
                + "\(Figure.signed(bias.median))\(unit), spread \(Figure.short(bias.spread))\(unit), "
                + "\(bias.count) comparisons"
        }
    }

    /// What is held against values, the newest first.
    public func findings(countMax: Int = 6) -> [String] {
        let shown = report.findings.prefix(countMax).map { finding in
            let effect = finding.flags.contains(.suspect) ? "left out" : "noted"
            return "    \(effect): \(name(finding.code, finding.source)) \(span(finding)): "
                + "\(finding.reason.rule): \(finding.reason.saw); the rule is "
                + finding.reason.limit
        }
        let more = report.findings.count - shown.count + Int(report.untoldCount)
        return shown + (more > 0 ? ["    and \(more) findings more"] : [])
    }

    private func span(_ finding: CleaningFinding) -> String {
        finding.from == finding.to
            ? "at \(finding.from)" : "from \(finding.from) to \(finding.to)"
    }

    private func name(_ code: Code, _ source: Source) -> String {
        "\(Concept.of(code)?.name ?? code.description) by \(source)"
    }
}
