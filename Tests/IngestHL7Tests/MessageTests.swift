import IngestCore
import IngestHL7
import Testing
import TwinCore

/// What single segments and fields become.
struct MessageTests {
    private func first(_ row: String, patient: String = "MRN9^^^H^MR") throws -> Observation {
        let observations = Samples.observations(Samples.message([row], patient: patient))
        return try #require(observations?.first)
    }

    @Test(
        arguments: [
            ("<40", ObservedValue.number(40), Comparator.less, QualityFlags.bound),
            (" 70 ", .number(70), .equal, []), ("", .absent, .equal, .empty),
            ("\"\"", .absent, .equal, [.empty, .noResult]),
            ("-100", .number(-100), .equal, .sentinel),
            ("0", .number(0), .equal, .sentinel), ("7200", .number(7200), .equal, .outOfRange),
            ("8388607", .number(8_388_607), .equal, .sentinel),
            ("-5", .number(-5), .equal, .outOfRange),
        ] as [(String, ObservedValue, Comparator, QualityFlags)])
    func `a number is taken strictly, and what it is not is said`(
        text: String, value: ObservedValue, comparator: Comparator, flags: QualityFlags
    ) throws {
        let observation = try first(Samples.row(text))
        #expect(observation.value == value)
        #expect(observation.comparator == comparator)
        #expect(observation.flags == flags)
    }

    @Test(
        arguments: [
            ("<^40", ObservedValue.number(40), Comparator.less, QualityFlags.bound),
            (">=^5.0", .number(5), .greaterOrEqual, .bound), ("^182", .number(182), .equal, []),
            ("=^12", .number(12), .equal, []), (">^200^^", .number(200), .greater, .bound),
            ("<=^0.5", .number(0.5), .lessOrEqual, .bound),
            ("^1^:^128", .text("1:128"), .equal, []),
            ("^2^-^4", .text("2-4"), .equal, []), ("^3^+", .text("3+"), .equal, []),
            ("<>^7", .text("<>7"), .equal, []),
        ] as [(String, ObservedValue, Comparator, QualityFlags)])
    func `a structured number keeps its comparator, and a ratio is no number`(
        text: String, value: ObservedValue, comparator: Comparator, flags: QualityFlags
    ) throws {
        let observation = try first(Samples.row(text, code: "L1^Test^L", type: "SN", unit: ""))
        #expect(observation.value == value)
        #expect(observation.comparator == comparator)
        #expect(observation.flags == flags.union(.codeUnknown))
    }

    @Test(arguments: [
        (#"a\F\b\S\c\T\d\R\e\E\f"#, #"a|b^c&d~e\f"#), (#"x\X0D0A\y"#, "x\r\ny"),
        (#"\Zxx\ and \H\ stay"#, #"\Zxx\ and \H\ stay"#), (#"open \F"#, #"open \F"#),
        (#"\\"#, #"\\"#), (#"\.br\"#, "\n"), (#"\X0A0D1C0D\"#, "\n\r\u{1C}\r"),
        (#"\XC3A9\ and \XE9\"#, "é and é"), (#"\X0D\\X0A\"#, "\r\n"),
    ])
    func `escapes are undone after splitting, unknown ones stay`(sent: String, text: String) throws
    {
        let observation = try first(Samples.row(sent, code: "T^Text^L", type: "ST", unit: ""))
        #expect(observation.value == .text(text))
    }

    @Test(arguments: [
        ("MRN9^^^H^MR", "H|MRN9"), ("MRN9", "MRN9"), ("MRN9^^^&1.2.3&ISO^MR", "1.2.3|MRN9"),
        ("7^^^UHN^MR~^^^^JHN~HN7^^^UHN^PI", "UHN|7"), ("9^^^A^SS~8^^^B^PI", "B|8"),
        ("MRN9^^^H^MR~MRN9^^^H^MR", "H|MRN9"), (#"O\T\N^^^H^MR"#, "H|O&N"),
    ])
    func `the patient is the record number with its authority`(sent: String, twin: String) throws {
        #expect(try first(Samples.row("70"), patient: sent).twin.text == twin)
    }

    @Test(arguments: [
        ("", "ERR|||101^"), ("^^^H^MR", "ERR|||101^"), ("MRN9^^^H^MR~MRN8^^^H^MR", "ERR|||204^"),
        ("MRN9^^^H^MR~MRN9^^^I^MR", "ERR|||204^"), (#"H\F\MRN9"#, "ERR|||101^"),
        (#"A\X0D\B"#, "ERR|||101^"), (String(repeating: "9", count: 257), "ERR|||101^"),
    ])
    func `no patient, or two, is refused and never guessed`(sent: String, error: String) {
        let message = Samples.message([Samples.row("70")], patient: sent)
        #expect(Samples.observations(message) == nil)
        let reply = Samples.reply(message)
        #expect(reply.contains("MSA|AE|ID1|"))
        #expect(reply.contains(error))
    }

    @Test func `two PID segments of two patients are refused`() {
        let message = Samples.message([Samples.row("70"), "PID|||MRN8^^^H^MR", Samples.row("80")])
        #expect(Samples.reply(message).contains("ERR|||100^"))
        #expect(Samples.reply(message).contains("two-patients"))
        let same = Samples.message([Samples.row("70"), "PID|||MRN9^^^H^MR", Samples.row("80")])
        #expect(Samples.observations(same)?.count == 2)
    }

    @Test(arguments: [
        ("37,5", "decimal-comma"), ("NaN", "no number"), ("1e999", "no number"),
        ("++1", "no number"), ("1 000", "no number"), ("7~8~x", "no number"),
    ])
    func `a number that is none refuses its message`(text: String, why: String) {
        let message = Samples.message([Samples.row("70"), Samples.row(text)])
        #expect(Samples.observations(message) == nil)
        let reply = Samples.reply(message)
        #expect(reply.contains("MSA|AE|ID1|OBX 2"))
        #expect(reply.contains(why))
        #expect(reply.contains("ERR|||102^"))
    }

    @Test(arguments: ["X", "N", "D", "W"])
    func `what its sender does not stand by need not read as a number`(status: String) throws {
        let observation = try first(Samples.row("---", status: status))
        #expect(observation.value == .text("---"))
        #expect(!observation.isUsable)
    }

    @Test func `what departs from the standard and touches no value is flagged`() throws {
        #expect(try first(Samples.row("70")).flags == [])
        #expect(try first(Samples.row(#"\Zxx\"#, type: "ST")).flags.contains(.irregular))
        let rest = "||ORU^R01|ID1|P|"
        let bare = Samples.message([Samples.row("70")], header: rest)
        #expect(Samples.observations(bare)?.map(\.flags) == [.irregular])
        let lines = Samples.message([Samples.row("70")]).flatMap {
            $0 == 0x0D ? [0x0D, 0x0A] : [$0]
        }
        #expect(Samples.observations(lines)?.map(\.flags) == [.irregular])
        #expect(Samples.observations(lines)?.map(\.isUsable) == [true])
    }

    @Test func `a set id that no count can have is refused, not trapped on`() {
        let row = Samples.row("70").replacing("OBX|1|", with: "OBX|9999999999999999999|")
        #expect(Samples.reply(Samples.message([row])).contains("ERR|||102^"))
        let last = Samples.row("70").replacing("OBX|1|", with: "OBX|999999999|")
        #expect(Samples.observations(Samples.message([last]))?.count == 1)
    }

    @Test(arguments: [("ORC|CA|1", ""), ("ORC|OC|1", ""), ("ORC|CR|1", ""), ("ORC|RE|1", "X")])
    func `the results of a cancelled order are withdrawn`(order: String, status: String) throws {
        let request = "OBR|2|||V^V^L" + String(repeating: "|", count: 21) + status
        let message = Samples.message([Samples.row("70"), order, request, Samples.row("80")])
        let flags = try #require(Samples.observations(message)).map(\.flags)
        #expect(flags.count == 2)
        #expect(flags[0] == [])
        #expect(flags[1].contains(.deleted))
    }

    @Test(arguments: [
        ("149522^MDC_PULS_RATE^MDC", "pulse_rate_invasive", true),
        ("150017^MDC_PRESS_BLD_NONINV_SYS^MDC", "sbp", true),
        ("150031^MDC_PRESS_CUFF_SYS^MDC", "sbp_nibp", true),
        ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "sbp_nibp", false),
        ("18949^MDC_PRESS_BLD_NONINV_SYS^MDC", "sbp_nibp", false),
        ("150021^Systole^MDC", "sbp_nibp", false), ("^MDC_ECG_HEART_RATE^MDC", "heart_rate", false),
        ("8480-6^SBP^LN^150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "sbp_nibp", false),
        ("X9^SBP^99V^8480-6^SBP^LN", "sbp", false), ("8480-6^SBP^LN^X9^SBP^99V", "sbp", false),
        ("8480-6^SBP^LN^8462-4^DBP^LN", "sbp", true),
        ("2708-6^Sat^LN^59408-5^SpO2^LN", "spo2", false),
    ])
    func `two codes agree, or the conflict is flagged`(
        code: String, concept: String, isConflict: Bool
    ) throws {
        let observation = try first(Samples.row("100", code: code, unit: ""))
        #expect(Concept.of(observation.code)?.name == concept)
        #expect(observation.flags.contains(.codeConflict) == isConflict)
    }

    @Test(
        arguments: [
            ("20260112101400+0000", "2026-01-12T10:14:00Z", QualityFlags()),
            ("20260112101400.1234-0330", "2026-01-12T13:44:00.123400Z", []),
            ("202601121014", "2026-01-12T10:14:00Z", []), ("", "2026-01-12T10:14:00Z", []),
            ("20260112", "2026-01-12T00:00:00Z", []),
            ("2026", "2026-12-31T00:00:00Z", .timeMissing),
            ("yesterday", "2026-12-31T00:00:00Z", .timeMissing),
            ("20260230101400+0000", "2026-12-31T00:00:00Z", .timeMissing),
            ("18991231235959+0000", "1899-12-31T23:59:59Z", .timeMissing),
            ("20270101000000+0000", "2027-01-01T00:00:00Z", .futureTime),
            ("30260112101400+0000", "3026-01-12T10:14:00Z", .futureTime),
        ] as [(String, String, QualityFlags)])
    func `a time is its own, its request's or none`(
        text: String, time: String, flags: QualityFlags
    ) throws {
        let observation = try first(Samples.row("70", time: text))
        #expect(observation.eventTime.description == time)
        #expect(observation.flags == flags)
    }

    @Test func `a time without zone takes the message's, then the channel's, then is flagged`()
        throws
    {
        func observation(_ messageTime: String, _ channel: Channel) throws -> Observation {
            let text = String(
                decoding: Samples.message([Samples.row("70", time: "20260112101400")]),
                as: UTF8.self)
            let bytes = Array(
                text.replacing("20260112101500+0000", with: messageTime).utf8)
            return try #require(Samples.observations(bytes, channel: channel)?.first)
        }
        let own = try observation("20260112101500+0100", Channel(zoneOffsetMinutes: 0))
        #expect(own.eventTime.description == "2026-01-12T09:14:00Z")
        let configured = try observation("20260112101500", Channel(zoneOffsetMinutes: -300))
        #expect(configured.eventTime.description == "2026-01-12T15:14:00Z")
        #expect(configured.flags == [])
        let unknown = try observation("20260112101500", Channel())
        #expect(unknown.eventTime.description == "2026-01-12T10:14:00Z")
        #expect(unknown.flags == .zoneUnknown)
        #expect(unknown.isUsable)
    }

    @Test func `segments may end with CR, LF or both, and text may be Latin-1`() throws {
        let lines = [
            "MSH|^~\\&|GW|W|||20260112101500+0000||ORU^R01|1|P|2.3", "PID|||7",
            "OBR|1||||||20260112101400+0000", "OBX|1|NM|8310-5^Temp^LN||37.5|\u{B0}C|||||F",
        ]
        for ending in ["\r", "\n", "\r\n"] {
            let utf8 = Array((lines.joined(separator: ending) + ending).utf8)
            let latin1 = utf8.filter { $0 != 0xC2 }
            for bytes in [utf8, latin1] {
                let observation = try #require(Samples.observations(bytes)?.first)
                #expect(observation.number == 37.5)
                #expect(observation.isUsable)
            }
        }
    }

    @Test func `UTF-8 that is declared and is none is refused`() {
        let text = "MSH|^~\\&|GW|W|||2026||ORU^R01|1|P|2.3||||||UNICODE UTF-8\rPID|||7\rNTE|1||"
        #expect(Samples.reply(Array(text.utf8) + [0xC0, 0xAF, 0x0D]).contains("ERR|||102^"))
        #expect(Samples.reply(Array(text.utf8) + [0xC3, 0xA9, 0x0D]).contains("MSA|AA|1"))
    }

    @Test func `a value without a code is left out and the rest is taken`() {
        let message = Samples.message([Samples.row("70"), Samples.row("80", code: "^^LN")])
        #expect(Samples.observations(message)?.map(\.number) == [70])
        #expect(Samples.reply(message).contains("MSA|AA|ID1"))
    }
}
