import ControlPicture
import Testing
import TwinCore

@Suite struct `A doctor reads a value` {
    private func observation(
        _ code: Code, _ value: ObservedValue, unit: String = "", _ comparator: Comparator = .equal
    ) throws -> Observation {
        var one = Observation(
            twin: try #require(TwinID("H|1")), code: code, value: value, unit: unit,
            eventTime: Instant(microsecondsSinceEpoch: 0),
            receiveTime: Instant(microsecondsSinceEpoch: 0), source: "MON", flags: [])
        one.comparator = comparator
        return one
    }

    @Test func `a bound is no measured value: its comparator is shown`() throws {
        let lactate = try observation(.loinc("2524-7"), .number(10), unit: "mmol/L", .greater)
        #expect(ValueText.words(lactate) == ">10 mmol/L")
        let pulse = try observation(.loinc("8867-4"), .number(72), unit: "/min")
        #expect(ValueText.words(pulse) == "72 /min")
        #expect(ValueText.words(try observation(.loinc("1-1"), .number(0.25))) == "0.25")
    }

    @Test func `what is said in words is shown in words`() throws {
        let stay = try observation(Statement.encounterStatus.code, .text("discharged"))
        #expect(ValueText.name(stay.code) == "Stay")
        #expect(ValueText.words(stay) == "discharged")
        #expect(ValueText.words(try observation(.loinc("1-1"), .absent)) == "not measured")
    }

    @Test func `numbers that stand for words are told as words`() throws {
        let sex = try #require(Concept.named("sex"))
        #expect(ValueText.name(sex.code) == "Sex")
        #expect(ValueText.words(try observation(sex.code, .number(0))) == "female")
        #expect(ValueText.words(try observation(sex.code, .number(1))) == "male")
        let level = try #require(Concept.named("avpu"))
        #expect(ValueText.words(try observation(level.code, .number(1))) == "confused")
        #expect(ValueText.words(try observation(level.code, .number(9))) == "9")
    }

    @Test func `an unknown code is shown as it is`() {
        #expect(ValueText.name(Code(system: "urn:x", value: "7")) == "urn:x|7")
    }
}
