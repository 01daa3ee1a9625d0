public import ModelCore

/// A compiled graph as a scorer: rows of features in, the scores of the classes out.
public struct ONNXScorer: Scorer {
    public let featureCount: Int
    public let classCount: Int
    public let operationsPerRow: Int
    /// The classes' names in the file, where it has such.
    public let classNames: [String]?
    private let plan: Plan
    private let scorePlace: Int
    /// A single column is the probability of the second of two classes.
    private let isSingleColumn: Bool

    /// Runs the graph once, to learn what it makes.
    ///
    /// The scores are the last output that holds numbers, one row a row.
    public init(_ artifact: ONNXArtifact, featureCount: Int) throws(ONNXError) {
        let plan = artifact.plan
        guard plan.featureCount == nil || plan.featureCount == featureCount else {
            throw .graph("\(featureCount) features, the graph takes \(plan.featureCount ?? 0)")
        }
        let row = [Float](repeating: 0, count: featureCount)
        var found: (place: Int, width: Int)?
        let values = try plan.run(row, count: 1, width: featureCount)
        for (output, value) in zip(plan.outputs, values) {
            guard case .floats(let tensor) = value, tensor.shape.first == 1,
                tensor.shape.count <= 2, tensor.width > 0
            else { continue }
            found = (output.place, tensor.width)
        }
        guard let found else { throw .graph("no output holds the scores of a row") }
        self.plan = plan
        self.featureCount = featureCount
        scorePlace = found.place
        isSingleColumn = found.width == 1
        classCount = max(2, found.width)
        operationsPerRow = plan.operationsPerRow
        classNames =
            plan.steps.lazy.compactMap { $0.kernel as? any Classifying }.first.flatMap {
                guard case .texts(let names) = $0.labels else { return nil }
                return names
            }
    }

    public func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        guard count > 0, rows.count == count * featureCount else {
            throw .width(expected: count * featureCount, got: rows.count)
        }
        guard count > ONNXLimits.blockRowCount else { return try block(rows, count: count) }
        var scores: [Float] = []
        scores.reserveCapacity(count * classCount)
        for start in stride(from: 0, to: count, by: ONNXLimits.blockRowCount) {
            let end = min(start + ONNXLimits.blockRowCount, count)
            scores += try block(
                Array(rows[start * featureCount..<end * featureCount]), count: end - start)
        }
        return scores
    }

    private func block(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        do throws(ONNXError) {
            let scores = try plan.scores(rows, count: count, width: featureCount, at: scorePlace)
            if isSingleColumn, scores.count == count { return scores.flatMap { [1 - $0, $0] } }
            guard scores.count == count * classCount else {
                throw .graph("\(scores.count) scores for \(count) rows")
            }
            return scores
        } catch {
            if error == .tooExpensive { throw .tooExpensive }
            throw .notComputable("\(error)")
        }
    }

    /// How the score of a class is a sum of what the features add; nil where it is not.
    public func exactForm(positive: Int) -> ExactForm? {
        guard !isSingleColumn else { return nil }
        return ExactPlan.form(
            of: plan, scorePlace: scorePlace, positive: positive, width: featureCount,
            classCount: classCount)
    }
}

extension Plan {
    /// The numbers of one output.
    func scores(
        _ rows: [Float], count: Int, width: Int, at place: Int
    ) throws(ONNXError) -> [Float] {
        for (output, value) in zip(outputs, try run(rows, count: count, width: width))
        where output.place == place {
            if case .floats(let tensor) = value { return tensor.elements }
        }
        throw .graph("the scores are no numbers")
    }
}
