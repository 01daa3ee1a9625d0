import ControlPicture
import Testing
import TwinCore

@Suite struct `A doctor reads how good the data are` {
    private static let time = Instant(microsecondsSinceEpoch: 1_768_212_000_000_000)

    private static func finding(_ flags: QualityFlags, _ seconds: Int64) -> CleaningFinding {
        CleaningFinding(
            code: .loinc("76215-3"), source: "A", from: time, to: time.adding(seconds: seconds),
            number: nil, flags: flags,
            reason: RuleReason(
                rule: "flat-line", limit: "10 values and 120 s within 0 mm[Hg]",
                saw: "12 values of about 97 mm[Hg] in 660 s", rules: "standard 1"))
    }

    private static let report = CleaningReport(
        rules: "standard 1 sha256:0123456789ab",
        findings: [finding([.flatLine, .suspect], 660), finding(.disagreement, 0)],
        untoldCount: 3,
        biases: [
            SourceBias(
                first: .loinc("76215-3"), firstSource: "A", second: .loinc("76534-7"),
                secondSource: "B", unit: "mm[Hg]", count: 12, median: -9.5, spread: 3)
        ],
        quality: TwinQuality(components: [
            QualityComponent(
                kind: .completeness, value: 0.5, part: 3, whole: 6, names: ["body_temp", "avpu"]),
            QualityComponent(kind: .plausibility, value: 1, part: 40, whole: 40),
            QualityComponent(kind: .agreement, value: nil, part: 0, whole: 0),
        ]))

    @Test func `each side with how it came about`() {
        let text = QualityText(Self.report)
        #expect(
            text.quality == [
                "    quality of the data when assessed: 67 % (standard 1 sha256:0123456789ab)",
                "      completeness  50 %       "
                    + "3 of 6 expected quantities are known, not body_temp, avpu",
                "      plausibility  100 %      40 of 40 values stand",
                "      agreement     not known  0 of 0 comparisons agree",
            ])
        var known = Self.report
        known.quality.components.insert(
            QualityComponent(kind: .timeliness, value: 1, part: 1, whole: 1), at: 1)
        known.quality.validities = [
            QualityValidity(
                name: "spo2", measuredAt: Self.time, expiresAt: Self.time.adding(seconds: 120))
        ]
        let later = QualityText(known, at: Self.time.adding(seconds: 180)).quality
        #expect(later.first == "    quality of the data: 60 % (standard 1 sha256:0123456789ab)")
        #expect(
            later.dropFirst(2).first
                == "      timeliness    50 %       0 of 1 quantities are still valid, not spo2")
        #expect(
            text.biases == [
                "    sbp_nibp by B less sbp_art by A: median -9.5 mm[Hg], spread 3 mm[Hg], "
                    + "12 comparisons"
            ])
        #expect(
            text.findings(countMax: 1) == [
                "    left out: sbp_art by A from 2026-01-12T10:00:00Z to 2026-01-12T10:11:00Z: "
                    + "flat-line: 12 values of about 97 mm[Hg] in 660 s; the rule is "
                    + "10 values and 120 s within 0 mm[Hg]", "    and 4 findings more",
            ])
        #expect(text.findings()[1].hasPrefix("    noted: sbp_art by A at 2026-01-12T10:00:00Z:"))
    }
}
