import IngestCore
import IngestFHIR
import Testing
import TwinCore

/// Bad inputs by the numbers of the catalogue, each with the outcome that it names.
struct CatalogueTests {
    struct Refused: Sendable, CustomStringConvertible {
        let id: String
        let text: String
        let status: Int
        let issue: String

        init(_ id: String, _ text: String, _ status: Int, _ issue: String) {
            self.id = id
            self.text = text
            self.status = status
            self.issue = issue
        }

        var description: String { id }
    }

    private static func quantity(_ number: String) -> String {
        Samples.observation(value: Samples.quantity(number))
    }

    static let refused = [
        Refused("F02", "hello", 400, "structure"),
        Refused(
            "F06", Samples.observation(rest: #""note":[{"text":"a","text":"b"}]"#), 400, "structure"
        ),
        Refused("F08", Samples.observation() + " x", 400, "structure"),
        Refused(
            "F09",
            String(repeating: #"{"a":"#, count: 33) + "1" + String(repeating: "}", count: 33),
            400, "too-costly"),
        Refused("F09 deep", String(repeating: "[", count: 200_000), 400, "too-costly"),
        Refused("F14", Samples.observation(rest: #""note":[{"text":"\ud800"}]"#), 400, "structure"),
        Refused("F15 great", quantity("1e400"), 400, "value"),
        Refused("F15 small", quantity("1e-400"), 400, "value"),
        Refused("F15 long", quantity(String(repeating: "7", count: 40)), 400, "value"),
        Refused("F18 missing", #"{"status":"final"}"#, 400, "structure"),
        Refused("F18 unknown", #"{"resourceType":"Observatory"}"#, 422, "not-supported"),
        Refused("F18 case", #"{"resourceType":"observation"}"#, 422, "not-supported"),
        Refused("F20 missing", Samples.observation(status: ""), 422, "required"),
        Refused(
            "F20 misspelt", Samples.observation(status: #""status":"finall""#), 422, "code-invalid"),
        Refused(
            "F23 digit", Samples.observation(code: Samples.code("8867-5")), 422, "code-invalid"),
        Refused(
            "F23 system",
            Samples.observation(code: #"{"coding":[{"system":"LN","code":"8867-4"}]}"#),
            422, "code-invalid"),
        Refused("F26", Samples.observation(rest: #""valueString":"70""#), 422, "structure"),
        Refused(
            "F27", Samples.observation(rest: #""dataAbsentReason":{"text":"why"}"#), 422,
            "invariant"),
        Refused(
            "F29 month", Samples.observation(time: #""effectiveDateTime":"2024-13-01""#), 422,
            "value"),
        Refused(
            "F29 day", Samples.observation(time: #""effectiveDateTime":"2024-02-30T25:00""#), 422,
            "value"),
        Refused(
            "F29 zone", Samples.observation(time: #""effectiveDateTime":"2024-02-29T10:00:00""#),
            422,
            "value"),
        Refused("F32", Samples.observation(subject: ""), 422, "required"),
        Refused(
            "F35",
            Samples.observation(rest: #""modifierExtension":[{"url":"urn:x","valueCode":"a"}]"#),
            422, "extension"),
        Refused(
            "F36",
            Samples.observation(
                rest: "\"extension\":["
                    + Array(repeating: #"{"url":"urn:x"}"#, count: 10_000).joined(separator: ",")
                    + "]"),
            400, "too-costly"),
        Refused(
            "F44 padding",
            #"{"resourceType":"DiagnosticReport","presentedForm":[{"contentType":"text/html","data":"PHNjcmlwdD48L3NjcmlwdD4"}]}"#,
            422, "value"),
        Refused(
            "F44 size",
            #"{"resourceType":"DiagnosticReport","presentedForm":[{"contentType":"text/html","data":""#
                + String(repeating: "PHNj", count: 700_000) + #""}]}"#, 413, "too-long"),
    ]

    @Test(arguments: refused)
    func `what can't be taken is refused, and kept`(input: Refused) {
        let outcome = Samples.take(input.text)
        #expect(outcome.status == input.status, "\(outcome.body)")
        #expect(outcome.body.contains(#""code":"\#(input.issue)""#), "\(outcome.body)")
        #expect(outcome.observations.isEmpty)
        #expect(outcome.quarantined.map(\.isAcknowledged) == [false])
    }

    @Test func `F02 and F05: an answer says where, and repeats nothing of what was sent`() {
        var bytes = Array(Samples.observation(rest: #""note":[{"text":"SECRET?"}]"#).utf8)
        if let mark = bytes.firstIndex(of: UInt8(ascii: "?")) { bytes[mark] = 0xFF }
        var room = Samples.room()
        let outcome = Samples.take(bytes, &room)
        #expect(outcome.status == 400)
        #expect(outcome.body.contains("at byte"))
        #expect(!outcome.body.contains("SECRET"))
    }

    @Test func `F03: UTF-16 and UTF-32 are another medium`() {
        let text = Samples.observation()
        let wide: [UInt8] = text.utf8.flatMap { byte -> [UInt8] in [byte, 0] }
        let wider: [UInt8] = text.utf8.flatMap { byte -> [UInt8] in [0, 0, 0, byte] }
        let mark: [UInt8] = [0xFF, 0xFE]
        for bytes in [wide, mark + wide, [0xFE, 0xFF], wider] {
            var room = Samples.room()
            #expect(Samples.take(bytes, &room).status == 415)
        }
    }

    @Test func `F15: zero has a sign and decimals keep their value`() {
        let minus = Samples.take(
            Samples.observation(
                code: Samples.code("1975-2"), value: Samples.quantity("-0", "mg/dL")))
        #expect(minus.status == 201)
        #expect(minus.numbers == [0])
        #expect(Samples.take(Self.quantity("7.0E+1")).numbers == [70])
        #expect(Samples.take(Self.quantity("700000000000000000000000000000e-28")).numbers == [70])
    }

    @Test(arguments: [
        ("", "/min"), (#","unit":"1/min""#, ""),
        (#","system":"http://x.org/units","code":"/min""#, ""),
        (#","system":"http://unitsofmeasure.org","code":"mgdl","unit":"/min""#, ""),
    ])
    func `F24: a unit is what UCUM says, or the value is kept and enters no score`(
        unit: String, plain: String
    ) {
        let outcome = Samples.take(
            Samples.observation(value: #""valueQuantity":{"value":70\#(unit)}"#))
        #expect(outcome.status == 201)
        let isUsable = unit.contains("1/min")
        #expect(outcome.observations.map(\.isUsable) == [isUsable], "\(unit)")
        #expect(outcome.numbers == [70])
    }

    @Test func `F30: what was measured in the future never becomes the newest`() {
        let outcome = Samples.take(
            Samples.observation(time: #""effectiveDateTime":"2027-01-12T10:14:00Z""#))
        #expect(outcome.status == 201)
        #expect(outcome.flags == [.futureTime])
    }

    @Test(arguments: ["Patient/unknown", "https://elsewhere.example/fhir/Patient/7"])
    func `F32 and F33: nobody whom this side knows is kept aside, and nothing is fetched`(
        reference: String
    ) {
        let outcome = Samples.take(
            Samples.observation(subject: #""subject":{"reference":"\#(reference)"}"#))
        #expect(outcome.status == 202)
        #expect(outcome.observations.isEmpty)
        #expect(outcome.quarantined.map(\.reason.reason) == [.noPatient])
        #expect(outcome.quarantined.map(\.isAcknowledged) == [true])
    }

    @Test func `F36 and F45: what changes nothing is let go`() {
        let rest =
            #""extension":[{"url":"urn:x","valueString":"y"}],"#
            + #""text":{"status":"generated","div":"<div><script>alert(1)</script>&a;&a;</div>"}"#
        let outcome = Samples.take(Samples.observation(rest: rest))
        #expect(outcome.status == 201)
        #expect(outcome.observations.map(\.isUsable) == [true])
    }

    @Test func `F38: a transaction is refused whole, and says where`() {
        var resources = Array(repeating: Samples.observation(), count: 600)
        resources[500] = Samples.observation(code: "")
        let outcome = Samples.take(Samples.bundle("transaction", resources))
        #expect(outcome.status == 422)
        #expect(outcome.body.contains(#""expression":["Bundle.entry[500].resource.code"]"#))
        #expect(outcome.observations.isEmpty)
        #expect(outcome.quarantined.count == 1)
    }

    @Test func `F39: a batch is taken entry by entry`() {
        var resources = (0..<600).map { index in
            Samples.observation(value: Samples.quantity("\(60 + index % 40)"))
        }
        resources[500] = Samples.observation(code: "")
        let outcome = Samples.take(Samples.bundle("batch", resources))
        #expect(outcome.status == 200)
        // The same said twice does nothing twice.
        #expect(outcome.observations.count == 40)
        #expect(outcome.quarantined.map(\.bytes) == [Array(resources[500].utf8)])
        #expect(outcome.body.components(of: #""status":"201 Created""#) == 599)
        #expect(outcome.body.components(of: #""status":"422 Unprocessable Content""#) == 1)
    }

    @Test func `F41: one URL is one resource`() {
        let two = [Samples.observation(), Samples.observation(value: Samples.quantity("71"))]
        let urls = ["urn:uuid:1", "urn:uuid:1"]
        for type in ["transaction", "batch"] {
            let outcome = Samples.take(Samples.bundle(type, two, urls: urls))
            #expect(outcome.status == 422)
            #expect(outcome.body.contains(#""code":"duplicate""#))
        }
        let same = Samples.bundle("batch", [two[0], two[0]], urls: urls)
        #expect(Samples.take(same).observations.count == 1)
    }

    @Test func `F42: nothing is searched, so no condition is taken`() {
        let entry =
            #"{"resource":\#(Samples.observation()),"request":{"method":"POST","url":"Observation","ifNoneExist":"identifier=a|b"}}"#
        let outcome = Samples.take(
            #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entry)]}"#)
        #expect(outcome.status == 412)
    }
}

extension String {
    func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
