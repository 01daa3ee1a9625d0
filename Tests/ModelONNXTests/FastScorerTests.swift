import ModelCore
import ModelONNX
import ModelRoster
import Testing

/// What scores a file fastest scores it as the file says.
struct FastScorerTests {
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
}
