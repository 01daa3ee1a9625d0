import Testing
import TwinCore

@testable import FeatureVitals

/// The tables of the reference, every edge of every band.
struct ScoreTableTests {
    /// The points of one part of a score, from a chart that holds nothing but what it reads.
    private func points(
        _ score: String, _ part: String, _ values: [String: Double],
        flags: QualityFlags = []
    ) throws -> ClosedRange<Double>? {
        var chart = try Chart()
        for (name, number) in values { try chart.add(name, number, flags: flags) }
        let found = chart.sheet().scores.first { $0.name == score }
        let stage = found?.parts.first { $0.name == part }?.stage(at: Chart.start)
        guard let stage, let least = stage.least, let most = stage.most, !stage.inputs.isEmpty
        else { return nil }
        return least...most
    }

    private func expect(
        _ score: String, _ part: String, _ quantity: String, _ rows: [(Double, Double)],
        flags: QualityFlags = []
    ) throws {
        for (value, expected) in rows {
            let found = try points(score, part, [quantity: value], flags: flags)
            #expect(found == expected...expected, "\(score).\(part) of \(quantity) \(value)")
        }
    }

    @Test func `qSOFA`() throws {
        try expect("qsofa", "respiration", "resp_rate", [(21.9, 0), (22, 1), (40, 1), (12, 0)])
        for name in ["sbp", "sbp_art", "sbp_nibp"] {
            try expect("qsofa", "systolic", name, [(100, 1), (100.1, 0), (101, 0), (60, 1)])
        }
        try expect("qsofa", "mentation", "gcs", [(15, 0), (14, 1), (3, 1)])
        try expect("qsofa", "mentation", "avpu", [(0, 0), (1, 1), (4, 1)])
    }

    @Test func `SIRS has strict limits`() throws {
        try expect(
            "sirs", "temperature", "body_temp",
            [(38, 0), (38.1, 1), (36, 0), (35.9, 1), (37, 0), ((100.4 - 32) / 1.8, 0)])
        try expect("sirs", "pulse", "heart_rate", [(90, 0), (90.5, 1), (91, 1)])
        try expect("sirs", "respiration", "resp_rate", [(20, 0), (21, 1)])
        try expect("sirs", "leukocytes", "wbc", [(12, 0), (12.1, 1), (4, 0), (3.9, 1)])
        #expect(try points("sirs", "respiration", ["resp_rate": 20, "paco2": 31.9]) == 1...1)
        #expect(try points("sirs", "respiration", ["resp_rate": 20, "paco2": 32]) == 0...0)
        #expect(try points("sirs", "respiration", ["paco2": 32]) == 0...1)
        #expect(try points("sirs", "leukocytes", ["wbc": 8, "bands": 10]) == 0...0)
        #expect(try points("sirs", "leukocytes", ["wbc": 8, "bands": 10.1]) == 1...1)
        #expect(try points("sirs", "leukocytes", ["bands": 11]) == 1...1)
        #expect(try points("sirs", "leukocytes", ["bands": 3]) == 0...1)
    }

    @Test func `MEWS of Subbe`() throws {
        try expect(
            "mews", "systolic", "sbp",
            [(70, 3), (71, 2), (80, 2), (81, 1), (100, 1), (101, 0), (199, 0), (200, 2), (70.5, 2)])
        try expect(
            "mews", "pulse", "heart_rate",
            [
                (40, 2), (41, 1), (50, 1), (51, 0), (100, 0), (101, 1), (110, 1), (111, 2),
                (129, 2), (130, 3), (100.5, 1),
            ])
        try expect(
            "mews", "respiration", "resp_rate",
            [(8, 2), (9, 0), (14, 0), (15, 1), (20, 1), (21, 2), (29, 2), (30, 3), (8.5, 0)])
        try expect(
            "mews", "temperature", "body_temp",
            [(34.9, 2), (35, 0), (38.4, 0), (38.5, 2), (34.95, 0), (38.45, 2)])
        try expect("mews", "consciousness", "avpu", [(0, 0), (2, 1), (3, 2), (4, 3)])
        #expect(try points("mews", "consciousness", ["avpu": 1]) == 0...1)
        #expect(try points("mews", "consciousness", ["gcs": 15]) == 0...0)
        #expect(try points("mews", "consciousness", ["gcs": 12]) == 0...3)
    }

    @Test func `SOFA of blood and nerves`() throws {
        try expect(
            "sofa", "coagulation", "platelets",
            [(150, 0), (149.9, 1), (100, 1), (99, 2), (50, 2), (49, 3), (20, 3), (19, 4)])
        try expect(
            "sofa", "nervous", "gcs",
            [(15, 0), (14, 1), (13, 1), (12, 2), (10, 2), (9, 3), (6, 3), (5, 4), (3, 4)])
    }

    /// The two columns of the table do not agree: 1.2 mg/dL is 106 umol/L, and 110 is in the other.
    @Test func `SOFA of liver and kidneys takes the column of the unit that was sent`() throws {
        for (name, factor) in [("bilirubin", 17.104), ("creatinine", 88.42)] {
            let part = name == "bilirubin" ? "liver" : "renal"
            let rows: [(Double, Double)] =
                name == "bilirubin"
                ? [
                    (1.1, 0), (1.19, 0), (1.2, 1), (1.9, 1), (1.95, 1), (2, 2), (5.9, 2), (6, 3),
                    (11.9, 3), (12, 4), (12.1, 4),
                ]
                : [
                    (1.1, 0), (1.2, 1), (1.9, 1), (2, 2), (3.4, 2), (3.5, 3), (4.9, 3), (5, 4),
                    (5.1, 4),
                ]
            try expect(
                "sofa", part, name, rows.map { ($0.0 * factor, $0.1) }, flags: .converted)
        }
        try expect(
            "sofa", "liver", "bilirubin",
            [(19, 0), (20, 1), (32, 1), (33, 2), (101, 2), (102, 3), (204, 3), (205, 4)])
        try expect(
            "sofa", "renal", "creatinine",
            [(109, 0), (110, 1), (170, 1), (171, 2), (299, 2), (300, 3), (440, 3), (441, 4)])
    }

    @Test func `SOFA of the circulation`() throws {
        for name in ["map", "map_art", "map_nibp"] {
            try expect("sofa", "cardiovascular", name, [(70, 0), (69.9, 1), (40, 1)])
        }
        for (drug, rate, expected) in [
            ("dopamine", 4.9, 2), ("dopamine", 5, 2), ("dopamine", 5.1, 3), ("dopamine", 15, 3),
            ("dopamine", 15.1, 4), ("dobutamine", 0.5, 2), ("dobutamine", 20, 2),
            ("epinephrine", 0.1, 3), ("epinephrine", 0.11, 4), ("norepinephrine", 0.02, 3),
            ("norepinephrine", 0.1, 3), ("norepinephrine", 0.101, 4),
        ] as [(String, Double, Double)] {
            let found = try points("sofa", "cardiovascular", ["map": 80, drug: rate])
            #expect(found == expected...expected, "\(drug) \(rate)")
            // A drug says enough: the pressure could add nothing.
            #expect(try points("sofa", "cardiovascular", [drug: rate]) == expected...expected)
        }
        #expect(try points("sofa", "cardiovascular", ["map": 60, "dopamine": 0]) == 1...1)
        #expect(try points("sofa", "cardiovascular", ["dopamine": 0]) == 0...1)
    }

    @Test func `SOFA of the lungs asks for support below 200`() throws {
        let rows: [(ratio: Double, supported: Double, alone: Double)] = [
            (400, 0, 0), (399, 1, 1), (300, 1, 1), (299, 2, 2), (200, 2, 2), (199, 3, 2),
            (100, 3, 2), (99, 4, 2),
        ]
        for (ratio, supported, alone) in rows {
            var values = ["pao2": ratio / 2, "fio2": 50, "mech_vent": 1]
            #expect(try points("sofa", "respiration", values) == supported...supported)
            values["mech_vent"] = 0
            #expect(try points("sofa", "respiration", values) == alone...alone)
            values["mech_vent"] = nil
            #expect(try points("sofa", "respiration", values) == alone...supported, "\(ratio)")
        }
    }

    @Test func `SOFA of the lungs in kPa takes the column in kPa`() throws {
        for (ratio, expected) in [
            (53.3, 0), (53.2, 1), (40, 1), (39.9, 2), (26.7, 2), (26.6, 3), (13.3, 3), (13.2, 4),
        ] as [(Double, Double)] {
            var chart = try Chart()
            try chart.add("pao2", ratio * 7.50062, flags: .converted)
            try chart.add("fio2", 100)
            try chart.add("mech_vent", 1)
            let sofa = try #require(chart.sheet().scores.first { $0.name == "sofa" })
            let stage = sofa.parts[0].stage(at: Chart.start)
            #expect(stage?.least == expected && stage?.most == expected, "\(ratio) kPa")
        }
    }

    @Test func `SOFA of urine needs a whole day, unless there is enough of it already`() throws {
        func renal(
            _ millilitres: [(Double, Int64)], creatinine: Double? = nil
        ) throws
            -> ClosedRange<Double>?
        {
            var chart = try Chart()
            for (amount, minute) in millilitres {
                try chart.add("urine_output", amount, minute: minute)
            }
            if let creatinine { try chart.add("creatinine", creatinine) }
            let sofa = chart.sheet().scores.first { $0.name == "sofa" }
            let stage = sofa?.parts.last?.stage(at: Chart.start)
            guard let stage, let least = stage.least, let most = stage.most else { return nil }
            return least...most
        }
        let before: (Double, Int64) = (50, -1_440)
        #expect(try renal([before, (199, 0)], creatinine: 80) == 4...4)
        #expect(try renal([before, (200, 0)], creatinine: 80) == 3...3)
        #expect(try renal([before, (499, 0)], creatinine: 80) == 3...3)
        #expect(try renal([before, (500, 0)], creatinine: 80) == 0...0)
        #expect(try renal([before, (500, 0)], creatinine: 350) == 3...3)
        // Alone it says the least.
        #expect(try renal([before, (199, 0)]) == 4...4)
        #expect(try renal([before, (300, 0)]) == 3...4)
        // Less than a day: little says nothing, much says much.
        #expect(try renal([(199, -60), (1, 0)], creatinine: 80) == 0...0)
        #expect(try renal([(199, -60), (400, 0)]) == 0...4)
        #expect(try renal([(100, -60)]) == 0...4)
    }

    private static let whole: [String: Double] = [
        "resp_rate": 24, "spo2": 93, "o2_flow": 0, "sbp": 98, "heart_rate": 112, "avpu": 0,
        "body_temp": 38.4, "paco2": 40, "wbc": 14, "bands": 2, "pao2": 75, "fio2": 50,
        "mech_vent": 1, "platelets": 90, "bilirubin": 40, "map": 65, "gcs": 15,
        "creatinine": 180, "norepinephrine": 0.05,
    ]

    /// Parts whose absence leaves a range, with what the part was worth and could be.
    @Test(arguments: [
        ("news2", ["resp_rate"], 2, 3), ("news2", ["avpu", "gcs"], 0, 3),
        ("qsofa", ["resp_rate"], 1, 1), ("qsofa", ["sbp"], 1, 1), ("qsofa", ["avpu", "gcs"], 0, 1),
        ("sirs", ["body_temp"], 1, 1), ("sirs", ["heart_rate"], 1, 1),
        ("sirs", ["resp_rate"], 1, 1), ("sirs", ["wbc"], 1, 1), ("mews", ["sbp"], 1, 3),
        ("mews", ["heart_rate"], 2, 3), ("mews", ["resp_rate"], 2, 3),
        ("mews", ["body_temp"], 0, 2), ("mews", ["avpu", "gcs"], 0, 3),
        ("sofa", ["pao2", "spo2"], 3, 4), ("sofa", ["platelets"], 2, 4),
        ("sofa", ["bilirubin"], 2, 4), ("sofa", ["gcs"], 0, 4), ("sofa", ["creatinine"], 2, 4),
    ])
    func `a missing part leaves a range, not a zero`(
        name: String, missing: [String], worth: Double, most: Double
    ) throws {
        func score(without missing: [String]) throws -> ScoreWorth {
            var chart = try Chart()
            for (name, number) in ScoreTableTests.whole where !missing.contains(name) {
                try chart.add(name, number)
            }
            let score = try #require(chart.sheet().scores.first { $0.name == name })
            return score.worth(at: Chart.start)
        }
        let (all, less) = (try score(without: []), try score(without: missing))
        let total = try #require(all.value)
        #expect(less.value == nil && !less.isComplete)
        #expect(less.least == total - worth)
        #expect(less.most == total - worth + most)
        // A value with a flag against it is as good as none.
        var chart = try Chart()
        for (name, number) in ScoreTableTests.whole {
            try chart.add(name, number, flags: missing.contains(name) ? .outOfRange : [])
        }
        let flagged = try #require(chart.sheet().scores.first { $0.name == name })
        #expect(flagged.worth(at: Chart.start).least == less.least)
        #expect(flagged.worth(at: Chart.start).most == less.most)
    }

    @Test func `a drug that was never recorded is taken as not given, and that is said`() throws {
        var chart = try Chart()
        try chart.add("map", 80)
        let sofa = try #require(chart.sheet().scores.first { $0.name == "sofa" })
        let stage = sofa.parts[3].stage(at: Chart.start)
        #expect(stage?.note.contains("no vasopressor") == true)
        // One that was recorded and is not any more may still run.
        try chart.add("norepinephrine", 0.2, minute: -150)
        let doubtful = try #require(chart.sheet().scores.first { $0.name == "sofa" })
        let range = doubtful.parts[3].stage(at: Chart.start)
        #expect(range?.least == 0 && range?.most == 4)
        #expect(range?.flags.contains(.stale) == true)
    }
}
