/// Why a network cannot be trained, scored or explained.
public enum NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
    // The rows to learn from.
    case noRows
    case tooLarge(String)
    case counts(String)
    case oneClass
    case infiniteValue(row: Int, feature: Int)
    case badLabel(row: Int)
    case badWeight(row: Int)
    case badOption(String)
    /// Stopped before the first pass over the rows was done.
    case stopped
    /// The loss is no longer a number.
    case diverged(epoch: Int)

    // The network.
    case badInputs(String)
    case badLayer(Int, String)

    public var description: String {
        switch self {
        case .noRows: "there are no rows"
        case .tooLarge(let what): "too large: \(what)"
        case .counts(let what): "counts differ: \(what)"
        case .oneClass: "all rows have the same label"
        case .infiniteValue(let row, let feature):
            "row \(row), feature \(feature): the value is infinite"
        case .badLabel(let row): "row \(row): no such class"
        case .badWeight(let row): "row \(row): the weight is negative, too large or not a number"
        case .badOption(let what): "option: \(what)"
        case .stopped: "stopped before the first epoch was done"
        case .diverged(let epoch): "the loss of epoch \(epoch) is not a number: learn more slowly"
        case .badInputs(let what): "the inputs: \(what)"
        case .badLayer(let layer, let what): "layer \(layer): \(what)"
        }
    }
}
