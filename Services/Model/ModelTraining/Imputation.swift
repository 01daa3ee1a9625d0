/// What stands in for the missing values of each feature, learnt from training rows only.
public struct Imputation: Hashable, Sendable {
    public enum Statistic: Hashable, Sendable {
        case mean
        case median
        /// Of equally frequent values the least: for codes and classes.
        case mostFrequent
    }

    /// One a feature; 0 for one that was always missing.
    public let fill: [Float]
    /// The share of the training rows that missed the feature.
    public let missingShare: [Double]

    public init(_ statistic: Statistic, of table: TrainingTable) {
        var fill: [Float] = []
        var missingShare: [Double] = []
        for index in table.columns.indices {
            let present = table.column(index).filter { !$0.isNaN }
            missingShare.append(1 - Double(present.count) / Double(table.rowCount))
            switch statistic {
            case _ where present.isEmpty: fill.append(0)
            case .mean:
                fill.append(Float(present.reduce(0) { $0 + Double($1) } / Double(present.count)))
            case .median: fill.append(Self.median(present))
            case .mostFrequent: fill.append(Self.mostFrequent(present))
            }
        }
        self.fill = fill
        self.missingShare = missingShare
    }

    private static func mostFrequent(_ values: [Float]) -> Float {
        var counts: [Float: Int] = [:]
        for value in values { counts[value, default: 0] += 1 }
        return counts.min { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }?.key ?? 0
    }

    private static func median(_ values: [Float]) -> Float {
        let sorted = values.sorted()
        let upper = sorted.count / 2
        guard sorted.count.isMultiple(of: 2) else { return sorted[upper] }
        return Float((Double(sorted[upper - 1]) + Double(sorted[upper])) / 2)
    }

    /// The table without gaps.
    public func filling(_ table: TrainingTable) -> TrainingTable {
        precondition(table.columnCount == fill.count)
        return table.mapping { value, column in value.isNaN ? fill[column] : value }
    }

    /// One row without gaps.
    public func filling(_ row: [Float]) -> [Float] {
        precondition(row.count == fill.count)
        return zip(row, fill).map { $0.isNaN ? $1 : $0 }
    }
}
