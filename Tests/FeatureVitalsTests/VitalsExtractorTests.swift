import FeatureCore
import FeatureRoster
import FeatureVitals
import Testing
import TwinCore
import TwinTestKit

/// One twin's measurements, written shortly.
struct Chart {
    static let start = Instant(microsecondsSinceEpoch: 1_768_000_000_000_000)
    private(set) var observations: [Observation] = []
    private let twin: TwinID

    init() throws {
        guard let twin = TwinID("TEST|1") else { throw Refusal(.noPatient, "") }
        self.twin = twin
    }

    mutating func add(
        _ name: String, _ value: ObservedValue, minute: Int64 = 0, flags: QualityFlags = [],
        source: String = "monitor"
    ) throws {
        guard let concept = Concept.named(name) else { throw Refusal(.notFound, name) }
        let time = Chart.start.adding(seconds: minute * 60)
        observations.append(
            Observation(
                twin: twin, code: concept.code, value: value, unit: concept.unit, eventTime: time,
                receiveTime: time, source: source, flags: flags))
    }

    mutating func add(
        _ name: String, _ number: Double, minute: Int64 = 0, flags: QualityFlags = [],
        source: String = "monitor"
    ) throws {
        try add(name, .number(number), minute: minute, flags: flags, source: source)
    }

    func sheet(_ extractor: VitalsExtractor = VitalsExtractor()) -> ScoreSheet {
        var timeline = Timeline()
        timeline.merge(observations, reading: extractor)
        return extractor.features(of: timeline, at: 1).sheet
    }

    func features(_ extractor: VitalsExtractor = VitalsExtractor()) -> [String: Feature] {
        var timeline = Timeline()
        timeline.merge(observations, reading: extractor)
        let set = extractor.features(of: timeline, at: 1)
        return Dictionary(set.features.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }
}

struct VitalsWindowTests {
    @Test func `windows hold what was measured in them, ends included`() throws {
        var chart = try Chart()
        // Ages in minutes: 2,880, 1,440, 360, 60, 0.
        for (minute, rate) in [(0, 10.0), (1_440, 20), (2_520, 30), (2_820, 40), (2_880, 50)] {
            try chart.add("resp_rate", rate, minute: Int64(minute))
        }
        let features = chart.features()
        #expect(features["resp_rate.last"]?.value == 50)
        #expect(features["resp_rate.age_s"]?.value == 0)
        for (window, numbers) in [
            ("1h", [40.0, 50]), ("6h", [30, 40, 50]), ("24h", [20, 30, 40, 50]),
            ("start", [10, 20, 30, 40, 50]),
        ] {
            #expect(features["resp_rate.count_\(window)"]?.value == Double(numbers.count))
            #expect(features["resp_rate.min_\(window)"]?.value == numbers.min())
            #expect(features["resp_rate.max_\(window)"]?.value == 50)
            let mean = numbers.reduce(0, +) / Double(numbers.count)
            #expect(features["resp_rate.mean_\(window)"]?.value == mean)
        }
        #expect(features["resp_rate.slope_1h"]?.value == 10)
    }

    @Test func `spread and slope are those of the textbook`() throws {
        var random = SplitMix64(seed: 3)
        var chart = try Chart()
        var points: [(hours: Double, value: Double)] = []
        for minute in stride(from: Int64(0), to: 600, by: 7) {
            let value = Double.random(in: 36...41, using: &random)
            points.append((Double(minute) / 60, value))
            try chart.add("body_temp", value, minute: minute)
        }
        let count = Double(points.count)
        let meanTime = points.reduce(0) { $0 + $1.hours } / count
        let mean = points.reduce(0) { $0 + $1.value } / count
        let square = points.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
        let spread = points.reduce(0) { $0 + ($1.hours - meanTime) * ($1.hours - meanTime) }
        let product = points.reduce(0) { $0 + ($1.hours - meanTime) * ($1.value - mean) }
        let features = chart.features()
        let deviation = try #require(features["body_temp.sd_start"]?.value)
        let slope = try #require(features["body_temp.slope_start"]?.value)
        #expect(abs(deviation - (square / (count - 1)).squareRoot()) < 1e-12)
        #expect(abs(slope - product / spread) < 1e-12)
        #expect(features["body_temp.slope_start"]?.unit == "Cel/h")
    }

    @Test func `one value has no spread and no slope, a constant has both zero`() throws {
        var chart = try Chart()
        try chart.add("heart_rate", 72.3, minute: 0)
        #expect(chart.features()["heart_rate.sd_start"] == nil)
        #expect(chart.features()["heart_rate.slope_start"] == nil)
        #expect(chart.features()["heart_rate.mean_start"]?.value == 72.3)
        for minute in 1...50 { try chart.add("heart_rate", 72.3, minute: Int64(minute)) }
        #expect(chart.features()["heart_rate.sd_start"]?.value == 0)
        #expect(chart.features()["heart_rate.slope_start"]?.value == 0)
    }

    @Test func `two values of one moment have a spread but no slope`() throws {
        var chart = try Chart()
        try chart.add("heart_rate", 70)
        try chart.add("heart_rate", 72)
        #expect(chart.features()["heart_rate.slope_start"] == nil)
        #expect(chart.features()["heart_rate.sd_start"]?.value == 2.0.squareRoot())
    }

    @Test func `all windows end at the twin's latest usable time`() throws {
        var chart = try Chart()
        try chart.add("lactate", 2, minute: 0)
        try chart.add("heart_rate", 80, minute: 90)
        try chart.add("heart_rate", 900, minute: 500, flags: .outOfRange)
        let features = chart.features()
        #expect(features["lactate.age_s"]?.value == 5_400)
        #expect(features["lactate.count_1h"]?.value == 0)
        #expect(features["lactate.min_1h"] == nil)
        #expect(features["lactate.mean_6h"]?.value == 2)
        #expect(features["heart_rate.age_s"]?.value == 0)
    }

    @Test func `amounts add up, constants have only a last value`() throws {
        var chart = try Chart()
        try chart.add("urine_output", 100, minute: 0)
        try chart.add("urine_output", 40, minute: 600)
        try chart.add("age", 71)
        let features = chart.features()
        #expect(features["urine_output.sum_start"]?.value == 140)
        #expect(features["urine_output.sum_6h"]?.value == 40)
        #expect(features["heart_rate.sum_6h"] == nil)
        #expect(
            features.keys.filter { $0.hasPrefix("age.") }.sorted() == ["age.age_s", "age.last"])
    }

    @Test func `soft flags travel with the numbers made of them`() throws {
        var chart = try Chart()
        try chart.add("glucose", 5, minute: 0, flags: .converted)
        try chart.add("glucose", 6, minute: 120, flags: .preliminary)
        let features = chart.features()
        #expect(features["glucose.last"]?.flags == .preliminary)
        #expect(features["glucose.mean_1h"]?.flags == .preliminary)
        #expect(features["glucose.mean_6h"]?.flags == [.converted, .preliminary])
    }

    @Test func `windows that reach behind what is kept say so`() throws {
        var chart = try Chart()
        for minute in 0..<300 { try chart.add("heart_rate", 80, minute: Int64(minute)) }
        let extractor = VitalsExtractor()
        var timeline = Timeline(sampleCountMax: 120)
        timeline.merge(chart.observations, reading: extractor)
        let features = extractor.features(of: timeline, at: 1).features
        let flags = Dictionary(features.map { ($0.name, $0.flags) }, uniquingKeysWith: { $1 })
        #expect(flags["heart_rate.mean_1h"] == [])
        #expect(flags["heart_rate.mean_6h"] == .incomplete)
        #expect(flags["heart_rate.count_start"] == .incomplete)
    }

    @Test func `times at both ends of time do no harm`() throws {
        var chart = try Chart()
        try chart.add("heart_rate", 80)
        var sent = chart.observations
        for end in [Int64.min, .max] {
            sent.append(sent[0])
            sent[sent.count - 1].eventTime = Instant(microsecondsSinceEpoch: end)
        }
        let extractor = VitalsExtractor()
        var timeline = Timeline()
        timeline.merge(sent, reading: extractor)
        let set = extractor.features(of: timeline, at: 1)
        #expect(set.features.allSatisfy { $0.value?.isFinite ?? true })
        #expect(set.features.contains { $0.name == "heart_rate.count_start" && $0.value == 3 })
    }
}

struct VitalsContractTests {
    @Test(arguments: FeatureRoster.all.map(\.modality), [1, 2, 3] as [UInt64])
    func `every extractor of the roster keeps the contract`(
        modality: Modality, seed: UInt64
    ) throws {
        let extractor = try #require(FeatureRoster.all.first { $0.modality == modality })
        let twin = try #require(TwinID("TEST|1"))
        let sample = SampleTwin.observations(count: 200, seed: seed, twin: twin)
        #expect(ExtractorContract(extractor).violations(on: sample, seed: seed) == [])
    }

    @Test func `no two extractors of the roster serve one modality`() {
        #expect(Set(FeatureRoster.all.map(\.modality)).count == FeatureRoster.all.count)
    }
}
