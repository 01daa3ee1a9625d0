/// Why a table, a metric or a calibration cannot be made.
public enum TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
    case noRows
    case noColumns
    case tooLarge(String)
    case counts(String)
    /// Both classes are needed.
    case oneClass
    case notFinite(row: Int)
    case badOption(String)
    /// The fit has no finite solution, or did not come to it.
    case noSolution(String)

    public var description: String {
        switch self {
        case .noRows: "there are no rows"
        case .noColumns: "there are no columns"
        case .tooLarge(let what): "too large: \(what)"
        case .counts(let what): "counts differ: \(what)"
        case .oneClass: "all rows have the same label"
        case .notFinite(let row): "row \(row): not a finite number"
        case .badOption(let what): "option: \(what)"
        case .noSolution(let what): "no solution: \(what)"
        }
    }
}
