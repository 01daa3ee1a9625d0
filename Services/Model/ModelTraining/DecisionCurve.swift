/// What acting at one threshold is worth, in true positives a row.
///
/// Vickers and Elkin, Decision curve analysis, Med Decis Making 2006;26:565.
public struct NetBenefit: Hashable, Sendable {
    /// The probability from which on one acts: it says how many needless acts one needed act is
    /// worth.
    public let threshold: Double
    public let model: Double
    /// Of acting for everybody; acting for nobody is worth 0.
    public let everybody: Double
}

extension ScoredRows {
    /// The net benefit at thresholds from one to `percentMax` percent.
    public func decisionCurve(percentMax: Int = 60) -> [NetBenefit] {
        let size = Double(count)
        let prevalence = Double(positiveCount) / size
        return (1...max(1, min(99, percentMax))).map { percent in
            let threshold = Double(percent) / 100
            let odds = threshold / (1 - threshold)
            let metrics = ThresholdMetrics(self, threshold: threshold)
            return NetBenefit(
                threshold: threshold,
                model: (Double(metrics.truePositives) - Double(metrics.falsePositives) * odds)
                    / size,
                everybody: prevalence - (1 - prevalence) * odds)
        }
    }
}
