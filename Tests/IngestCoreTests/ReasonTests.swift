import IngestCore
import Testing
import TwinCleaning
import TwinCore

/// What one value alone breaks is flagged at ingest, with its reason.
struct ReasonTests {
    private static let now = ConversionTests.now

    private func clean(
        _ number: Double, _ unit: String = "/min", code: Code = .loinc("8867-4"),
        ahead seconds: Int64 = 0, by rules: CleaningRules = .standard
    ) throws -> Observation {
        let twin = try #require(TwinID("H|1"))
        let time = ReasonTests.now.adding(seconds: seconds)
        return Cleaner(rules: rules).clean(
            Observation(
                twin: twin, code: code, value: .number(number), unit: unit, eventTime: time,
                receiveTime: time, source: "t",
                reasons: [RuleReason(rule: "mine", limit: "", saw: "", rules: "")]),
            receivedAt: ReasonTests.now)
    }

    @Test(arguments: [(10.0, true), (9.99, false), (350, true), (350.01, false)])
    func `the ends of a range belong to it`(number: Double, isUsable: Bool) throws {
        let observation = try clean(number)
        #expect(observation.isUsable == isUsable)
        #expect(observation.reasons.isEmpty == isUsable)
    }

    @Test func `a value says which rule it broke, where the line is, and whose rule it was`() throws
    {
        let standard = "\(CleaningRules.standard.identity)"
        #expect(
            try clean(400).reasons == [
                RuleReason(
                    rule: "range", limit: "10 to 350 /min", saw: "400 /min", rules: standard)
            ])
        // What was converted is judged, and told, in the canonical unit.
        let hot = try clean(122, "[degF]", code: .loinc("8310-5"))
        #expect(hot.reasons.map(\.saw) == ["50 Cel"])
        let empty = try clean(-100)
        #expect(empty.flags.contains(.sentinel) && empty.reasons.map(\.rule) == ["sentinel"])
        #expect(empty.reasons[0].saw == "-100")
        let early = try clean(80, ahead: 121)
        #expect(early.reasons.map(\.rule) == ["future"])
        #expect(early.reasons[0].limit == "120 s ahead of receipt")
        #expect(early.reasons[0].saw == "121 s ahead")
        #expect(try clean(80, ahead: 120).reasons.isEmpty)
        #expect(try clean(400, ahead: 500).reasons.map(\.rule) == ["future", "range"])
    }

    @Test func `a site's rules hold in the place of the standard ones`() throws {
        let site = try CleaningRules(
            site: Array(
                """
                format = 1
                name = nicu
                version = 3
                [heart_rate]
                range = low 60, high 250
                sentinel = off
                [every]
                sentinel = 127
                """.utf8))
        #expect(try clean(55, by: site).reasons.map(\.limit) == ["60 to 250 /min"])
        #expect(try clean(55, by: site).reasons[0].rules.hasPrefix("nicu 3 sha256:"))
        #expect(try clean(55).isUsable)
        #expect(try clean(127, by: site).flags == .sentinel)
        // No sentinel any more, but still no heart rate.
        #expect(try clean(-100, by: site).flags == .outOfRange)
        #expect(try clean(0, "%", code: .loinc("59408-5"), by: site).flags == .sentinel)
    }
}
