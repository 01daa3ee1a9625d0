import Testing
import TwinCleaning
import TwinCore
import TwinTestKit

let start = Instant(microsecondsSinceEpoch: 1_768_000_000_000_000)

/// A track of heart rates under the only rule that is given, at seconds after the start.
struct Course {
    var track: SourceTrack
    let code: Code
    let rules: CleaningRules

    init(_ rule: String, _ name: String = "heart_rate", source: Source = "A") throws {
        rules = try TwinCleaningTests.rules(
            """
            [\(name)]
            rate = off
            flat-line = off
            spike = off
            """.replacing(try Course.line(rule), with: rule))
        code = try concept(name).code
        track = SourceTrack(source: source, rules: try #require(rules.byCode[code]))
    }

    private static func line(_ rule: String) throws -> String {
        "\(try #require(rule.split(separator: " ").first)) = off"
    }

    mutating func add(_ numbers: [Double], every seconds: Int64 = 60, from: Int64 = 0) {
        for (index, number) in numbers.enumerated() {
            track.append(number, at: start.adding(seconds: from + Int64(index) * seconds))
        }
        _ = track.judge()
    }

    /// Where the rules say something.
    var flagged: [Int] { track.times.indices.filter { !track.flags(at: $0).isEmpty } }

    var findings: [CleaningFinding] {
        track.findings(of: code, countMax: 100, rules: rules.identity).newest
    }
}

struct RateTests {
    private let rule = "rate = change 60, seconds 60, settle 3, effect note"

    @Test(
        arguments: [
            // At the limit and above it, up and down.
            ([80, 140], []), ([80, 140.5], [1]), ([140, 80], []), ([140, 79], [1]),
            // What comes back at once was never believed; the values around it are.
            ([80, 230, 80, 80], [1]), ([80, 230, 231, 80], [1, 2]),
            // A step is believed from its start once three hold to it.
            ([80, 230, 231], [1, 2]), ([80, 230, 231, 230], []),
            ([80, 230, 231, 230, 80], [4]), ([80, 230, 231, 230, 80, 81, 82], []),
            // Without a value before there is nothing to move from.
            ([300], []), ([], []),
        ] as [([Double], [Int])])
    func `a step is told until it is believed`(numbers: [Double], flagged: [Int]) throws {
        var course = try Course(rule)
        course.add(numbers)
        #expect(course.flagged == flagged)
    }

    @Test func `more time allows more change`() throws {
        for (seconds, isTold) in [(Int64(1), true), (60, true), (109, true), (110, false)] {
            var course = try Course(rule)
            course.add([80, 190], every: seconds)
            #expect(course.flagged.isEmpty != isTold, "\(seconds) s")
        }
    }

    @Test func `it says what it saw`() throws {
        var course = try Course(rule)
        course.add([80, 190.25], every: 10)
        let finding = try #require(course.findings.first)
        #expect(finding.flags == .rateOfChange)
        #expect(finding.number == 190.25 && finding.from == finding.to)
        #expect(
            finding.reason
                == RuleReason(
                    rule: "rate",
                    limit: "60 /min in 60 s, until 3 values in a row hold to it",
                    saw: "80 /min to 190.25 /min in 10 s",
                    rules: "\(course.rules.identity)"))
    }
}

struct FlatLineTests {
    private let rule = "flat-line = samples 4, seconds 180, spread 0.5, effect exclude"

    @Test(
        arguments: [
            ([70, 70, 70], 60, []), ([70, 70, 70, 70], 60, [0, 1, 2, 3]),
            // Four values, but in less than three minutes.
            ([70, 70, 70, 70], 59, []),
            // At the spread and above it, from the first of the line.
            ([70, 70.5, 69.5, 70], 60, [0, 1, 2, 3]), ([70, 70.25, 70.5, 70.75], 60, []),
            ([60, 70, 70, 70, 70, 80], 60, [1, 2, 3, 4]),
            ([70, 70, 70, 71, 71, 71, 71], 60, [3, 4, 5, 6]),
        ] as [([Double], Int64, [Int])])
    func `a line is told from its first value on`(
        numbers: [Double], seconds: Int64, flagged: [Int]
    ) throws {
        var course = try Course(rule)
        course.add(numbers, every: seconds)
        #expect(course.flagged == flagged)
    }

    @Test func `a line is one finding, and keeps its values out of scores`() throws {
        var course = try Course(rule)
        course.add([60, 70, 70, 70, 70, 70, 80])
        #expect(course.findings.count == 1)
        let finding = try #require(course.findings.first)
        #expect(finding.flags == [.flatLine, .suspect])
        #expect(finding.number == nil)
        #expect(finding.from == start.adding(seconds: 60))
        #expect(finding.to == start.adding(seconds: 300))
        #expect(finding.reason.saw == "5 values of about 70 /min in 240 s")
        #expect(finding.reason.limit == "4 values and 180 s within 0.5 /min")
    }
}

struct SpikeTests {
    private let rule =
        "spike = neighbours 2, deviations 3, least 10, seconds 120, effect exclude"

    @Test(
        arguments: [
            ([80, 80, 91, 80, 80], [2]), ([80, 80, 90, 80, 80], []), ([80, 80, 69, 80, 80], [2]),
            // A wide scatter allows more: the median distance is 6, times 3 times 1.4826 is 26.7.
            ([74, 80, 106, 86, 80], []), ([74, 80, 107, 86, 80], [2]),
            // The newest and the oldest two have not enough on one side.
            ([80, 80, 80, 91], []), ([80, 80, 91, 80], []), ([91, 80, 80, 80, 80], []),
            // Two in a row are fewer than what is around them, three are not.
            ([80, 80, 91, 91, 80, 80], [2, 3]), ([80, 80, 91, 91, 91, 80, 80], []),
        ] as [([Double], [Int])])
    func `a value far from both sides is a spike`(numbers: [Double], flagged: [Int]) throws {
        var course = try Course(rule)
        course.add(numbers)
        #expect(course.flagged == flagged)
    }

    @Test func `neighbours are near in time`() throws {
        for (seconds, isTold) in [(Int64(60), true), (61, false)] {
            var course = try Course(rule)
            course.add([80, 80, 120, 80, 80], every: seconds)
            #expect(course.flagged.isEmpty != isTold, "\(seconds) s")
        }
    }

    @Test func `it says what it saw`() throws {
        var course = try Course(rule)
        course.add([80, 81, 120, 80, 80])
        let finding = try #require(course.findings.first)
        #expect(finding.flags == [.spike, .suspect])
        #expect(finding.reason.saw == "120 /min beside a median of 80 /min")
        #expect(finding.reason.limit == "10 /min from the median of 5 values")
    }
}

struct IncrementTests {
    /// All rules at once, tight, so that they meet.
    private static let lines = """
        [heart_rate]
        rate = change 8, seconds 60, settle 3, effect note
        flat-line = samples 4, seconds 100, spread 1, effect exclude
        spike = neighbours 3, deviations 3, least 3, seconds 200, effect exclude
        """

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `whatever is put in and taken out, only what is there counts`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let code = try concept("heart_rate").code
        let own = try #require(try rules(IncrementTests.lines).byCode[code])
        var track = SourceTrack(source: "A", rules: own)
        var kept: [(time: Int64, number: Double)] = []
        var said: [QualityFlags] = []
        for _ in 0..<60 {
            // Take out the newest, put in some, and judge now and then.
            let cut = Int64.random(in: 0...(kept.last?.time ?? 0) + 20, using: &random)
            if Bool.random(using: &random) {
                kept.removeAll { $0.time >= cut }
                track.removeAll(from: start.adding(seconds: cut))
            }
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let time = (kept.last?.time ?? 0) + Int64.random(in: 0...60, using: &random)
                let number =
                    Double(Int.random(in: 70...76, using: &random))
                    + (Int.random(in: 0..<6, using: &random) == 0 ? 20 : 0)
                kept.append((time, number))
                track.append(number, at: start.adding(seconds: time))
            }
            guard Int.random(in: 0..<3, using: &random) > 0 else { continue }
            let before = said
            let earliest = track.judge()
            var fresh = SourceTrack(source: "A", rules: own)
            for (time, number) in kept { fresh.append(number, at: start.adding(seconds: time)) }
            _ = fresh.judge()
            said = fresh.times.indices.map { fresh.flags(at: $0) }
            #expect(track.times == fresh.times && track.numbers == fresh.numbers)
            #expect(track.times.indices.map { track.flags(at: $0) } == said)
            // Whatever changed is not earlier than what was answered.
            let changed = zip(before, said).enumerated().first { $1.0 != $1.1 }?.offset
            if let changed, changed < track.times.count {
                #expect(earliest.map { $0 <= track.times[changed] } ?? (before.count != said.count))
            }
        }
    }
}

struct ComparisonTests {
    private func tracks(
        _ first: [(Int64, Double)], _ second: [(Int64, Double)]
    ) throws -> SourceComparison? {
        let all = try rules("[sbp_art ~ sbp_nibp]\ndisagreement = difference 20, seconds 300")
        let rule = try #require(all.pairs.first { $0.difference == 20 && $0.seconds == 300 })
        let tracks = [first, second].map { points in
            var track = SourceTrack(source: "A", rules: CodeRules())
            for (time, number) in points { track.append(number, at: start.adding(seconds: time)) }
            _ = track.judge()
            return track
        }
        return SourceComparison(tracks[0], tracks[1], by: rule)
    }

    @Test(arguments: [(100.0, 0), (101, 1), (60, 0), (59, 1)] as [(Double, Int)])
    func `more than the difference is disagreement`(cuff: Double, count: Int) throws {
        let comparison = try #require(try tracks([(0, 80)], [(10, cuff)]))
        let found = comparison.findings(countMax: 9, rules: CleaningRules.standard.identity)
        #expect(found.count == 2 * count && found.newest.count == 2 * count)
        #expect(comparison.counts(since: start) == (1, 1 - count))
    }

    @Test func `the nearest in time is compared, the earlier of two`() throws {
        for (time, expected) in [(Int64(30), 1.0), (31, 2), (300, 2), (361, nil), (-301, nil)] {
            let comparison = try tracks([(0, 100), (60, 99)], [(time, 101)])
            #expect(comparison?.bias.median == expected, "\(time) s")
        }
    }

    @Test func `a bias is the median, its spread the median distance`() throws {
        let line = (0..<5).map { (Int64($0) * 900, 120.0) }
        let cuff = zip(0..<5, [110.0, 112, 108, 111, 180]).map { (Int64($0) * 900 + 5, $1) }
        let bias = try #require(try tracks(line, cuff)).bias
        #expect(bias.count == 5 && bias.median == -9 && bias.spread == 1)
        #expect(bias.unit == "mm[Hg]")
    }

    @Test func `what is said of the line holds until the next comparison`() throws {
        let line = (0...20).map { (Int64($0) * 30, 120.0) }
        let comparison = try #require(try tracks(line, [(60, 90), (240, 118)]))
        let found = comparison.findings(countMax: 9, rules: CleaningRules.standard.identity)
        let ofLine = try #require(found.newest.first)
        #expect(ofLine.from == start.adding(seconds: 60))
        #expect(ofLine.to == start.adding(seconds: 240).adding(microseconds: -1))
        #expect(ofLine.flags == .disagreement)
        #expect(ofLine.reason.saw == "sbp_art (A) 120, sbp_nibp (A) 90 mm[Hg]")
        #expect(ofLine.reason.limit == "20 mm[Hg] within 300 s")
        let alone = try #require(try tracks(line, [(60, 90)]))
        #expect(alone.disputed.first == [start.adding(seconds: 60)...start.adding(seconds: 360)])
    }
}
