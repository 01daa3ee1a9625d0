import ModelCore

/// Rows to train a network from, or to watch it by.
public struct NetworkRows: Sendable {
    static let rowCountMax = 1 << 24
    static let cellCountMax = 1 << 31
    static let classCountMax = 1_000
    static let weightMax: Float = 1e6

    public let featureCount: Int
    /// 1 where the rows have a quantity.
    public let classCount: Int
    public var rowCount: Int { labels.count }
    /// Row after row; NaN stands for a missing value.
    let values: [Float]
    let labels: [Int]
    /// One a row; empty where the rows are of classes.
    let quantities: [Float]
    let weights: [Float]

    /// Proves the rows; classes are numbered from 0, and without weights each row counts as one.
    public init(
        featureCount: Int, values: [Float], labels: [Int], classCount: Int,
        weights: [Float]? = nil
    ) throws(NetworkError) {
        guard (2...Self.classCountMax).contains(classCount) || labels.isEmpty else {
            throw .tooLarge("\(classCount) classes")
        }
        try self.init(
            featureCount, values, labels: labels, classCount: classCount, quantities: [], weights)
    }

    /// Proves rows that have a quantity each; it should have mean 0 and deviation 1.
    public init(
        featureCount: Int, values: [Float], quantities: [Float]
    ) throws(NetworkError) {
        if let row = quantities.firstIndex(where: { !$0.isFinite }) { throw .badLabel(row: row) }
        try self.init(
            featureCount, values, labels: [Int](repeating: 0, count: quantities.count),
            classCount: 1, quantities: quantities, nil)
    }

    private init(
        _ featureCount: Int, _ values: [Float], labels: [Int], classCount: Int,
        quantities: [Float], _ weights: [Float]?
    ) throws(NetworkError) {
        guard !labels.isEmpty else { throw .noRows }
        guard (1...DenseNetwork.featureCountMax).contains(featureCount) else {
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
        self.quantities = quantities
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

    /// What one row costs when the last layer gives these outputs.
    func loss(_ outputs: ArraySlice<Float>, row: Int) -> Double {
        guard !quantities.isEmpty else { return Logits.loss(outputs, labels[row]) }
        let distance = Double(outputs[outputs.startIndex]) - Double(quantities[row])
        return distance * distance / 2
    }

    /// By how much each of the last layer's outputs moves the loss of one row.
    func slopes(_ outputs: ArraySlice<Float>, row: Int) -> [Double] {
        guard quantities.isEmpty else {
            return [Double(outputs[outputs.startIndex]) - Double(quantities[row])]
        }
        let probabilities = Logits.probabilities(outputs)
        guard outputs.count > 1 else { return [probabilities[1] - (labels[row] == 1 ? 1 : 0)] }
        return probabilities.indices.map { probabilities[$0] - ($0 == labels[row] ? 1 : 0) }
    }

    /// Whether there is anything to tell apart.
    var differ: Bool {
        quantities.isEmpty
            ? classTotals.count { $0 > 0 } > 1 : quantities.contains { $0 != quantities[0] }
    }

    /// The weight of all rows of each class.
    var classTotals: [Double] {
        var totals = [Double](repeating: 0, count: classCount)
        for (label, weight) in zip(labels, weights) { totals[label] += Double(weight) }
        return totals
    }
}
