import ModelCore
import ModelTraining

extension NetworkInputs {
    /// Fills in, draws in and scales to mean 0 and deviation 1, as the rows of the table ask for.
    ///
    /// `tail` is the share of a feature's values at each end that are drawn in to the others.
    init(
        _ imputation: ImputationRule, tail: Double, of table: TrainingTable
    ) throws(TrainerError) {
        guard let statistic = imputation.statistic else {
            throw .training("only a forest can do with gaps: fill in a mean or a median")
        }
        guard tail >= 0, tail < 0.5 else { throw .training("tails of \(tail)") }
        let filled = Imputation(statistic, of: table)
        let bounds = tail > 0 ? table.bounds(tail: tail).map { $0 ?? 0...0 } : []
        var complete = filled.filling(table)
        if tail > 0 { complete = complete.within(bounds) }
        let scaling = Scaling(.standard, of: complete)
        self.init(
            fills: filled.fill,
            indicators: imputation == .indicator
                ? filled.missingShare.indices.filter { filled.missingShare[$0] > 0 } : [],
            offsets: scaling.offsets, scales: scaling.scales, bounds: bounds)
    }

    /// What the manifest says of the columns.
    func missing(_ imputation: ImputationRule) -> [MissingTreatment] {
        fills.indices.map { index in
            indicators.contains(index) ? .none : imputation.treatment(fills[index])
        }
    }

    /// The inputs of all rows, one after the other.
    func inputs(of table: TrainingTable) -> [Float] {
        table.labels.indices.flatMap { inputs(of: table.row($0)) }
    }
}
