import TwinCore

/// What is new since the last assessment, in a few lines.
struct ChangeText {
    /// The movements that are told.
    private static let movementCountMax = 4

    let change: AssessmentChange

    init(_ change: AssessmentChange) { self.change = change }

    var lines: [String] {
        var lines = [headline]
        if change.isOtherModel {
            lines.append("      another model speaks: its reasons can't be compared")
        }
        lines += TextTable.lines(
            change.movements.prefix(Self.movementCountMax).map { one in
                [
                    "      " + one.after.feature,
                    "\(Figure.value(one.before)) → \(Figure.value(one.after))",
                    "\(one.rise > 0 ? "▲" : "▽") \(Figure.signed(one.rise))",
                ]
            })
        if !change.appeared.isEmpty {
            lines.append("      known by now: \(change.appeared.joined(separator: ", "))")
        }
        if !change.vanished.isEmpty {
            lines.append("      missing by now: \(change.vanished.joined(separator: ", "))")
        }
        if change.missingCountBefore != change.missingCountAfter {
            lines.append(
                "      \(change.missingCountAfter) features are missing, "
                    + "\(change.missingCountBefore) were")
        }
        return lines
    }

    private var headline: String {
        let before =
            change.probabilityBefore.map(Figure.percent)
            ?? change.estimateBefore.map(Figure.estimate) ?? "indeterminate"
        let after =
            change.probabilityAfter.map(Figure.percent)
            ?? change.estimateAfter.map(Figure.estimate) ?? "indeterminate"
        var line = "    since revision \(change.revisionBefore): \(before) → \(after)"
        if change.isOtherBand, let from = change.bandBefore, let to = change.bandAfter {
            line += ", band \(from.name) → \(to.name)"
        }
        return line
    }
}
