import ModelTraining
import Testing

struct DecisionTests {
    @Test func `net benefit is what is gained less what is spent`() throws {
        let rows = try ScoredRows(
            scores: [0.05, 0.15, 0.25, 0.9, 0.6], labels: [false, false, true, true, false])
        let curve = rows.decisionCurve(percentMax: 20)
        #expect(curve.count == 20)
        let last = try #require(curve.last)
        // At 0.2: two found, one needless; (2 − 1 · 0.25) / 5, and for all (2 − 3 · 0.25) / 5.
        #expect(last.threshold == 0.2)
        #expect(abs(last.model - 0.35) < 1e-12)
        #expect(abs(last.everybody - 0.25) < 1e-12)
    }

    @Test func `an interval holds its value and narrows with rows`() throws {
        func rows(_ count: Int) throws -> ScoredRows {
            let scores = (0..<count).map { Double(($0 * 37) % 101) / 101 }
            return try ScoredRows(
                scores: scores,
                labels: scores.indices.map { scores[$0] > Double(($0 * 53) % 97) / 97 })
        }
        let small = try rows(100)
        let large = try rows(1600)
        let measures: [(ScoredRows) -> Double?] = [{ $0.auroc }, { $0.brierScore }, { _ in nil }]
        let narrow = try large.intervals(samples: 200, seed: 3, of: measures)
        let wide = try small.intervals(samples: 200, seed: 3, of: measures)
        for index in 0..<2 {
            let value = try #require(measures[index](large))
            let interval = try #require(narrow[index])
            #expect(interval.contains(value))
            let other = try #require(wide[index])
            let ratio =
                (other.upperBound - other.lowerBound)
                / (interval.upperBound - interval.lowerBound)
            // Sixteen times the rows, a quarter of the width.
            #expect((2.5...6).contains(ratio), "\(ratio)")
        }
        #expect(narrow[2] == nil)
        let known = try large.aurocInterval(samples: 400, seed: 9)
        let here = try #require(narrow[0])
        #expect(abs(known.lowerBound - here.lowerBound) < 0.01)
        #expect(abs(known.upperBound - here.upperBound) < 0.01)
    }
}
