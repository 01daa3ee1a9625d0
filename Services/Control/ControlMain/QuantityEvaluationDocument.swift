import ModelTraining

/// How good answers of a quantity are, for people and for programs.
struct QuantityEvaluationDocument: Encodable {
    let rows: Int
    /// Root of the mean squared error, with its 95 % interval by bootstrap.
    let rmse: Double
    let rmseLow: Double?
    let rmseHigh: Double?
    let mae: Double
    let maeLow: Double?
    let maeHigh: Double?
    /// Null where the truths do not differ.
    let r2: Double?
    let r2Low: Double?
    let r2High: Double?
    /// The mean of answer less truth, and where 95 % of these differences lie if they are normal.
    let bias: Double?
    let agreementLow: Double?
    let agreementHigh: Double?

    init(_ own: ScoredQuantities, seed: UInt64) throws {
        rows = own.count
        rmse = own.rootMeanSquare
        mae = own.meanSize
        r2 = own.determination
        let intervals = try own.intervals(
            seed: seed, of: [{ $0.rootMeanSquare }, { $0.meanSize }, { $0.determination }])
        (rmseLow, rmseHigh) = (intervals[0]?.lowerBound, intervals[0]?.upperBound)
        (maeLow, maeHigh) = (intervals[1]?.lowerBound, intervals[1]?.upperBound)
        (r2Low, r2High) = (intervals[2]?.lowerBound, intervals[2]?.upperBound)
        let agreement = own.agreement
        bias = agreement?.bias
        agreementLow = agreement?.limits.lowerBound
        agreementHigh = agreement?.limits.upperBound
    }

    func text(_ unit: String) -> String {
        func with(_ value: Double, _ low: Double?, _ high: Double?) -> String {
            guard let low, let high else { return Output.short(value) }
            return "\(Output.short(value)) (\(Output.short(low)) to \(Output.short(high)))"
        }
        var parts = [
            "RMSE \(with(rmse, rmseLow, rmseHigh)) \(unit)",
            "MAE \(with(mae, maeLow, maeHigh)) \(unit)",
        ]
        if let r2 { parts.append("R² \(with(r2, r2Low, r2High))") }
        if let bias, let agreementLow, let agreementHigh {
            parts.append(
                "bias \(Output.short(bias, digits: 2)) \(unit), limits of agreement "
                    + "\(Output.short(agreementLow, digits: 3)) to "
                    + Output.short(agreementHigh, digits: 3))
        }
        return parts.joined(separator: ", ") + "; \(rows) rows"
    }
}
