import Testing
import TwinCore

struct ScoreWorthTests {
    private static let bands = [
        ScoreBand(name: "low", from: 0), ScoreBand(name: "low-medium", from: nil, orSinglePart: 3),
        ScoreBand(name: "medium", from: 5), ScoreBand(name: "high", from: 7),
    ]

    /// Of parts that can give 3 points each.
    private func worth(_ points: [Double?]) -> ScoreWorth {
        let parts = points.enumerated().map { index, points in
            ScorePart(
                name: "\(index)",
                stages: [ScoreStage(until: nil, least: points ?? 0, most: points ?? 3, inputs: [])])
        }
        return Score(
            name: "s", title: "S", version: "1", unit: "{score}", parts: parts,
            bands: ScoreWorthTests.bands
        ).worth(at: Instant(microsecondsSinceEpoch: 0))
    }

    @Test func `bands follow the total and a single three`() {
        #expect(worth([0, 0, 0, 0, 0, 0, 0]).band == 0)
        #expect(worth([2, 2, 0, 0, 0, 0, 0]).band == 0)
        #expect(worth([3, 0, 0, 0, 0, 0, 0]).band == 1)
        #expect(worth([3, 2, 0, 0, 0, 0, 0]).band == 2)
        #expect(worth([2, 2, 2, 0, 0, 0, 0]).band == 2)
        #expect(worth([3, 2, 2, 0, 0, 0, 0]).band == 3)
    }

    @Test func `a gap leaves a range, and a band only where it decides nothing`() {
        let gap = worth([2, 2, nil, 0, 0, 0, nil])
        #expect(gap.value == nil && gap.least == 4 && gap.most == 10)
        #expect(gap.band == nil && gap.bandLeast == 0 && gap.bandMost == 3)
        #expect(worth([3, 3, nil, 3, 0, 0, 0]).band == 3)
        #expect(!worth([3, 3, nil, 3, 0, 0, 0]).isComplete)
    }

    @Test func `nothing is a score of no parts`() {
        #expect(worth([]).value == nil)
        #expect(worth([]).least == nil)
    }

    @Test func `of an open part only the limits are known`() {
        let stage = ScoreStage(until: nil, least: 300, most: nil, inputs: [])
        let score = Score(
            name: "r", title: "R", version: "1", unit: "mm[Hg]",
            parts: [ScorePart(name: "ratio", stages: [stage])])
        let worth = score.worth(at: Instant(microsecondsSinceEpoch: 0))
        #expect(worth.least == 300 && worth.most == nil && worth.value == nil)
        #expect(worth.band == nil)
    }

    @Test func `a stage holds to its last moment`() {
        let end = Instant(microsecondsSinceEpoch: 10)
        let part = ScorePart(
            name: "p",
            stages: [
                ScoreStage(until: end, least: 1, most: 1, inputs: []),
                ScoreStage(until: nil, least: 0, most: 3, inputs: []),
            ])
        #expect(part.stage(at: end)?.least == 1)
        #expect(part.stage(at: Instant(microsecondsSinceEpoch: 11))?.least == 0)
        #expect(part.stage(at: Instant(microsecondsSinceEpoch: .min))?.least == 1)
    }
}
