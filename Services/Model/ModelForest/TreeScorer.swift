public import ModelCore

/// Scores two complementary classes with one ensemble, of which the second has the linked raw
/// score; or tells a quantity, which is the raw score.
public struct TreeScorer: Scorer {
    public let featureCount: Int
    public let classCount: Int
    public let operationsPerRow: Int
    private let forest: ForestScorer
    private let preparations: [Preparation]
    private let link: ScoreLink

    /// Scores two classes.
    public init(
        _ ensemble: TreeEnsemble, preparations: [Preparation], link: ScoreLink
    ) throws(ForestError) {
        try self.init(ensemble, preparations, link, classCount: 2)
    }

    /// Tells a quantity.
    public init(
        quantityOf ensemble: TreeEnsemble, preparations: [Preparation]
    ) throws(ForestError) {
        try self.init(ensemble, preparations, .identity, classCount: 1)
    }

    private init(
        _ ensemble: TreeEnsemble, _ preparations: [Preparation], _ link: ScoreLink, classCount: Int
    ) throws(ForestError) {
        precondition(preparations.allSatisfy { $0.fits(width: ensemble.featureCount) })
        forest = try ForestScorer(ensemble)
        featureCount = ensemble.featureCount
        // Every comparison of the longest paths, and the leaves.
        operationsPerRow = ensemble.trees.reduce(0) { $0 + $1.depth + 1 }
        self.preparations = preparations
        self.link = link
        self.classCount = classCount
    }

    public func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        guard count > 0, rows.count == count * featureCount else {
            throw .width(expected: count * featureCount, got: rows.count)
        }
        var prepared = rows
        for step in preparations { step.apply(to: &prepared, width: featureCount) }
        let raw: [Double]
        do throws(ForestError) {
            raw = count == 1 ? [try forest.score(prepared)] : try forest.scores(prepared)
        } catch {
            throw .notComputable("\(error)")
        }
        guard classCount == 2 else { return raw.map { Float($0) } }
        var scores: [Float] = []
        scores.reserveCapacity(2 * count)
        for value in raw {
            let score = link.score(ofRaw: value)
            scores.append(Float(1 - score))
            scores.append(Float(score))
        }
        return scores
    }
}
