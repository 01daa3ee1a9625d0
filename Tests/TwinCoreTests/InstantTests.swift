import Testing
import TwinCore

struct InstantTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-01-12T12:00:00+05:30", 1_768_199_400_000_000),
        ("2000-02-29T23:59:59.5Z", 951_868_799_500_000),
        ("1969-12-31T23:59:59.999999Z", -1), ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ])
    func `a written time is the instant it names`(text: String, microseconds: Int64) {
        #expect(Instant(rfc3339: text)?.microsecondsSinceEpoch == microseconds)
    }

    @Test(arguments: [
        "", "2026-01-12", "2026-01-12T12:00:00", "2026-02-30T00:00:00Z", "2026-01-12T24:00:00Z",
        "2026-01-12T12:00:60Z", "2026-01-12T12:00:00.Z", "2026-01-12T12:00:00+24:00",
        "2026-01-12T12:00:00+1:00", "x026-01-12T12:00:00Z",
    ])
    func `what is no time is refused`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func `every instant is read back from what it writes`() {
        var state: UInt64 = 42
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let span: Int64 = 253_000_000_000_000_000
            let instant = Instant(
                microsecondsSinceEpoch: Int64(state >> 1) % span - 62_000_000_000_000_000)
            #expect(Instant(rfc3339: instant.description) == instant)
        }
    }
}

struct IdentityTests {
    @Test func `an empty identity is no identity`() {
        #expect(TwinID("") == nil)
        #expect(TwinID("a\u{0}b") == nil)
        #expect(TwinID(String(repeating: "x", count: 257)) == nil)
    }

    @Test func `an identity knows its authority`() {
        #expect(TwinID("CINC|132539")?.identifier == "132539")
        #expect(TwinID("CINC|132539")?.authority == "CINC")
        #expect(TwinID("132539")?.authority == nil)
    }

    @Test func `every concept has a code and a name of its own`() {
        #expect(Set(Concept.all.map(\.code)).count == Concept.all.count)
        #expect(Set(Concept.all.map(\.name)).count == Concept.all.count)
        #expect(Concept.of(.loinc("8867-4"))?.name == "heart_rate")
    }
}
