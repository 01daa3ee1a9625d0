import IngestCore
import IngestHL7
import Testing
import TwinCore

struct AcknowledgementTests {
    @Test func `an acknowledgement names the message and swaps sender and receiver`() {
        let message = Array(
            ("MSH|^~\\&|MON^1^L|WARD|HUB|SITE|20260112101500+0000||ORU^R01^ORU_R01|C\\T\\7|P|2.5.1"
                + "||||||UNICODE UTF-8\rPID|||MRN9\r").utf8)
        #expect(
            Samples.reply(message)
                == "MSH|^~\\&|HUB|SITE|MON^1^L|WARD|20261231000000+0000||ACK^R01^ACK|C\\T\\7|P|2.5.1"
                + "||||||UNICODE UTF-8\rMSA|AA|C\\T\\7\r")
    }

    @Test func `separators of the message are those of its acknowledgement`() {
        let message = Array("MSH#*!\\%#MON*1*L#W###20260112##ORU*R01#C!5#P#2.5\rPID###7\r".utf8)
        #expect(
            Samples.reply(message)
                == "MSH#*!\\%#TWINLINE##MON*1*L#W#20261231000000+0000##ACK*R01*ACK#C!5#P#2.5\r"
                + "MSA#AA#C!5\r")
    }

    @Test(arguments: [
        ("||MDM^T02|ID1|P|2.6", "MSA|AR|ID1|", "ERR|||200^Unsupported message type^HL70357|E"),
        ("||ORU^Z99|ID1|P|2.6", "MSA|AR|ID1|", "ERR|||201^Unsupported event code^HL70357|E"),
        ("||ORU^R01||P|2.6", "MSA|AR||", "ERR|||101^Required field missing^HL70357|E"),
        ("||ORU^R01|ID1|T|2.6", "MSA|AR|ID1|", "ERR|||202^Unsupported processing id^HL70357|E"),
        ("||ORU^R01|ID1|P|9.9", "MSA|AR|ID1|", "ERR|||203^Unsupported version id^HL70357|E"),
    ])
    func `what is not taken is said in the code of table 0357`(
        header: String, acknowledgement: String, error: String
    ) {
        let reply = Samples.reply(Samples.message([Samples.row("70")], header: header))
        #expect(reply.contains(acknowledgement))
        #expect(reply.contains(error))
    }

    @Test(arguments: [
        ("|||", ["AA"], ["AE"]), ("|||AL|NE", ["CA"], ["CE"]), ("|||NE|AL", ["AA"], ["AE"]),
        ("|||AL|AL", ["CA", "AA"], ["CE", "AE"]), ("|||NE|NE", [], []),
        ("|||ER|SU", ["AA"], ["CE"]), ("||||AL", ["AA"], ["AE"]),
    ])
    func `a message gets the acknowledgements that it asks for`(
        wish: String, taken: [String], refused: [String]
    ) {
        let context = Array("MSH|^~\\&|A|B|C|D|2026||ORU^R01|7|P|2.6\(wish)".utf8)
        for (refusal, codes) in [(nil, taken), (Refusal(.storageFailed, "full"), refused)] {
            let reply = HL7Adapter().reply(to: context, refusal: refusal, at: Samples.receivedAt)
            var framer = MLLPFramer()
            let frames = framer.receive(MLLPFramer.framed(reply)).compactMap { event in
                if case .frame(let bytes) = event, !bytes.isEmpty { bytes } else { nil }
            }
            #expect(frames.count == codes.count)
            for (frame, code) in zip(frames, codes) {
                #expect(String(decoding: frame, as: UTF8.self).contains("MSA|\(code)|7"))
            }
        }
    }

    @Test(arguments: [("R30", "R33"), ("R31", "R33"), ("R32", "R33"), ("R40", "R40")])
    func `a point of care device is answered in its own event`(event: String, answer: String) {
        let message = Samples.message([Samples.row("70")], header: "||ORU^\(event)|ID1|P|2.6")
        #expect(Samples.reply(message).contains("ACK^\(answer)^ACK"))
        #expect(Samples.observations(message)?.count == 1)
    }

    @Test func `every way to lack a disk has its refusal`() {
        let adapter = HL7Adapter()
        let context = Array("MSH|^~\\&|A|B|C|D|2026||ORU^R01|7|P|2.6".utf8)
        for (reason, text) in [
            (Refusal.Reason.storageFailed, "MSA|AE|7|"), (.overloaded, "MSA|AR|7|"),
            (.conflict, "ERR|||205^"), (.tooLarge, "ERR|||207^"),
        ] {
            let reply = adapter.reply(
                to: context, refusal: Refusal(reason, "why|not"), at: Samples.receivedAt)
            let string = String(decoding: reply, as: UTF8.self)
            #expect(string.contains(text))
            #expect(string.contains(#"why\F\not"#))
        }
    }

    @Test func `what a writer writes is read as it was meant`() throws {
        let writer = HL7Writer(application: "TABLE|1", facility: "WARD")
        let time = Samples.instant("2026-01-12T10:14:00.250Z")
        let rows: [(code: Code, value: ObservedValue, unit: String)] = [
            (.loinc("8867-4"), .number(71.5), "/min"), (.mdc("149546"), .number(70), "/min"),
            (.loinc("10839-9"), .number(0.00001), "ng/mL"), (.loinc("8480-6"), .absent, "mm[Hg]"),
            (Code(system: "urn:twinline:codes", value: "icu-type"), .number(3), ""),
            (Code(system: "X^Y", value: "free"), .text("a|b^c~d\\e&f\r"), ""),
            (.loinc("33762-6"), .number(1e16), "pg/mL"),
        ]
        let bytes = writer.message(
            patient: "7|&8".replacing("|", with: "-"), authority: "H^1", controlID: "c1",
            time: time,
            rows: rows.map {
                HL7Writer.Row(code: $0.code, text: "t", value: $0.value, unit: $0.unit, time: time)
            })
        let read = try #require(Samples.observations(bytes, channel: Channel()))
        #expect(read.map(\.code) == rows.map(\.code))
        #expect(read.map(\.value) == rows.map(\.value))
        #expect(read.map(\.unit) == rows.map(\.unit))
        #expect(read.allSatisfy { $0.eventTime == time && $0.twin.text == "H^1|7-&8" })
        #expect(read.first?.source == "TABLE|1|WARD")
    }
}
