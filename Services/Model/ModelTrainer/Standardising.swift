import ModelCore
import ModelTraining

extension NetworkInputs {
    /// Fills in and scales to mean 0 and deviation 1, as the rows of the table ask for.
    init(_ imputation: ImputationRule, of table: TrainingTable) throws(TrainerError) {
        guard imputation != .none else {
            throw .training("only a forest can do with gaps: fill in a mean or a median")
        }
        let filled = Imputation(imputation == .mean ? .mean : .median, of: table)
        let scaling = Scaling(.standard, of: filled.filling(table))
        self.init(
            fills: filled.fill,
            indicators: imputation == .indicator
                ? filled.missingShare.indices.filter { filled.missingShare[$0] > 0 } : [],
            offsets: scaling.offsets, scales: scaling.scales)
    }

    /// What the manifest says of the columns.
    func missing(_ imputation: ImputationRule) -> [MissingTreatment] {
        fills.indices.map { index in
            if indicators.contains(index) { return .none }
            let fill = Double(fills[index])
            return imputation == .mean ? .mean(fill) : .median(fill)
        }
    }

    /// The inputs of all rows, one after the other.
    func inputs(of table: TrainingTable) -> [Float] {
        table.labels.indices.flatMap { inputs(of: table.row($0)) }
    }
}
