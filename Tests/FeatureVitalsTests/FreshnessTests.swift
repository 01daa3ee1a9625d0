import FeatureCore
import Testing
import TwinCore
import TwinTestKit

@testable import FeatureVitals

struct FreshnessTests {
    private func at(_ minute: Int64) -> Instant { Chart.start.adding(seconds: minute * 60) }

    private func news2(_ chart: Chart, _ site: ScoreSite = ScoreSite()) throws -> Score {
        try #require(
            chart.sheet(VitalsExtractor(site: site)).scores.first { $0.name == "news2" })
    }

    private func pulse(_ score: Score, at time: Instant) throws -> ScoreStage {
        try #require(score.parts.first { $0.name == "pulse" }?.stage(at: time))
    }

    @Test func `a value holds to the end of its time and no longer, and nobody makes it anew`()
        throws
    {
        var chart = try Chart()
        try chart.add("heart_rate", 112)
        let score = try news2(chart)
        #expect(try pulse(score, at: at(720)).least == 2)
        let late = Instant(microsecondsSinceEpoch: at(720).microsecondsSinceEpoch + 1)
        let expired = try pulse(score, at: late)
        #expect(expired.least == 0 && expired.most == 3)
        #expect(expired.flags == [.stale, .incomplete])
        #expect(expired.inputs == [0])
        #expect(score.worth(at: at(0)).least == 2 && score.worth(at: late).least == 0)
        #expect(score.worth(at: late).most == 20)
    }

    @Test func `what is measured without a pause holds two minutes`() throws {
        var chart = try Chart()
        for minute in -4...0 { try chart.add("heart_rate", 112, minute: Int64(minute)) }
        let score = try news2(chart)
        #expect(try pulse(score, at: at(2)).isKnown)
        #expect(try !pulse(score, at: at(3)).isKnown)
        // One gap, and nobody knows that it is continuous.
        var gap = try Chart()
        for minute: Int64 in [-6, -5, -3, -1, 0] { try gap.add("heart_rate", 112, minute: minute) }
        #expect(try pulse(try news2(gap), at: at(700)).isKnown)
    }

    @Test func `where the newest value expires the next valid one takes its place`() throws {
        var chart = try Chart()
        try chart.add("heart_rate", 60, minute: -30, source: "nurse")
        for minute in -4...0 { try chart.add("heart_rate", 112, minute: Int64(minute)) }
        try chart.add("pulse_rate_nibp", 95, minute: -20)
        let score = try news2(chart)
        #expect(try pulse(score, at: at(0)).least == 2)
        // The cuff's is newer than the nurse's.
        #expect(try pulse(score, at: at(3)).least == 1)
        #expect(try pulse(score, at: at(695)).least == 1)
        #expect(try pulse(score, at: at(705)).flags.contains(.stale))
    }

    @Test func `a part on scale 2 expires with the oxygen that it depends on`() throws {
        var chart = try Chart()
        try chart.add("spo2_scale", 2)
        try chart.add("spo2", 97)
        try chart.add("o2_flow", 2, minute: -700)
        let score = try news2(chart)
        #expect(score.version == "RCP 2017, SpO2 scale 2")
        let part = try #require(score.parts.first { $0.name == "spo2" })
        #expect(part.stage(at: at(0))?.least == 3)
        let later = part.stage(at: at(30))
        #expect(later?.least == 0 && later?.most == 3)
    }

    @Test(arguments: [
        ("MON-7", 60), ("MON-8", 60), ("nurse", 3_600), ("other", 43_200),
    ])
    func `a rule of the site is for a quantity and a source`(source: String, seconds: Int64) throws
    {
        let rules = [
            Freshness.Rule(quantity: "heart_rate", source: "MON*", seconds: 60),
            Freshness.Rule(quantity: "*", source: "nurse", seconds: 3_600),
        ]
        var chart = try Chart()
        try chart.add("heart_rate", 112, source: source)
        let site = ScoreSite(freshness: try Freshness.site(Freshness(rules: rules)))
        let input = try #require(chart.sheet(VitalsExtractor(site: site)).inputs.first)
        #expect(input.expiresAt == Chart.start.adding(seconds: seconds))
        #expect(VitalsExtractor(site: site).version != VitalsExtractor().version)
    }

    @Test func `every quantity has a rule, and a site's senseless one is refused`() throws {
        for concept in Concept.all {
            #expect(
                Freshness.standard.rules.contains {
                    $0.quantity == concept.name || $0.quantity == "*"
                })
        }
        for rule in [
            Freshness.Rule(quantity: "pulse", seconds: 60),
            Freshness.Rule(quantity: "heart_rate", seconds: -1),
            Freshness.Rule(quantity: "heart_rate", seconds: .max),
            Freshness.Rule(quantity: "heart_rate", source: "", seconds: 1),
        ] {
            #expect(throws: ScoreTableError.self) {
                try Freshness.site(Freshness(rules: [rule]))
            }
        }
    }

    @Test func `a sheet says until when a value is valid, also one that came after it`() throws {
        var chart = try Chart()
        try chart.add("heart_rate", 112)
        try chart.add("lactate", 2)
        let sheet = chart.sheet()
        var newer = chart.observations[0]
        newer.eventTime = at(5)
        #expect(sheet.expiry(of: newer) == at(725))
        #expect(sheet.expiry(of: chart.observations[1]) == at(1_440))
        newer.source = "stranger"
        #expect(sheet.expiry(of: newer) == nil)
    }

    /// Whatever the order, the repetition and the steps: the same sheet.
    @Test(arguments: 0..<20)
    func `the scores are a function of the set of measurements`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var chart = try Chart()
        let quantities = [
            "heart_rate", "sbp", "spo2", "fio2", "o2_flow", "gcs", "creatinine", "pao2",
            "urine_output", "mech_vent", "norepinephrine", "body_temp", "age",
        ]
        for _ in 0..<80 {
            let name = quantities[Int.random(in: 0..<quantities.count, using: &random)]
            try chart.add(
                name, Double(Int.random(in: 1...150, using: &random)),
                minute: Int64.random(in: -2_000...0, using: &random),
                flags: Bool.random(using: &random) ? [] : .preliminary,
                source: Bool.random(using: &random) ? "A" : "B")
        }
        let extractor = VitalsExtractor()
        func sheet(_ observations: [Observation], step: Int) -> ScoreSheet {
            var timeline = Timeline()
            for start in stride(from: 0, to: observations.count, by: step) {
                timeline.merge(
                    Array(observations[start..<min(start + step, observations.count)]),
                    reading: extractor)
            }
            return extractor.features(of: timeline, at: 1).sheet
        }
        let whole = sheet(chart.observations, step: 1_000)
        #expect(!whole.scores.isEmpty)
        var again = chart.observations + chart.observations.prefix(20)
        again.shuffle(using: &random)
        #expect(sheet(again, step: 7) == whole)
        for score in whole.scores { try expectHonest(score) }
    }

    /// Stages ascend and end with one that does not; the least is never above the most.
    private func expectHonest(_ score: Score) throws {
        for part in score.parts {
            let ends = part.stages.map(\.until)
            #expect(ends.last == .some(nil))
            let times = ends.dropLast().compactMap(\.self)
            #expect(times.count == ends.count - 1)
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
            for stage in part.stages {
                if let least = stage.least, let most = stage.most { #expect(least <= most) }
                #expect(stage.isKnown || stage.flags.contains(.incomplete))
            }
        }
    }
}
