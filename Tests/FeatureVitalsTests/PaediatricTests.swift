import FeatureVitals
import Foundation
import Testing
import TwinCore

/// A made-up table: no hospital's.
let samplePaediatricTable = """
    {
      "version": "made up for a test",
      "ageBands": [
        {"name": "infant", "fromYears": 0, "toYears": 1, "parts": [
          {"name": "respiration", "quantities": ["resp_rate"], "steps": [
            {"below": 20, "points": 3}, {"below": 60, "points": 0}, {"points": 2}]},
          {"name": "pulse", "quantities": ["heart_rate", "pulse_rate_spo2"], "steps": [
            {"below": 90, "points": 2}, {"below": 170, "points": 0}, {"points": 1}]}]},
        {"name": "child", "fromYears": 1, "toYears": 16, "parts": [
          {"name": "respiration", "quantities": ["resp_rate"], "steps": [
            {"below": 30, "points": 0}, {"points": 2}]}]}
      ],
      "bands": [{"name": "low", "from": 0}, {"name": "call", "from": 3}]
    }
    """

struct PaediatricTests {
    private func table() throws -> PaediatricTable {
        try JSONDecoder().decode(PaediatricTable.self, from: Data(samplePaediatricTable.utf8))
            .checked()
    }

    @Test(arguments: [
        (0.5, 19.9, 80, 5.0), (0.5, 20, 90, 0), (0.5, 60, 170, 3), (1, 35, 80, 2),
        (15.9, 20, 80, 0),
    ])
    func `points by the table of the age`(
        age: Double, respiration: Double, pulse: Double, expected: Double
    ) throws {
        let extractor = VitalsExtractor(site: ScoreSite(paediatric: try table()))
        var chart = try Chart()
        try chart.add("age", age)
        try chart.add("resp_rate", respiration)
        try chart.add("heart_rate", pulse)
        let features = chart.features(extractor)
        #expect(features["pews.score"]?.value == expected)
        #expect(features["news2.score"] == nil && features["news2.min"] == nil)
        #expect(extractor.version != VitalsExtractor().version)
    }

    @Test func `a missing part leaves a range`() throws {
        var chart = try Chart()
        try chart.add("age", 0.5)
        try chart.add("resp_rate", 70)
        let features = chart.features(VitalsExtractor(site: ScoreSite(paediatric: try table())))
        #expect(features["pews.score"]?.value == nil)
        #expect(features["pews.min"]?.value == 2)
        #expect(features["pews.max"]?.value == 4)
    }

    @Test(arguments: [nil, 16, 40] as [Double?])
    func `no table is right for an unknown age or an adult`(age: Double?) throws {
        var chart = try Chart()
        if let age { try chart.add("age", age) }
        try chart.add("resp_rate", 70)
        let features = chart.features(VitalsExtractor(site: ScoreSite(paediatric: try table())))
        #expect(!features.keys.contains { $0.hasPrefix("pews") })
    }

    @Test func `without a table there is no PEWS`() throws {
        var chart = try Chart()
        try chart.add("age", 5)
        try chart.add("resp_rate", 70)
        #expect(!chart.features().keys.contains { $0.hasPrefix("pews") })
    }

    @Test(arguments: [
        ("\"version\": \"made up for a test\"", "\"version\": \"\""),
        ("\"fromYears\": 1,", "\"fromYears\": 0.5,"), ("\"toYears\": 16", "\"toYears\": 1"),
        ("[\"resp_rate\"]", "[\"breath\"]"), ("[\"resp_rate\"]", "[]"),
        ("{\"below\": 20, \"points\": 3}", "{\"below\": 70, \"points\": 3}"),
        ("{\"points\": 2}", "{\"below\": 99, \"points\": 2}"),
        ("\"points\": 3", "\"points\": 300"), ("\"name\": \"pulse\"", "\"name\": \"respiration\""),
        ("\"name\": \"pulse\"", "\"name\": \"Pulse rate\""), ("\"from\": 3", "\"from\": 0"),
    ])
    func `a table that makes no sense is refused`(good: String, bad: String) throws {
        let text = samplePaediatricTable.replacing(good, with: bad, maxReplacements: 1)
        #expect(text != samplePaediatricTable)
        let table = try JSONDecoder().decode(PaediatricTable.self, from: Data(text.utf8))
        #expect(throws: ScoreTableError.self) { try table.checked() }
    }
}
