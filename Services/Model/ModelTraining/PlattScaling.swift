extension LogisticLine {
    /// Platt's scaling: from scores of any scale to probabilities.
    ///
    /// Fit it on scores of rows that the model has not learnt from: out of fold, or out of bag.
    /// The targets are drawn in a little, as Platt does, so that there is always a solution.
    public init(scaling rows: ScoredRows) throws(TrainingError) {
        let positives = Double(rows.positiveCount)
        let negatives = Double(rows.negativeCount)
        guard positives > 0, negatives > 0 else { throw .oneClass }
        let high = (positives + 1) / (positives + 2)
        let low = 1 / (negatives + 2)
        try self.init(fitting: rows.scores, to: rows.labels.map { $0 ? high : low })
    }
}
