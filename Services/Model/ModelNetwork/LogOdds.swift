import ModelCore

extension NetworkScorer {
    /// The log odds of the second of two classes for each row, before they become probabilities.
    public func logOdds(_ rows: [Float]) throws(NetworkError) -> [Double] {
        guard rows.count.isMultiple(of: featureCount), classCount == 2 else {
            throw .counts("\(rows.count) values in rows of \(featureCount), \(classCount) classes")
        }
        let count = rows.count / featureCount
        return network.logitRows(network.prepared(rows[...], count: count), count: count).map {
            Logits.logOdds($0, of: 1)
        }
    }

    /// What the one output of a network is for each row.
    public func quantities(_ rows: [Float]) throws(NetworkError) -> [Double] {
        try logOdds(rows)
    }

    /// The logits of each row of a network of more than two classes.
    public func logits(_ rows: [Float]) throws(NetworkError) -> [[Double]] {
        guard rows.count.isMultiple(of: featureCount), classCount > 2 else {
            throw .counts("\(rows.count) values in rows of \(featureCount), \(classCount) classes")
        }
        let count = rows.count / featureCount
        return network.logitRows(network.prepared(rows[...], count: count), count: count).map {
            $0.map(Double.init)
        }
    }
}
