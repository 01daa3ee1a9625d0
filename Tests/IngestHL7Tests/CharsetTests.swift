import IngestCore
import IngestHL7
import Testing
import TwinCore

/// Text is read as what it says it is, or as its channel is configured; never as a guess.
struct CharsetTests {
    private static func message(_ name: String, _ text: [UInt8]) -> [UInt8] {
        Array("MSH|^~\\&|GW|W|||2026||ORU^R01|1|P|2.3||||||\(name)\rPID|||7\rOBX|1|ST|X^x^L||".utf8)
            + text + Array("||||||F\r".utf8)
    }

    private func text(_ bytes: [UInt8], _ charset: SingleByteCharset? = .latin1) -> String? {
        let read = Samples.observations(bytes, channel: Channel(charset: charset))
        guard case .text(let words) = read?.first?.value else { return nil }
        return words
    }

    @Test(
        arguments: [
            ("8859/1", [0xE9, 0xA4], "é¤"), ("8859/15", [0xE9, 0xA4], "é€"),
            ("8859/2", [0xB3, 0xF3, 0x64, 0xBC], "łódź"), ("CP1252", [0x80, 0x96], "€–"),
            ("UNICODE UTF-8", [0xC3, 0xA9], "é"), ("", [0xC3, 0xA9], "é"), ("ASCII", [0xE9], "é"),
            ("", [0xE9], "é"), ("8859/1", [0xC3, 0xA9], "Ã©"),
        ] as [(String, [UInt8], String)])
    func `a declared character set is read`(name: String, bytes: [UInt8], expected: String) {
        #expect(text(Self.message(name, bytes)) == expected)
    }

    @Test(
        arguments: [
            ("UNICODE UTF-8", [0xE9]), ("UNICODE UTF-8", [0xC0, 0xAF]), ("", [0xC0, 0xAF]),
            ("", [0xED, 0xA0, 0x80]), ("", [0xEF, 0xBB, 0xBF]), ("", [0x85]), ("8859/1", [0x85]),
            ("CP1252", [0x81]), ("ISO IR87", [0xE9]),
        ] as [(String, [UInt8])])
    func `what is none of its character set is refused`(name: String, bytes: [UInt8]) {
        let message = Self.message(name, bytes)
        #expect(text(message) == nil)
        #expect(Samples.reply(message).contains("MSA|AE|1|"))
        #expect(Samples.reply(message).contains("ERR|||102^"))
    }

    @Test func `a character set that is not known is named`() {
        let reply = Samples.reply(Self.message("8859/5", [0xC0]))
        #expect(reply.contains("the character set 8859/5 is not known"))
    }

    @Test func `a channel without a character set refuses what says nothing of its own`() {
        #expect(text(Self.message("", [0xE9]), nil) == nil)
        #expect(text(Self.message("", [0x80]), .windows1252) == "€")
    }
}
