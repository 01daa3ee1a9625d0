import ModelCore

/// Rows to train a network from, or to watch it by.
public struct NetworkRows: Sendable {
    static let rowCountMax = 1 << 24
    static let cellCountMax = 1 << 31
    static let classCountMax = 1_000
    static let weightMax: Float = 1e6

    public let featureCount: Int
    public let classCount: Int
    public var rowCount: Int { labels.count }
    /// Row after row; NaN stands for a missing value.
    let values: [Float]
    let labels: [Int]
    let weights: [Float]

    /// Proves the rows; classes are numbered from 0, and without weights each row counts as one.
    public init(
        featureCount: Int, values: [Float], labels: [Int], classCount: Int,
        weights: [Float]? = nil
    ) throws(NetworkError) {
        guard !labels.isEmpty else { throw .noRows }
        guard (1...DenseNetwork.featureCountMax).contains(featureCount) else {
            throw .tooLarge("\(featureCount) features")
        }
        guard (2...Self.classCountMax).contains(classCount) else {
            throw .tooLarge("\(classCount) classes")
        }
        guard labels.count <= Self.rowCountMax, labels.count * featureCount <= Self.cellCountMax
        else { throw .tooLarge("\(labels.count) rows of \(featureCount)") }
        guard values.count == labels.count * featureCount else {
            throw .counts("\(values.count) values, \(labels.count) rows of \(featureCount)")
        }
        let weights = weights ?? [Float](repeating: 1, count: labels.count)
        guard weights.count == labels.count else {
            throw .counts("\(weights.count) weights, \(labels.count) rows")
        }
        if let cell = values.firstIndex(where: \.isInfinite) {
            throw .infiniteValue(row: cell / featureCount, feature: cell % featureCount)
        }
        if let row = labels.firstIndex(where: { !(0..<classCount).contains($0) }) {
            throw .badLabel(row: row)
        }
        if let row = weights.firstIndex(where: { !($0 >= 0 && $0 <= Self.weightMax) }) {
            throw .badWeight(row: row)
        }
        self.featureCount = featureCount
        self.classCount = classCount
        self.values = values
        self.labels = labels
        self.weights = weights
    }

    /// Proves the rows of two classes: whether the outcome happened.
    public init(
        featureCount: Int, values: [Float], labels: [Bool], weights: [Float]? = nil
    ) throws(NetworkError) {
        try self.init(
            featureCount: featureCount, values: values, labels: labels.map { $0 ? 1 : 0 },
            classCount: 2, weights: weights)
    }

    /// The weight of all rows of each class.
    var classTotals: [Double] {
        var totals = [Double](repeating: 0, count: classCount)
        for (label, weight) in zip(labels, weights) { totals[label] += Double(weight) }
        return totals
    }
}
