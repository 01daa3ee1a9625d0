public import ModelCore

/// Path-dependent Shapley values of small ensembles by counting every subset of features: slow,
/// plain, and the oracle for faster ways.
public enum CountedShapley {
    public static let featureCountMax = 12

    public static let attribution: TreeAttribution = { ensemble throws(ModelError) in
        guard ensemble.featureCount <= featureCountMax else {
            throw .notExplainable("\(ensemble.featureCount) features")
        }
        return { row throws(ModelError) in attributions(ensemble, row) }
    }

    /// The same against a background: absent features are those of each of its rows.
    public static let background: TreeBackgroundAttribution = {
        ensemble, background throws(ModelError) in
        guard ensemble.featureCount <= featureCountMax else {
            throw .notExplainable("\(ensemble.featureCount) features")
        }
        return { row throws(ModelError) in
            shapley(ensemble.featureCount) { known in
                background.reduce(0.0) { sum, other in
                    let mixed = row.indices.map { known >> $0 & 1 == 1 ? row[$0] : other[$0] }
                    return sum + expectation(ensemble, mixed, known: .max)
                } / Double(background.count)
            }
        }
    }

    static func attributions(
        _ ensemble: TreeEnsemble, _ row: [Float]
    ) -> (baseline: Double, contributions: [Double]) {
        shapley(ensemble.featureCount) { expectation(ensemble, row, known: $0) }
    }

    /// What each feature gets of a game, by the worth of every set of known ones.
    private static func shapley(
        _ count: Int, _ worth: (Int) -> Double
    ) -> (baseline: Double, contributions: [Double]) {
        let values = (0..<1 << count).map(worth)
        let contributions = (0..<count).map { feature in
            (0..<1 << count).filter { $0 & 1 << feature == 0 }.reduce(0.0) { sum, known in
                let size = known.nonzeroBitCount
                let gain = values[known | 1 << feature] - values[known]
                return sum + gain / (Double(count) * choose(count - 1, size))
            }
        }
        return (values[0], contributions)
    }

    /// The mean score where only the features in `known` are known.
    private static func expectation(_ ensemble: TreeEnsemble, _ row: [Float], known: Int) -> Double
    {
        ensemble.trees.reduce(Double(ensemble.baseValue)) {
            $0 + expectation($1, at: 0, row, known)
        }
    }

    private static func expectation(
        _ tree: [TreeEnsemble.Node], at place: Int, _ row: [Float], _ known: Int
    ) -> Double {
        let node = tree[place]
        guard node.feature >= 0 else { return Double(node.value) }
        let (yes, no) = (Int(node.trueBranch), Int(node.falseBranch))
        if known & 1 << Int(node.feature) != 0 {
            let value = row[Int(node.feature)]
            let goesTrue = value.isNaN ? node.missingGoesTrue : value <= node.threshold
            return expectation(tree, at: goesTrue ? yes : no, row, known)
        }
        let cover = Double(node.cover)
        return expectation(tree, at: yes, row, known) * Double(tree[yes].cover) / cover
            + expectation(tree, at: no, row, known) * Double(tree[no].cover) / cover
    }

    private static func choose(_ count: Int, _ size: Int) -> Double {
        (0..<size).reduce(1.0) { $0 * Double(count - $1) / Double($1 + 1) }
    }
}
