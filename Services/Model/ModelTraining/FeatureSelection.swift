/// Which columns are worth learning from.
public enum FeatureSelection {
    /// The columns that are neither always missing nor always the same.
    ///
    /// A column that has one value, but not in every row, tells who was measured: it stays.
    public static func informative(_ table: TrainingTable) -> [Int] {
        table.columns.indices.filter { index in
            let column = table.column(index)
            guard let first = column.first(where: { !$0.isNaN }) else { return false }
            return column.contains { $0 != first }
        }
    }

    /// The columns of the greatest importance, at most `count`, in the order of the table.
    public static func top(_ count: Int, byImportance importances: [Double]) -> [Int] {
        importances.indices.sorted {
            importances[$0] != importances[$1] ? importances[$0] > importances[$1] : $0 < $1
        }.prefix(max(0, count)).sorted()
    }
}
