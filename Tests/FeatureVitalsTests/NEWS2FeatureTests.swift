import FeatureVitals
import Testing
import TwinCore

struct NEWS2FeatureTests {
    /// A complete set worth 14: see the reference.
    private func completeSet(without missing: Set<String> = []) throws -> Chart {
        var chart = try Chart()
        for (name, number) in [
            ("resp_rate", 22), ("spo2", 93), ("sbp", 98), ("heart_rate", 112), ("body_temp", 38.4),
            ("o2_flow", 2),
        ] where !missing.contains(name) {
            try chart.add(name, number)
        }
        if !missing.contains("avpu") { try chart.add("avpu", .text("C")) }
        return chart
    }

    @Test func `a complete set on oxygen with new confusion is worth 14`() throws {
        let features = try completeSet().features()
        let expected: [(String, Double)] = [
            ("score", 14), ("min", 14), ("max", 14), ("incomplete", 0), ("band", 3),
            ("single3", 1), ("respiration", 2), ("spo2", 2), ("air_or_oxygen", 2),
            ("systolic", 2), ("pulse", 2), ("consciousness", 3), ("temperature", 1),
            ("pulse.age_s", 0),
        ]
        for (name, value) in expected {
            #expect(features["news2.\(name)"]?.value == value, "\(name)")
            #expect(features["news2.\(name)"]?.flags == [], "\(name)")
        }
    }

    @Test(arguments: [
        ("resp_rate", 2, 3), ("spo2", 2, 3), ("sbp", 2, 3), ("heart_rate", 2, 3),
        ("body_temp", 1, 3), ("o2_flow", 2, 2), ("avpu", 3, 3),
    ])
    func `a missing part leaves a range, not a zero`(
        name: String, points: Double, pointsMax: Double
    ) throws {
        let features = try completeSet(without: [name]).features()
        #expect(features["news2.score"]?.value == nil)
        #expect(features["news2.score"]?.flags == .incomplete)
        #expect(features["news2.min"]?.value == 14 - points)
        #expect(features["news2.max"]?.value == 14 - points + pointsMax)
        #expect(features["news2.incomplete"]?.value == 1)
        #expect(features["news2.band"]?.value == 3)
    }

    @Test func `without any part there is no score at all`() throws {
        var chart = try Chart()
        try chart.add("lactate", 2)
        #expect(!chart.features().keys.contains { $0.hasPrefix("news2") })
    }

    @Test func `a part older than the limit is missing, and says that it is stale`() throws {
        var chart = try completeSet(without: ["heart_rate"])
        try chart.add("heart_rate", 112, minute: -721)
        let features = chart.features()
        #expect(
            features["news2.pulse"]
                == Feature(
                    name: "news2.pulse", value: nil, unit: "{score}",
                    flags: [.stale, .incomplete]))
        #expect(features["news2.pulse.age_s"]?.value == 43_260)
        #expect(features["news2.min"]?.value == 12)
        let rule = Freshness.Rule(quantity: "heart_rate", seconds: 86_400)
        let patient = VitalsExtractor(
            site: ScoreSite(freshness: try Freshness.site(Freshness(rules: [rule]))))
        #expect(chart.features(patient)["news2.score"]?.value == 14)
        #expect(patient.version != VitalsExtractor().version)
    }

    @Test func `a part takes the latest of its sources`() throws {
        var chart = try completeSet()
        try chart.add("sbp_art", 120, minute: 5)
        try chart.add("sbp_nibp", 80, minute: 3)
        try chart.add("pulse_rate_spo2", 80, minute: 5)
        try chart.add("fio2", 21, minute: 5)
        try chart.add("gcs", 15, minute: 5)
        let features = chart.features()
        #expect(features["news2.systolic"]?.value == 0)
        #expect(features["news2.pulse"]?.value == 0)
        #expect(features["news2.air_or_oxygen"]?.value == 0)
        #expect(features["news2.consciousness"]?.value == 0)
    }

    @Test(
        arguments: [
            ("A", 0), ("Alert", 0), ("C^New confusion^L", 3), ("new confusion", 3), ("V", 3),
            ("Verbal", 3), ("P", 3), ("pain", 3), ("U", 3), ("Unresponsive", 3), ("asleep", nil),
            ("", nil),
        ] as [(String, Double?)])
    func `consciousness is read from words`(word: String, points: Double?) throws {
        var chart = try completeSet(without: ["avpu"])
        try chart.add("avpu", .text(word))
        #expect(chart.features()["news2.consciousness"]?.value == points)
    }

    @Test(arguments: [(0, 0), (1, 3), (4, 3)] as [(Double, Double)])
    func `consciousness is read from numbers`(level: Double, points: Double) throws {
        var chart = try completeSet(without: ["avpu"])
        try chart.add("avpu", level)
        #expect(chart.features()["news2.consciousness"]?.value == points)
    }

    @Test(arguments: [(15, 0), (14, 3), (3, 3)] as [(Double, Double)])
    func `a coma scale below 15 is not alert`(scale: Double, points: Double) throws {
        var chart = try completeSet(without: ["avpu"])
        try chart.add("gcs", scale)
        #expect(chart.features()["news2.consciousness"]?.value == points)
    }

    @Test(arguments: [(21, 0), (21.4, 0), (22, 2), (100, 2)] as [(Double, Double)])
    func `more than 21 percent is oxygen`(percent: Double, points: Double) throws {
        var chart = try completeSet(without: ["o2_flow"])
        try chart.add("fio2", percent)
        #expect(chart.features()["news2.air_or_oxygen"]?.value == points)
    }

    @Test func `scale 2 is used only where it is chosen`() throws {
        let chart = try completeSet()
        #expect(
            chart.features(VitalsExtractor(site: ScoreSite(scale: .two)))["news2.spo2"]?.value == 1)
        #expect(chart.features()["news2.spo2"]?.value == 2)
        let air = try completeSet(without: ["o2_flow"])
        #expect(
            air.features(VitalsExtractor(site: ScoreSite(scale: .two)))["news2.spo2"]?.value == nil)
    }

    @Test func `the score is not made for children`() throws {
        var chart = try completeSet()
        try chart.add("age", 15)
        #expect(chart.features()["news2.score"] == nil)
        try chart.add("age", 16, minute: 1)
        #expect(chart.features()["news2.score"]?.value == 14)
    }

    @Test func `a flagged value is no part`() throws {
        var chart = try completeSet(without: ["spo2"])
        try chart.add("spo2", 93, flags: .deviceInvalid)
        #expect(chart.features()["news2.spo2"] == nil)
        #expect(chart.features()["news2.incomplete"]?.value == 1)
    }
}
