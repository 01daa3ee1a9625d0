public import ModelCore

/// Scores two complementary classes with one ensemble: the second class has the linked raw score.
public struct TreeScorer: Scorer {
    public let featureCount: Int
    public let classCount = 2
    public let operationsPerRow: Int
    private let forest: ForestScorer
    private let preparations: [Preparation]
    private let link: ScoreLink

    public init(
        _ ensemble: TreeEnsemble, preparations: [Preparation], link: ScoreLink
    ) throws(ForestError) {
        precondition(preparations.allSatisfy { $0.fits(width: ensemble.featureCount) })
        forest = try ForestScorer(ensemble)
        featureCount = ensemble.featureCount
        // Every comparison of the longest paths, and the leaves.
        operationsPerRow = ensemble.trees.reduce(0) { $0 + $1.depth + 1 }
        self.preparations = preparations
        self.link = link
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
