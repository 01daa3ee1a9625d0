/// Why a machine cannot be trained or asked.
public enum SVMError: Error, Hashable, Sendable, CustomStringConvertible {
    case noRows
    case noFeatures
    case tooLarge(String)
    case counts(String)
    /// Both classes are needed.
    case oneClass
    case notFinite(row: Int)
    case badOption(String)
    /// So many errors as nu asks for are not to be had with these classes.
    case nuTooLarge(max: Double)
    /// The machine that came of it tells nothing apart.
    case noMargin
    /// Stopped before the first step.
    case stopped

    public var description: String {
        switch self {
        case .noRows: "there are no rows"
        case .noFeatures: "there are no features"
        case .tooLarge(let what): "too large: \(what)"
        case .counts(let what): "counts differ: \(what)"
        case .oneClass: "all rows have the same label"
        case .notFinite(let row): "row \(row): not a finite number"
        case .badOption(let what): "option: \(what)"
        case .nuTooLarge(let max): "nu can be at most \(max) with these classes"
        case .noMargin: "the rows cannot be told apart"
        case .stopped: "stopped before the first step"
        }
    }
}
