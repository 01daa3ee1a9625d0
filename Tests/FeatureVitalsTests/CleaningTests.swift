import FeatureCore
import FeatureVitals
import Foundation
import Testing
import TwinCleaning
import TwinCore
import TwinTestKit

/// What the rules that look at neighbours do to features, and what is told of it.
struct CleaningFeatureTests {
    private func set(_ chart: Chart) -> FeatureSet {
        let extractor = VitalsExtractor()
        var timeline = Timeline(rules: extractor.rules)
        timeline.merge(chart.observations, reading: extractor)
        return extractor.features(of: timeline, at: 1)
    }

    private func feature(_ name: String, _ set: FeatureSet) -> Feature? {
        set.features.first { $0.name == name }
    }

    @Test func `a spike is in no feature, and each that it was left out of says so`() throws {
        var chart = try Chart()
        for minute in 0..<130 {
            try chart.add("heart_rate", minute == 100 ? 190 : 80, minute: Int64(minute))
        }
        let set = set(chart)
        #expect(feature("heart_rate.max_6h", set)?.value == 80)
        #expect(feature("heart_rate.max_1h", set)?.flags.contains(.spike) == true)
        #expect(feature("heart_rate.count_start", set)?.value == 129)
        // It came before the last value, of which it says nothing.
        #expect(feature("heart_rate.last", set)?.flags == [])
        let cleaning = try #require(set.cleaning)
        let spike = try #require(cleaning.findings.first { $0.reason.rule == "spike" })
        #expect(spike.number == 190 && spike.from == Chart.start.adding(seconds: 6000))
        let state = TwinState(
            id: chart.observations[0].twin, revision: 1, latest: [], features: [set],
            assessments: [])
        let judged = state.judged(chart.observations[100])
        #expect(!judged.isUsable && judged.flags.isSuperset(of: [.spike, .suspect]))
        #expect(judged.number == 190 && judged.reasons.contains(spike.reason))
        #expect(state.judged(chart.observations[10]).isUsable)
    }

    @Test func `a line that stands still speaks for nobody`() throws {
        var chart = try Chart()
        for minute in 0..<30 {
            try chart.add(
                "sbp_art", minute < 10 ? 118 + Double(minute % 3) : 97, minute: Int64(minute))
        }
        let set = set(chart)
        #expect(feature("sbp_art.last", set)?.value == 118)
        #expect(feature("sbp_art.last", set)?.flags.contains(.flatLine) == true)
        #expect(feature("sbp_art.min_start", set)?.value == 118)
        // Time has gone on: what was believed last grows old.
        #expect(set.referenceTime == Chart.start.adding(seconds: 1740))
        #expect(feature("sbp_art.age_s", set)?.value == 1200)
        let plausibility = set.cleaning?.quality.components.first { $0.kind == .plausibility }
        #expect(plausibility?.part == 10 && plausibility?.whole == 30)
    }

    @Test func `cuff and line that disagree are both told, and by how much they do`() throws {
        var chart = try Chart()
        for minute in 0..<60 {
            try chart.add("sbp_art", 120 + Double(minute % 5), minute: Int64(minute))
            if minute % 15 == 0 { try chart.add("sbp_nibp", 92, minute: Int64(minute)) }
        }
        let set = set(chart)
        let cleaning = try #require(set.cleaning)
        let bias = try #require(cleaning.biases.first)
        #expect(bias.count == 4 && bias.median == -28 && bias.spread == 0)
        let agreement = cleaning.quality.components.first { $0.kind == .agreement }
        #expect(agreement?.value == 0.2 && agreement?.names == ["sbp_art ~ sbp_nibp"])
        // Nobody knows which is wrong: both still count.
        #expect(feature("sbp_nibp.last", set)?.value == 92)
        #expect(feature("sbp_nibp.last", set)?.flags == .disagreement)
        #expect(feature("sbp_art.count_start", set)?.value == 60)
        #expect(feature("sbp_art.max_1h", set)?.flags.contains(.disagreement) == true)
    }

    @Test func `the quality is that of what is known, valid, plausible and agreed upon`() throws {
        var chart = try Chart()
        try chart.add("heart_rate", 80)
        try chart.add("spo2", 97, minute: 24 * 60)
        try chart.add("resp_rate", 400, minute: 24 * 60, flags: .outOfRange)
        try chart.add("resp_rate", .absent, minute: 24 * 60, flags: .empty)
        let quality = try #require(set(chart).cleaning?.quality)
        #expect(quality.components.map(\.kind) == QualityComponent.Kind.allCases)
        #expect(quality.components.map(\.value) == [2.0 / 6, 0.5, 0.5, nil])
        #expect(
            quality.components.map(\.names) == [
                ["resp_rate", "sbp", "body_temp", "avpu"], ["heart_rate"], ["resp_rate"], [],
            ])
        let combined = try #require(quality.combined)
        #expect(abs(combined - 3 / (3 + 2 + 2)) < 1e-12)
        #expect(set(try Chart()).cleaning?.quality.components.map(\.value) == [0])
    }

    @Test func `what a score may still use is timely, and no longer than the score may use it`()
        throws
    {
        var chart = try Chart()
        // A line that measured without a pause is valid for two minutes, a cuff for twelve hours.
        for minute in 0..<10 {
            try chart.add("sbp_art", 120 + Double(minute % 3), minute: Int64(minute))
        }
        try chart.add("heart_rate", 80, minute: 30)
        func timeliness(_ quality: TwinQuality) -> QualityComponent? {
            quality.components.first { $0.kind == .timeliness }
        }
        let line = try #require(set(chart).cleaning?.quality)
        #expect(timeliness(line)?.names == ["sbp_art"] && timeliness(line)?.value == 0.5)
        try chart.add("sbp_nibp", 118, minute: 0)
        let set = set(chart)
        let both = try #require(set.cleaning?.quality)
        #expect(timeliness(both)?.value == 1 && timeliness(both)?.whole == 2)
        // Nothing new comes: the same data are worth less by the clock, not only when they change.
        let late = both.aged(to: Chart.start.adding(seconds: 15 * 3600))
        #expect(timeliness(late)?.names == ["heart_rate", "sbp_nibp"])
        #expect((late.combined ?? 1) < (both.combined ?? 0))
        #expect(both.aged(to: Chart.start) == both)
        let state = TwinState(
            id: chart.observations[0].twin, revision: 1, latest: [], features: [set],
            assessments: [])
        let sent = chart.observations[9]
        let judged = state.judged(sent, at: Chart.start.adding(seconds: 1200))
        #expect(judged.flags.contains(.stale) && !state.judged(sent).flags.contains(.stale))
        #expect(
            judged.reasons.first { $0.rule == "stale" }
                == RuleReason(
                    rule: "stale", limit: "120 s old", saw: "660 s old", rules: set.version))
    }

    @Test func `a twin without rules is judged by nobody`() throws {
        var chart = try Chart()
        for minute in 0..<20 {
            try chart.add("heart_rate", minute == 9 ? 250 : 80, minute: Int64(minute))
        }
        let extractor = VitalsExtractor(rules: .none)
        var timeline = Timeline(rules: extractor.rules)
        timeline.merge(chart.observations, reading: extractor)
        let set = extractor.features(of: timeline, at: 1)
        #expect(feature("heart_rate.max_start", set)?.value == 250)
        #expect(set.cleaning?.findings == [])
        #expect(extractor.version != VitalsExtractor().version)
        #expect(
            FeatureSet.makerVersion(of: extractor.version)
                == FeatureSet.makerVersion(of: VitalsExtractor().version))
    }
}

/// The same set of measurements, the same words.
struct CleaningOrderTests {
    /// Two monitors and a cuff, dense, with spikes, flat lines, steps and gaps.
    private func ward(_ seed: UInt64) throws -> [Observation] {
        let twin = try #require(TwinID("TEST|1"))
        var random = SplitMix64(seed: seed)
        var sent: [Observation] = []
        for name in ["heart_rate", "pulse_rate_spo2", "sbp_art", "sbp_nibp", "spo2"] {
            let concept = try #require(Concept.named(name))
            for source in ["A", "B"] {
                var level = Double(Int.random(in: 80...95, using: &random))
                for minute in 0..<80 where Int.random(in: 0..<5, using: &random) > 0 {
                    if Int.random(in: 0..<25, using: &random) == 0 { level += 30 }
                    let isStill = (20..<40).contains(minute)
                    var number = level + (isStill ? 0 : Double.random(in: 0...4, using: &random))
                    if Int.random(in: 0..<20, using: &random) == 0 { number += 80 }
                    let time = Chart.start.adding(seconds: Int64(minute) * 60)
                    let flags: QualityFlags =
                        Int.random(in: 0..<15, using: &random) == 0 ? .deviceInvalid : []
                    sent.append(
                        Observation(
                            twin: twin, code: concept.code, value: .number(number),
                            unit: concept.unit, eventTime: time, receiveTime: time, source: source,
                            flags: flags))
                }
            }
        }
        return sent
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>, [40, 100_000])
    func `order, repetition and steps leave no trace`(seed: UInt64, bound: Int) throws {
        let sent = try ward(seed)
        let extractor = VitalsExtractor()
        func set(_ batches: [[Observation]]) -> FeatureSet {
            var timeline = Timeline(sampleCountMax: bound, rules: extractor.rules)
            for batch in batches { timeline.merge(batch, reading: extractor) }
            return extractor.features(of: timeline, at: 1)
        }
        let reference = set([sent])
        let rules = Set(reference.cleaning?.findings.map(\.reason.rule) ?? [])
        #expect(rules.isSuperset(of: ["rate", "disagreement"]), "\(rules)")
        #expect(reference.cleaning?.untoldCount ?? 0 > 0)
        var random = SplitMix64(seed: seed)
        for _ in 0..<6 {
            var rest = (sent + sent.shuffled(using: &random).prefix(200)).shuffled(using: &random)[
                ...]
            var batches: [[Observation]] = []
            while !rest.isEmpty {
                let batch = rest.prefix(Int.random(in: 1...120, using: &random))
                batches.append(Array(batch))
                rest = rest.dropFirst(batch.count)
            }
            let again = set(batches)
            #expect(again.cleaning == reference.cleaning)
            #expect(again == reference)
        }
    }
}

/// Real data: what people measured is not thrown away.
struct CleaningDataTests {
    @Test(.enabled(if: SharedData.isPresent, "no shared data: set TWINLINE_DATA"))
    func `no value that may enter a score is kept out of it`() throws {
        let rows = SharedData.table("hl7/expected_vitals.csv").rows.filter {
            $0["quality"]?.hasPrefix("usable") == true
        }
        #expect(rows.count > 60)
        let extractor = VitalsExtractor()
        var timelines: [TwinID: Timeline] = [:]
        var sent: [TwinID: [Code: Set<String>]] = [:]
        for row in rows {
            guard let concept = Concept.named(row["vital"] ?? ""),
                let number = Double(row["value_canonical"] ?? ""),
                let time = Instant(rfc3339: row["ts_utc"] ?? ""),
                let twin = TwinID(row["patient"] ?? "")
            else { continue }
            let words = "\(number) \(time) \(row["file"] ?? "")"
            sent[twin, default: [:]][concept.code, default: []].insert(words)
            timelines[twin, default: Timeline(rules: extractor.rules)].merge(
                [
                    Observation(
                        twin: twin, code: concept.code, value: .number(number),
                        unit: concept.unit, eventTime: time, receiveTime: time,
                        source: row["file"] ?? "")
                ], reading: extractor)
        }
        #expect(sent.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } } > 50)
        for (twin, codes) in sent {
            for (code, values) in codes {
                let series = try #require(timelines[twin]?.series(of: code))
                #expect(series.seen.count == values.count, "\(twin) \(code)")
                #expect(series.heldTimes.isEmpty, "\(twin) \(code)")
            }
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "no shared data: set TWINLINE_DATA"))
    func `intensive care stays keep nearly all they have, and cuffs are near their lines`() throws {
        let stays = try CleaningDataTests.stays()
        #expect(stays.count > 30)
        var (kept, held, medians) = (0, 0, [Double]())
        for stay in stays {
            let extractor = VitalsExtractor()
            var timeline = Timeline(rules: extractor.rules)
            timeline.merge(stay, reading: extractor)
            let set = extractor.features(of: timeline, at: 1)
            for concept in Concept.all {
                guard let series = timeline.series(of: concept.code) else { continue }
                kept += series.seen.count
                held += series.heldTimes.count
            }
            let report = try #require(set.cleaning)
            let combined = try #require(report.quality.combined)
            #expect((0...1).contains(combined))
            medians += report.biases.filter { $0.count >= 5 && $0.second == .loinc("76534-7") }
                .map(\.median)
            var late = Timeline(rules: extractor.rules)
            for observation in stay.reversed() { late.merge([observation], reading: extractor) }
            #expect(extractor.features(of: late, at: 1) == set)
        }
        #expect(kept > 5000)
        #expect(Double(held) < 0.005 * Double(kept), "\(held) of \(kept)")
        #expect(medians.count > 3 && medians.allSatisfy { $0.magnitude < 40 }, "\(medians)")
    }

    /// Stays of the PhysioNet 2012 challenge, hourly and finer.
    private static func stays() throws -> [[Observation]] {
        let archive = try #require(RepositoryFolder.data).appending(path: "cinc2012/set-a.tar.xz")
        let tar = Process()
        tar.executableURL = URL(filePath: "/usr/bin/env")
        tar.arguments = ["tar", "-xJOf", archive.path, "--wildcards", "*/1326*.txt"]
        let pipe = Pipe()
        tar.standardOutput = pipe
        try tar.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        tar.waitUntilExit()
        let names = [
            "HR": "heart_rate", "RespRate": "resp_rate", "Temp": "body_temp", "SysABP": "sbp_art",
            "NISysABP": "sbp_nibp", "MAP": "map_art", "NIMAP": "map_nibp", "GCS": "gcs",
            "SaO2": "sao2",
        ]
        var stays: [[Observation]] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ",")
            if parts.count == 3, parts[1] == "RecordID" { stays.append([]) }
            guard parts.count == 3, let concept = names[String(parts[1])].flatMap(Concept.named),
                let number = Double(parts[2]), number > 0, !stays.isEmpty,
                let twin = TwinID("CINC|\(stays.count)")
            else { continue }
            let clock = parts[0].split(separator: ":").compactMap { Int64($0) }
            let time = Chart.start.adding(seconds: (clock[0] * 60 + clock[1]) * 60)
            stays[stays.count - 1].append(
                Observation(
                    twin: twin, code: concept.code, value: .number(number), unit: concept.unit,
                    eventTime: time, receiveTime: time, source: "CINC"))
        }
        return stays
    }
}
