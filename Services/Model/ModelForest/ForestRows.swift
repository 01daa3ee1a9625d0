/// Rows to grow a forest from.
public struct ForestRows: Sendable {
    static let rowCountMax = 1 << 24
    static let featureCountMax = 1 << 16
    static let cellCountMax = 1 << 31
    static let weightMax: Float = 1e6

    public let featureCount: Int
    public var rowCount: Int { labels.count }
    /// Row after row; NaN stands for a missing value.
    let values: [Float]
    let labels: [UInt8]
    let weights: [Float]

    /// Proves the rows; without weights each counts as one.
    public init(
        featureCount: Int, values: [Float], labels: [Bool], weights: [Float]? = nil
    ) throws(ForestError) {
        guard featureCount > 0 else { throw .noFeatures }
        guard !labels.isEmpty else { throw .noRows }
        guard featureCount <= Self.featureCountMax else {
            throw .tooLarge("\(featureCount) features")
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
        if let row = weights.firstIndex(where: { !($0 >= 0 && $0 <= Self.weightMax) }) {
            throw .badWeight(row: row)
        }
        self.featureCount = featureCount
        self.values = values
        self.labels = labels.map { $0 ? 1 : 0 }
        self.weights = weights
    }

    /// The weights of the two classes.
    var classTotals: (negative: Double, positive: Double) {
        var totals = (negative: 0.0, positive: 0.0)
        for (label, weight) in zip(labels, weights) {
            if label == 0 {
                totals.negative += Double(weight)
            } else {
                totals.positive += Double(weight)
            }
        }
        return totals
    }
}
