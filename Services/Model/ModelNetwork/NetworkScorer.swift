public import ModelCore

/// Scores rows with a network: the probabilities of its classes.
///
/// One row or many, the bits are the same.
public struct NetworkScorer: Scorer {
    private static let blockRowCount = 256

    public let featureCount: Int
    public let classCount: Int
    public let operationsPerRow: Int
    let network: PackedNetwork

    public init(_ network: DenseNetwork) throws(NetworkError) {
        try network.check()
        self.init(packed: PackedNetwork(network))
    }

    init(packed network: PackedNetwork) {
        self.network = network
        featureCount = network.featureCount
        classCount = network.classCount
        operationsPerRow = network.layers.reduce(0) { $0 + $1.inputCount * $1.outputCount }
    }

    public func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        guard count > 0, rows.count == count * featureCount else {
            throw .width(expected: count * featureCount, got: rows.count)
        }
        var scores: [Float] = []
        scores.reserveCapacity(count * classCount)
        for start in stride(from: 0, to: count, by: Self.blockRowCount) {
            let end = min(start + Self.blockRowCount, count)
            let prepared = network.prepared(
                rows[start * featureCount..<end * featureCount], count: end - start)
            for logits in network.logitRows(prepared, count: end - start) {
                scores += Logits.probabilities(logits).map { Float($0) }
            }
        }
        return scores
    }
}

extension PackedNetwork {
    /// The logits of each row.
    func logitRows(_ prepared: [Float], count: Int) -> [ArraySlice<Float>] {
        logitRows(of: outputs(prepared, count: count).last ?? [], count: count)
    }

    /// The logits of each row without what they were filled up with.
    func logitRows(of outputs: [Float], count: Int) -> [ArraySlice<Float>] {
        let columns = outputs.count / max(1, count)
        return (0..<count).map { outputs[$0 * columns..<$0 * columns + logitCount] }
    }
}
