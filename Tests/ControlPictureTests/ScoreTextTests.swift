import ControlPicture
import Testing
import TwinCore

@Suite struct `A doctor reads a score` {
    private let now = Instant(microsecondsSinceEpoch: 1_768_212_000_000_000)

    private func input(
        _ name: String, _ number: Double, minutes: Int64, validMinutes: Int64 = 720,
        flags: QualityFlags = []
    ) throws -> ScoreInput {
        let concept = try #require(Concept.named(name))
        let time = now.adding(seconds: -60 * minutes)
        return ScoreInput(
            code: concept.code, number: number, unit: concept.unit, eventTime: time,
            source: "MON", flags: flags, expiresAt: time.adding(seconds: 60 * validMinutes))
    }

    /// Respiration is valid, the pulse was for two minutes, temperature was never measured.
    private func sheet() throws -> ScoreSheet {
        let inputs = [
            try input("resp_rate", 22, minutes: 3, flags: .preliminary),
            try input("heart_rate", 112, minutes: 5, validMinutes: 2),
        ]
        let open = ScoreStage(
            until: nil, least: 0, most: 3, inputs: [1], flags: [.stale, .incomplete])
        let parts = [
            ScorePart(
                name: "respiration",
                stages: [ScoreStage(until: nil, least: 2, most: 2, inputs: [0])]),
            ScorePart(
                name: "pulse",
                stages: [
                    ScoreStage(until: inputs[1].expiresAt, least: 2, most: 2, inputs: [1]), open,
                ]),
            ScorePart(
                name: "temperature",
                stages: [
                    ScoreStage(until: nil, least: 0, most: 3, inputs: [], flags: .incomplete)
                ]),
        ]
        return ScoreSheet(
            inputs: inputs,
            scores: [
                Score(
                    name: "s", title: "Score", version: "Somebody 2001", unit: "{score}",
                    parts: parts,
                    bands: [
                        ScoreBand(name: "low", from: 0), ScoreBand(name: "high", from: 7),
                    ])
            ])
    }

    @Test func `what it could be, what it rests on, what is missing and what expired`() throws {
        #expect(
            ScoreText(try sheet(), at: now).lines == [
                "  Score  incomplete, between 2 and 8  low to high",
                "      from respiration 2: resp_rate 22 /min (3 min, preliminary)",
                "      missing temperature", "      expired pulse: heart_rate 112 /min (5 min)",
            ])
        let earlier = ScoreText(try sheet(), at: now.adding(seconds: -200)).lines
        #expect(earlier[0] == "  Score  incomplete, between 4 and 7  low to high")
    }

    @Test func `every part with its value, time, source and flags`() throws {
        let lines = ScoreText(try sheet(), at: now).explained
        #expect(lines[0].hasSuffix("(Somebody 2001)"))
        #expect(lines.count == 4)
        for word in ["respiration", "2", "22 /min", "3 min", "2026-01-12T09:57:00Z", "MON"] {
            #expect(lines[1].contains(word), "\(word)")
        }
        #expect(lines[2].contains("0 to 3") && lines[2].hasSuffix("expired"))
        #expect(lines[3].hasSuffix("missing"))
    }

    @Test func `an imputed number says so, an open one is a limit, an unknown one says what lacks`()
        throws
    {
        func lines(_ stage: ScoreStage) -> [String] {
            let score = Score(
                name: "pf", title: "P/F", version: "", unit: "mm[Hg]",
                parts: [ScorePart(name: "ratio", stages: [stage])])
            return ScoreText(ScoreSheet(inputs: [], scores: [score]), at: now).lines
        }
        let imputed = ScoreStage(until: nil, least: 167, most: 167, inputs: [], flags: .imputed)
        #expect(lines(imputed) == ["  P/F  167 mm[Hg], imputed"])
        let open = ScoreStage(until: nil, least: 302, most: nil, inputs: [])
        #expect(lines(open)[0] == "  P/F  incomplete, at least 302 mm[Hg]")
        let unknown = ScoreStage(
            until: nil, least: nil, most: nil, inputs: [], note: "without FiO2")
        #expect(lines(unknown) == ["  P/F  incomplete", "      without FiO2"])
    }

    @Test(
        arguments: [
            (-120, "later"), (-59, "now"), (59, "now"), (60, "1 min"), (7_199, "119 min"),
            (7_200, "2 h"), (172_799, "47 h"), (172_800, "2 d"),
        ] as [(Int64, String)])
    func `ages in words`(seconds: Int64, words: String) {
        #expect(AgeText.words(now.adding(seconds: -seconds), at: now) == words)
    }
}
