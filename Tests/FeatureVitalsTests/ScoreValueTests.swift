import FeatureVitals
import Testing
import TwinCore

/// Numbers of published equations.
struct ScoreValueTests {
    /// By hand from the equation of Inker and others, 2021.
    @Test(arguments: [
        (0.9, 50, true, 104.0), (0.7, 50, false, 105.3), (1.4, 60, true, 57.6),
        (1.4, 60, false, 43.1), (0.5, 30, false, 129.3), (5, 70, true, 11.7),
    ])
    func `CKD-EPI 2021`(creatinine: Double, age: Double, isMale: Bool, expected: Double) {
        let found = Kidney.ckdEpi2021(creatinine: creatinine, age: age, isMale: isMale)
        #expect((found - expected).magnitude < 0.005 * expected, "\(found)")
    }

    @Test func `Cockcroft and Gault`() {
        let man = Kidney.cockcroftGault(creatinine: 1, age: 40, weight: 72, isMale: true)
        let woman = Kidney.cockcroftGault(creatinine: 1, age: 40, weight: 72, isMale: false)
        #expect(man == 100)
        #expect(woman == 85)
        #expect(
            Kidney.cockcroftGault(creatinine: 1, age: 140, weight: 70, isMale: true) == nil)
    }

    /// Half saturation at 26.9, mixed venous blood at 40; and back by the equation.
    @Test(arguments: [(50.0, 26.86), (75, 40.0), (90, 58.7), (97, 90.6)])
    func `the oxygen pressure of a saturation`(percent: Double, pressure: Double) throws {
        let found = try #require(Oxygenation.pressure(saturationPercent: percent))
        #expect((found - pressure).magnitude < 0.005 * pressure, "\(found)")
        let back = 100 / (23_400 / (found * found * found + 150 * found) + 1)
        #expect((back - percent).magnitude < 1e-9)
    }

    @Test func `no saturation is too strange`() {
        for percent in [0, -1, 100, 101, .nan, .infinity] as [Double] {
            #expect(Oxygenation.pressure(saturationPercent: percent) == nil)
        }
        #expect(Oxygenation.pressure(saturationPercent: 1e-300) != nil)
    }

    @Test func `a measured ratio is measured, an imputed one says so`() throws {
        var chart = try Chart()
        try chart.add("fio2", 40)
        try chart.add("spo2", 90)
        let imputed = try #require(chart.features()["pf_ratio.value"])
        #expect(imputed.flags.contains(.imputed))
        #expect(((imputed.value ?? 0) - 146.6).magnitude < 1.5)
        try chart.add("pao2", 80)
        let measured = chart.features()["pf_ratio.value"]
        #expect(measured == Feature(name: "pf_ratio.value", value: 200, unit: "mm[Hg]"))
    }

    @Test func `above 97 percent a saturation gives no more than a limit`() throws {
        var chart = try Chart()
        try chart.add("fio2", 30)
        try chart.add("spo2", 98)
        let features = chart.features()
        #expect(features["pf_ratio.value"]?.value == nil)
        #expect(((features["pf_ratio.min"]?.value ?? 0) - 304).magnitude < 3)
        #expect(features["pf_ratio.max"] == nil)
        #expect(features["sofa.respiration"]?.value == nil)
        let sofa = try #require(chart.sheet().scores.first { $0.name == "sofa" })
        let stage = sofa.parts[0].stage(at: Chart.start)
        #expect(stage?.least == 0 && stage?.most == 1)
    }

    @Test func `the fraction is that of the time of the blood gas`() throws {
        var chart = try Chart()
        try chart.add("fio2", 50, minute: -120)
        try chart.add("pao2", 100, minute: -110)
        try chart.add("fio2", 21, minute: 0)
        #expect(chart.features()["pf_ratio.value"]?.value == 200)
    }

    @Test func `no flow is room air`() throws {
        var chart = try Chart()
        try chart.add("o2_flow", 0)
        try chart.add("pao2", 84)
        #expect(((chart.features()["pf_ratio.value"]?.value ?? 0) - 400).magnitude < 1e-9)
        var flowing = try Chart()
        try flowing.add("o2_flow", 4)
        try flowing.add("pao2", 84)
        #expect(flowing.features()["pf_ratio.value"]?.value == nil)
    }

    @Test func `shock index and kidneys from a chart`() throws {
        var chart = try Chart()
        for (name, number) in [
            ("heart_rate", 120.0), ("sbp", 80), ("creatinine", 88.42), ("age", 60), ("sex", 0),
            ("body_weight", 72),
        ] {
            try chart.add(name, number)
        }
        let features = chart.features()
        #expect(features["shock_index.value"]?.value == 1.5)
        #expect(((features["ckd_epi.value"]?.value ?? 0) - 64.6).magnitude < 0.5)
        #expect(((features["cockcroft_gault.value"]?.value ?? 0) - 68).magnitude < 0.01)
    }

    @Test(arguments: ["creatinine", "age", "sex", "body_weight", "heart_rate", "sbp"])
    func `a number without one of its inputs has no value`(missing: String) throws {
        var chart = try Chart()
        for (name, number) in [
            ("heart_rate", 120.0), ("sbp", 80), ("creatinine", 88.42), ("age", 60), ("sex", 0),
            ("body_weight", 72),
        ] where name != missing {
            try chart.add(name, number)
        }
        let features = chart.features()
        let needs = [
            "shock_index": ["heart_rate", "sbp"], "ckd_epi": ["creatinine", "age", "sex"],
            "cockcroft_gault": ["creatinine", "age", "sex", "body_weight"],
        ]
        for (score, inputs) in needs {
            #expect(
                (features["\(score).value"]?.value == nil) == inputs.contains(missing), "\(score)")
            if let feature = features["\(score).value"], feature.value == nil {
                #expect(feature.flags.contains(.incomplete))
            }
        }
    }

    @Test func `the kidneys of children have other equations`() throws {
        var chart = try Chart()
        for (name, number) in [
            ("creatinine", 50.0), ("age", 17.9), ("sex", 1), ("body_weight", 50),
        ] {
            try chart.add(name, number)
        }
        #expect(!chart.features().keys.contains { $0.hasPrefix("ckd_epi") })
        #expect(!chart.features().keys.contains { $0.hasPrefix("cockcroft") })
    }
}
