import IngestHL7
import Testing
import TwinCore

/// An operator says whose a message is.
struct ReaddressingTests {
    @Test(arguments: ["", "MRN9^^^H^MR", "1^^^H^MR~2^^^H^MR"], ["H2|7", "x^y|a&b", "bare"])
    func `a message without its patient is taken as the one that an operator names`(
        patient: String, name: String
    ) throws {
        let twin = try #require(TwinID(name))
        let message = Samples.message([Samples.row("70"), Samples.row("71")], patient: patient)
        let named = try #require(HL7Writer.readdressed(message, to: twin))
        let observations = try #require(Samples.observations(named))
        #expect(observations.map(\.twin) == [twin, twin])
        #expect(observations.map(\.number) == [70, 71])
    }

    @Test func `two persons become one, and a message without PID gets one`() throws {
        let twin = try #require(TwinID("H|7"))
        let text = String(decoding: Samples.message([Samples.row("70")]), as: UTF8.self)
        for changed in [
            text.replacing("OBR|", with: "PID|||OTHER^^^H^MR\rOBR|"),
            text.replacing("PID|||MRN9^^^H^MR\r", with: ""),
            text.replacing("\r", with: "\r\n"),
        ] {
            let named = try #require(HL7Writer.readdressed(Array(changed.utf8), to: twin))
            #expect(Samples.observations(named)?.map(\.twin) == [twin])
        }
    }

    @Test func `what is not one message is left alone`() throws {
        let twin = try #require(TwinID("H|7"))
        let message = Samples.message([Samples.row("70")])
        for bytes in [[], Array("PID|||7\r".utf8), message + message] {
            #expect(HL7Writer.readdressed(bytes, to: twin) == nil)
        }
    }
}
