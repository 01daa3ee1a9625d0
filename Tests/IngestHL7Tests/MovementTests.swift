import IngestCore
import IngestHL7
import Testing
import TwinCore

/// Admissions, transfers, discharges and merges.
struct MovementTests {
    static func message(
        _ event: String, _ rest: [String], recorded: String = "20260112100000+0000",
        person: String = "PID|||7^^^H^MR||X^Y||19600113|F"
    ) -> [UInt8] {
        let segments =
            ["MSH|^~\\&|ADT|H|||20260112101500+0000||ADT^\(event)|\(event)|P|2.5"]
            + ["EVN|\(event)|\(recorded)", person] + rest
        return Array((segments.joined(separator: "\r") + "\r").utf8)
    }

    private func said(_ bytes: [UInt8], _ statement: Statement) -> (String, String)? {
        for observation in Samples.observations(bytes, channel: Channel()) ?? []
        where observation.code == statement.code {
            #expect(observation.flags == [])
            guard case .text(let words) = observation.value else { return nil }
            return (words, observation.eventTime.description)
        }
        return nil
    }

    private static let visit = "PV1|1|I|ICU^12^B&x^MAIN"

    @Test func `an admission says where the patient is, since when, how old and of which sex`()
        throws
    {
        let visit = Self.visit + String(repeating: "|", count: 41) + "20260112093000+0000"
        let bytes = Self.message("A01", [visit])
        #expect(try #require(said(bytes, .encounterStatus)) == ("admitted", "2026-01-12T09:30:00Z"))
        #expect(
            try #require(said(bytes, .location)) == ("ICU/12/B/MAIN", "2026-01-12T10:00:00Z"))
        let observations = try #require(Samples.observations(bytes, channel: Channel()))
        let numbers = Dictionary(
            uniqueKeysWithValues: observations.compactMap { observation in
                Concept.of(observation.code).map { ($0.name, observation.number) }
            })
        // The birthday is tomorrow.
        #expect(numbers == ["age": 65, "sex": 0])
        #expect(observations.allSatisfy { $0.twin.text == "H|7" && $0.flags == [] })
        #expect(Samples.reply(bytes).contains("MSA|AA|A01\r"))
        #expect(Samples.reply(bytes).contains("ACK^A01^ACK"))
    }

    @Test(arguments: [
        ("A02", nil, "ICU/12/B/MAIN"), ("A03", "discharged", nil), ("A08", nil, "ICU/12/B/MAIN"),
        ("A11", "admission cancelled", nil), ("A13", "admitted", "ICU/12/B/MAIN"),
        ("A31", nil, nil),
    ])
    func `each event says its own`(event: String, status: String?, location: String?) {
        let bytes = Self.message(event, [Self.visit])
        #expect(said(bytes, .encounterStatus)?.0 == status)
        #expect(said(bytes, .location)?.0 == location)
        #expect(Samples.reply(bytes).contains("MSA|AA|\(event)\r"))
    }

    @Test func `a merge is a statement on the retired twin, and an unlink takes it back`() throws {
        let merge = Self.message("A40", ["MRG|9^^^H^MR"])
        let merged = try #require(Samples.observations(merge, channel: Channel()))
        #expect(merged.map(\.twin.text) == ["H|9"])
        #expect(merged.map(\.value) == [.text("H|7")])
        #expect(merged.map(\.code) == [Statement.survivor.code])
        let unlink = Self.message(
            "A37", ["PID|||9^^^H^MR"], recorded: "20260112110000+0000")
        let parted = try #require(Samples.observations(unlink, channel: Channel()))
        #expect(parted.map(\.twin.text) == ["H|9"])
        #expect(parted.map(\.value) == [.text("H|9")])
        #expect(parted[0].eventTime > merged[0].eventTime)
    }

    @Test(arguments: [
        ("A40", ["MRG|7^^^H^MR"], "ERR|||204^"), ("A40", [], "ERR|||100^"),
        ("A40", ["MRG|9^^^H^MR", "PID|||8^^^H^MR", "MRG|5^^^H^MR"], "ERR|||100^"),
        ("A40", ["MRG|"], "ERR|||101^"), ("A37", [], "ERR|||100^"), ("A99", [], "ERR|||201^"),
    ])
    func `what can't be meant is refused`(event: String, rest: [String], error: String) {
        let bytes = Self.message(event, rest)
        #expect(Samples.reply(bytes).contains(error))
        #expect(Samples.observations(bytes, channel: Channel()) == nil)
    }

    @Test func `a day of birth that is not known gives no age`() {
        for birth in ["", "1960", "196001", "19601301", "\"\""] {
            let bytes = Self.message("A08", [], person: "PID|||7^^^H^MR||X||\(birth)|U")
            #expect(Samples.observations(bytes, channel: Channel()) == nil)
            #expect(Samples.reply(bytes).contains("MSA|AA|A08\r"))
        }
    }
}
