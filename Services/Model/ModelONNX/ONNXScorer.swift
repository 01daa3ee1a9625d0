public import ModelCore

/// A compiled graph as a scorer: rows of features in, the scores of the classes or a quantity out.
public struct ONNXScorer: Scorer {
    public let featureCount: Int
    public let classCount: Int
    public let operationsPerRow: Int
    /// The classes' names in the file, where it has such.
    public let classNames: [String]?
    let artifact: ONNXArtifact
    let scorePlace: Int
    /// What the scores are of.
    public enum Answers: Hashable, Sendable {
        case classes
        /// The one column is the quantity.
        case quantity
    }

    let answers: Answers
    /// A single column is the probability of the second of two classes.
    let isSingleColumn: Bool
    private let blockRowCount: Int

    /// Runs the graph once, to learn what it makes.
    ///
    /// The scores are the last output that holds numbers, one row a row.
    public init(
        _ artifact: ONNXArtifact, featureCount: Int, answers: Answers = .classes
    ) throws(ONNXError) {
        let plan = artifact.plan
        guard artifact.featureCount ?? featureCount == featureCount, featureCount > 0 else {
            throw .graph("\(featureCount) features, the graph takes \(artifact.featureCount ?? 0)")
        }
        let row = [Float](repeating: 0, count: featureCount)
        var found: (index: Int, width: Int)?
        let (values, cost) = try artifact.answers(row, count: 1)
        for (index, value) in values.enumerated() {
            guard value.isReal, value.shape.first == 1, value.shape.count <= 2, value.count > 0
            else { continue }
            found = (index, value.count)
        }
        guard let found else { throw .graph("no output holds the scores of a row") }
        try ONNXScorer.check(values[found.index].shape, artifact.declarations[found.index])
        self.artifact = artifact
        self.featureCount = featureCount
        scorePlace = plan.outputs[found.index].place
        guard answers == .classes || found.width == 1 else {
            throw .graph("\(found.width) numbers a row, a quantity is one")
        }
        self.answers = answers
        isSingleColumn = answers == .classes && found.width == 1
        classCount = answers == .quantity ? 1 : max(2, found.width)
        operationsPerRow = max(plan.operationsPerRow, cost.operations)
        blockRowCount = max(
            1, min(ONNXLimits.blockRowCount, ONNXLimits.blockElementCount / max(1, cost.elements)))
        classNames =
            plan.steps.lazy.compactMap { $0.kernel as? any Classifying }.first.flatMap {
                guard case .texts(let names) = $0.labels else { return nil }
                return names
            }
    }

    /// The scores must be as wide as the file declares them.
    private static func check(
        _ shape: [Int], _ declared: GraphFile.Input
    ) throws(ONNXError) {
        guard !declared.shape.isEmpty else { return }
        let fits = zip(shape, declared.shape).dropFirst().allSatisfy { own, declared in
            declared.map { $0 <= 0 || $0 == Int64(own) } ?? true
        }
        guard fits, shape.count == declared.shape.count else {
            throw .graph("output \(declared.name) has the shape \(shape), not the declared one")
        }
    }

    public func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        guard count > 0, rows.count == count * featureCount else {
            throw .width(expected: count * featureCount, got: rows.count)
        }
        guard count > blockRowCount else { return try block(rows, count: count) }
        var scores: [Float] = []
        scores.reserveCapacity(count * classCount)
        for start in stride(from: 0, to: count, by: blockRowCount) {
            let end = min(start + blockRowCount, count)
            scores += try block(
                Array(rows[start * featureCount..<end * featureCount]), count: end - start)
        }
        return scores
    }

    private func block(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        do throws(ONNXError) {
            let scores = try artifact.scores(rows, count: count, at: scorePlace)
            if isSingleColumn, scores.count == count { return scores.complemented }
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
        guard answers == .classes else {
            return ExactPlan.quantity(
                of: artifact.plan, scorePlace: scorePlace, width: featureCount)
        }
        guard !isSingleColumn else { return nil }
        return ExactPlan.form(
            of: artifact.plan, scorePlace: scorePlace, positive: positive, width: featureCount,
            classCount: classCount)
    }
}

extension ONNXScorer {
    /// The trees, where they are all there is to a quantity.
    public var quantityTrees: ExactForm? {
        guard answers == .quantity,
            let form = ExactPlan.quantity(
                of: artifact.plan, scorePlace: scorePlace, width: featureCount)
        else { return nil }
        if case .linear = form { return nil }
        return form
    }

    /// The trees, and what is done to the columns before them, where they are all there is to the
    /// scores of two complementary classes; for scorers that know nothing but trees.
    public var complementaryTrees: ExactForm? {
        guard !isSingleColumn, answers == .classes else { return nil }
        return ExactPlan.complementaryTrees(
            of: artifact.plan, scorePlace: scorePlace, width: featureCount, classCount: classCount)
    }
}

extension ONNXArtifact {
    /// The numbers of one output.
    func scores(_ rows: [Float], count: Int, at place: Int) throws(ONNXError) -> [Float] {
        for (output, value) in zip(plan.outputs, try answers(rows, count: count).outputs)
        where output.place == place {
            if case .floats(let tensor) = value { return tensor.elements }
            if case .doubles(let tensor) = value { return tensor.elements.map { Float($0) } }
        }
        throw .graph("the scores are no numbers")
    }
}

extension Value {
    /// Whether it holds numbers that are not whole by their type.
    fileprivate var isReal: Bool {
        switch self {
        case .floats, .doubles: true
        case .ints, .truths, .texts: false
        }
    }
}
