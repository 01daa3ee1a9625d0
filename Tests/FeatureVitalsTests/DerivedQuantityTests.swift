import FeatureCore
import FeatureVitals
import Testing
import TwinCore

struct DerivedQuantityTests {
    @Test func `ratios pair what was measured last by then`() throws {
        var chart = try Chart()
        try chart.add("sbp_nibp", 100, minute: 0)
        try chart.add("heart_rate", 80, minute: 10)
        try chart.add("sbp_art", 160, minute: 20)
        try chart.add("heart_rate", 120, minute: 30)
        try chart.add("fio2", 50, minute: 0)
        try chart.add("pao2", 90, minute: 40)
        try chart.add("creatinine", 100, minute: 0)
        try chart.add("urea", 8, minute: 45)
        let features = chart.features()
        #expect(features["hr_sbp_ratio.last"]?.value == 0.75)
        #expect(features["hr_sbp_ratio.max_1h"]?.value == 0.8)
        #expect(features["hr_sbp_ratio.count_start"]?.value == 2)
        #expect(features["hr_sbp_ratio.last"]?.unit == "/min/mm[Hg]")
        #expect(features["pao2_fio2_ratio.last"]?.value == 180)
        #expect(features["urea_creatinine_ratio.last"]?.value == 80)
    }

    @Test func `the pulse pressure is of whatever source, and never below zero`() throws {
        var chart = try Chart()
        try chart.add("sbp_art", 120, minute: 0)
        try chart.add("dbp_art", 70, minute: 0)
        try chart.add("sbp_nibp", 110, minute: 60)
        try chart.add("dbp_nibp", 80, minute: 60)
        try chart.add("sbp_nibp", 60, minute: 61)
        let features = chart.features()
        #expect(features["pulse_pressure.max_start"]?.value == 50)
        #expect(features["pulse_pressure.last"]?.value == 30)
        #expect(features["pulse_pressure.count_start"]?.value == 2)
    }

    @Test func `what is missing, too old or later makes none`() throws {
        var chart = try Chart()
        try chart.add("pao2", 90, minute: 0)
        try chart.add("fio2", 40, minute: 10)
        try chart.add("sbp", 120, minute: 0)
        try chart.add("heart_rate", 80, minute: 121)
        try chart.add("urine_output", 100, minute: 0)
        let features = chart.features()
        for name in ["pao2_fio2_ratio", "hr_sbp_ratio", "pulse_pressure", "urine_output_kg"] {
            #expect(!features.keys.contains { $0.hasPrefix(name + ".") }, "\(name)")
        }
    }

    @Test func `urine is of each kilogram of the newest weight, which counts for what was before`()
        throws
    {
        var chart = try Chart()
        try chart.add("urine_output", 100, minute: 0)
        try chart.add("urine_output", 60, minute: 600, flags: .preliminary)
        try chart.add("body_weight", 90, minute: 30)
        try chart.add("body_weight", 80, minute: 700, flags: .converted)
        try chart.add("body_height", 200, minute: 0)
        let features = chart.features()
        #expect(features["urine_output_kg.sum_start"]?.value == 2)
        #expect(features["urine_output_kg.sum_start"]?.flags == [.preliminary, .converted])
        #expect(features["urine_output_kg.sum_start"]?.unit == "mL/kg")
        #expect(features["body_mass_index.last"]?.value == 20)
        #expect(
            features.keys.filter { $0.hasPrefix("body_mass_index.") }.sorted()
                == ["body_mass_index.age_s", "body_mass_index.last"])
    }

    @Test func `windows that reach behind what is looked at say so`() throws {
        var chart = try Chart()
        try chart.add("sbp", 100, minute: 0)
        try chart.add("heart_rate", 80, minute: 0)
        let (pressure, rate) = (chart.observations[0], chart.observations[1])
        let samples =
            [pressure]
            + (0..<10_050).map { second in
                var sample = rate
                sample.eventTime = Chart.start.adding(seconds: Int64(second) / 2)
                sample.source = "monitor \(second % 2)"
                return sample
            }
        let extractor = VitalsExtractor()
        var timeline = Timeline()
        timeline.merge(samples, reading: extractor)
        let features = Dictionary(
            extractor.features(of: timeline, at: 1).features.map { ($0.name, $0) },
            uniquingKeysWith: { $1 })
        #expect(features["heart_rate.count_start"]?.flags == [])
        #expect(features["hr_sbp_ratio.count_start"]?.flags == .incomplete)
        #expect(features["hr_sbp_ratio.mean_1h"]?.value == 0.8)
    }
}
