/// Why a forest cannot be grown, scored or explained.
public enum ForestError: Error, Hashable, Sendable, CustomStringConvertible {
    // The rows to learn from.
    case noRows
    case tooLarge(String)
    case counts(String)
    case oneClass
    case infiniteValue(row: Int, feature: Int)
    case badWeight(row: Int)
    case badOption(String)
    /// Stopped before the first tree was done.
    case stopped

    // The ensemble.
    case noFeatures
    case emptyTree(Int)
    case badNode(tree: Int, node: Int, String)
    case badBaseValue
    /// A node that training rows must have come through says that none did.
    case noCover(tree: Int, node: Int)
    /// One path compares more features than can be explained exactly.
    case tooDeep(tree: Int)

    // The row to score.
    case rowLength(Int, expected: Int)

    public var description: String {
        switch self {
        case .noRows: "there are no rows"
        case .tooLarge(let what): "too large: \(what)"
        case .counts(let what): "counts differ: \(what)"
        case .oneClass: "all rows have the same label"
        case .infiniteValue(let row, let feature):
            "row \(row), feature \(feature): the value is infinite"
        case .badWeight(let row): "row \(row): the weight is negative, too large or not a number"
        case .badOption(let what): "option: \(what)"
        case .stopped: "stopped before the first tree was done"
        case .noFeatures: "the ensemble has no features, or too many"
        case .emptyTree(let tree): "tree \(tree) has no nodes"
        case .badNode(let tree, let node, let what): "tree \(tree), node \(node): \(what)"
        case .badBaseValue: "the base value is not finite"
        case .noCover(let tree, let node): "tree \(tree), node \(node): no cover"
        case .tooDeep(let tree): "tree \(tree): a path compares too many features"
        case .rowLength(let length, let expected):
            "\(length) values, where a row has \(expected)"
        }
    }
}
