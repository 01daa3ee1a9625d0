/// Proves a model against its own golden rows before it may serve.
public enum Proof {
    /// How far an explanation may be from its score, times the score's size where that is above
    /// ``Manifest/answerSize``, else times that.
    public static let explanationTolerance = 1e-3

    /// Throws unless every golden row gets its golden answer, and an account that adds up to it.
    ///
    /// It also warms the model up: every part has run once when this returns.
    public static func prove(_ model: LoadedModel) throws(ModelError) {
        let golden = model.manifest.golden
        let rows = golden.map { row in
            model.imputed(row.input.map { $0.map { Float($0) } ?? .nan })
        }
        let scores = try model.scorer.score(rows.flatMap { $0 }, count: rows.count)
        let width = model.scorer.classCount
        guard scores.count == rows.count * width else {
            throw .width(expected: rows.count * width, got: scores.count)
        }
        for (index, row) in golden.enumerated() {
            for (column, expected) in row.output.enumerated() {
                let got = Double(scores[index * width + column])
                guard
                    agrees(
                        got, expected, within: model.manifest.goldenTolerance,
                        size: model.manifest.answerSize)
                else {
                    throw .goldenMismatch(
                        row: index, column: column, expected: expected, got: got)
                }
            }
            let score = Double(scores[index * width + model.positiveIndex])
            let explanation = try model.explainer.explain(rows[index])
            guard explanation.contributions.count == model.scorer.featureCount,
                addsUp(explanation, to: score, size: model.manifest.answerSize)
            else {
                throw .explanationMismatch(
                    row: index, score: score, explained: explanation.rawScore)
            }
        }
    }

    /// Whether an account and a score, made on two ways, are of the same thing.
    public static func addsUp(
        _ explanation: Explanation, to score: Double, size: Double = 1
    ) -> Bool {
        agrees(
            explanation.link.score(ofRaw: explanation.rawScore), score,
            within: explanationTolerance, size: size)
    }

    /// False where either is NaN.
    private static func agrees(
        _ got: Double, _ expected: Double, within bound: Double, size: Double
    ) -> Bool {
        (got - expected).magnitude <= bound * max(size, expected.magnitude)
    }
}
