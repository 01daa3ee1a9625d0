import ModelCore
import ModelONNX
import Testing

/// Every fixture answers as ONNX Runtime does.
@Suite struct RuntimeAgreementTests {
    @Test func `there are fixtures`() { #expect(Fixture.names.count >= 120) }

    @Test(arguments: Fixture.names)
    func `scores are those of ONNX Runtime`(_ name: String) throws {
        let fixture = try Fixture(name)
        let artifact = try ONNXArtifact(bytes: fixture.bytes)
        #expect(artifact.featureCount == fixture.width)
        let outputs = try artifact.run(
            fixture.rows.flatMap { $0 }, count: fixture.rows.count)
        guard case .numbers(let shape, let scores) = outputs.last else {
            Issue.record("the last output holds no numbers")
            return
        }
        #expect(shape.reduce(1, *) == fixture.scores.reduce(0) { $0 + $1.count })
        for (got, expected) in zip(scores, fixture.scores.joined()) {
            // Equal infinities have no difference; a score that is lost there is lost here.
            #expect(
                got == expected || (got.isNaN && expected.isNaN)
                    || (got - expected).magnitude <= 2e-5 * max(1, expected.magnitude))
        }
    }

    @Test(arguments: Fixture.names)
    func `one row at a time gives the same bits as all at once`(_ name: String) throws {
        let fixture = try Fixture(name)
        let artifact = try ONNXArtifact(bytes: fixture.bytes)
        let all = try artifact.run(fixture.rows.flatMap { $0 }, count: fixture.rows.count)
        guard case .numbers(_, let scores) = all.last else { return }
        let width = scores.count / fixture.rows.count
        for (index, row) in fixture.rows.enumerated() {
            guard case .numbers(_, let own) = try artifact.run(row, count: 1).last else { continue }
            let same = scores[index * width..<(index + 1) * width]
            #expect(own.map(\.bitPattern) == same.map(\.bitPattern))
        }
    }

    /// Runtimes call the second class at any score above zero where both have sums of their own,
    /// and never a class that no leaf of a row speaks for.
    ///
    /// Labels are not used by assessments.
    static let labelled = {
        let without = [
            "trees_both", "trees_second", "trees_target", "trees_three", "normalizer", "gemm",
            "linear_regression",
            "forest_regressor", "op_svm_linear_2",
        ]
        let named = Fixture.names.filter { name in !without.contains { name.hasPrefix($0) } }
        // A single output has no labels.
        return named.filter { (try? Fixture($0).labels.first) != "" }
    }()

    @Test(arguments: labelled)
    func `labels are those of ONNX Runtime`(_ name: String) throws {
        let fixture = try Fixture(name)
        let artifact = try ONNXArtifact(bytes: fixture.bytes)
        let outputs = try artifact.run(
            fixture.rows.flatMap { $0 }, count: fixture.rows.count)
        guard case .labels(let labels) = outputs.first else {
            Issue.record("the first output holds no labels")
            return
        }
        #expect(labels == fixture.labels)
    }
}
