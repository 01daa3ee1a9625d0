import ModelCore
import ModelONNX
import ModelRoster
import Testing

/// What scores a file fastest scores it as the file says.
struct FastScorerTests {
    /// Whether all bits are, but for those of what is no number.
    private func areSame(_ left: [Float], _ right: [Float]) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy {
                $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN)
            }
    }

    @Test(arguments: Fixture.names)
    func `the fastest scorer answers as the graph does`(_ name: String) throws {
        let fixture = try Fixture(name)
        guard
            let graph = try? ONNXScorer(
                ONNXArtifact(bytes: fixture.bytes), featureCount: fixture.width)
        else { return }
        let fast = try ModelRoster.scorer(fixture.bytes, featureCount: fixture.width)
        let rows = fixture.rows.flatMap { $0 }
        let expected = try graph.score(rows, count: fixture.rows.count)
        let together = try fast.score(rows, count: fixture.rows.count)
        #expect(together.count == expected.count)
        if fast is DirectScorer { #expect(areSame(together, expected)) }
        for (own, other) in zip(together, expected) {
            let distance = abs(own - other)
            #expect(
                distance <= 2e-5 * max(1, abs(other)) || own == other || (own.isNaN && other.isNaN),
                "\(own), \(other)")
        }
        // An assessment must be made again to the bit, whatever rows come with it.
        for (index, row) in fixture.rows.enumerated() {
            let alone = try fast.score(row, count: 1)
            let start = index * fast.classCount
            let among = together[start..<start + fast.classCount]
            #expect(alone.map(\.bitPattern) == among.map(\.bitPattern), "row \(index)")
        }
    }

    @Test(arguments: ["forest", "boosting", "xgboost", "lightgbm"])
    func `forests of two classes are scored by what knows only trees`(_ name: String) throws {
        let fixture = try Fixture(name)
        let fast = try ModelRoster.scorer(fixture.bytes, featureCount: fixture.width)
        #expect(!(fast is ONNXScorer))
    }

    /// Machines, networks, linear models, with what is done before and after them.
    @Test(arguments: [
        "mlp", "mlp_three", "zoo_mlp_9", "zoo_mlp_21", "svc_rbf", "svc_scores", "svc_three",
        "zoo_svc_four", "zoo_svr_rbf", "zoo_one_class", "logistic", "linear_three_softmax",
    ])
    func `straight plans are scored without a graph`(_ name: String) throws {
        let fixture = try Fixture(name)
        #expect(
            try ModelRoster.scorer(fixture.bytes, featureCount: fixture.width) is DirectScorer)
    }

    @Test(arguments: ["net_attention", "net_image_9", "zoo_double_mlp", "zoo_voting", "shapes"])
    func `what is more than a line is left to the graph`(_ name: String) throws {
        let fixture = try Fixture(name)
        let fast = try ModelRoster.scorer(fixture.bytes, featureCount: fixture.width)
        #expect(!(fast is DirectScorer))
    }

    /// Blocks of rows of every size, with numbers that are missing or endless.
    @Test(arguments: [
        "mlp", "mlp_three", "svc_rbf", "svc_scores", "svc_three", "zoo_svr_rbf", "logistic",
    ])
    func `straight plans give the bits of the graph for any rows`(_ name: String) throws {
        let fixture = try Fixture(name)
        let graph = try ONNXScorer(
            ONNXArtifact(bytes: fixture.bytes), featureCount: fixture.width)
        let direct = try #require(graph.direct)
        let known = fixture.rows.flatMap { $0 }
        var sequence = SeededSequence(seed: 23)
        for count in [1, 2, 7, 95, 96, 97, 200] {
            let rows = (0..<count * fixture.width).map { place -> Float in
                switch sequence.next(below: 40) {
                case 0: .nan
                case 1: .infinity
                case 2: 0
                default: known[(place + sequence.next(below: known.count)) % known.count]
                }
            }
            let own = try direct.score(rows, count: count)
            let expected = try graph.score(rows, count: count)
            #expect(areSame(own, expected), "\(count) rows")
        }
    }
}
