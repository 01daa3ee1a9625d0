import IngestCore
import IngestHL7
import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

/// What arrays of samples become, in both ways of writing them.
struct SignalTests {
    private static let lead = "131330^MDC_ECG_ELEC_POTL_II^MDC"
    private static let rate = facet(
        1, "0^MDC_ATTR_SAMP_RATE^MDC", "500", "264608^MDC_DIM_PER_SEC^MDC")
    private static let steps = facet(
        2, "2327^MDC_ATTR_NU_MSMT_RES^MDC", "0.005", "266418^MDC_DIM_MILLI_VOLT^MDC")

    private static func facet(
        _ number: Int, _ code: String, _ value: String, _ unit: String, type: String = "NM"
    ) -> String {
        "OBX|\(number + 1)|\(type)|\(code)|1.7.6.131330.\(number)|\(value)|\(unit)|||||R"
    }

    private static func array(
        _ samples: String, code: String = lead, unit: String = "", status: String = "R",
        type: String = "NA", time: String = ""
    ) -> String {
        "OBX|1|\(type)|\(code)|1.7.6.131330|\(samples)|\(unit)|||||\(status)|||\(time)"
    }

    private func waveforms(
        _ rows: [String], header: String = "||ORU^R01|ID1|P|2.6"
    ) throws
        -> [(observation: Observation, waveform: Waveform)]
    {
        let found = try #require(
            Samples.observations(Samples.message(rows, header: header)), "refused")
        return try found.compactMap { observation in
            guard case .waveform(let block) = observation.value else { return nil }
            return (observation, try WaveformArchive(bytes: block.bytes).waveform())
        }
    }

    private func values(_ waveform: Waveform) -> [Double?] {
        waveform.samples.indices.map { waveform.value(at: $0) }
    }

    @Test func `an array of steps with its rate and resolution is one block of its lead`() throws {
        let found = try waveforms([
            Samples.row("70"), Self.array("80^-20^^\"\"^0"), Self.rate, Self.steps,
            Self.facet(3, "262196^MDC_EVT_INOP^MDC", "0", ""),
        ])
        #expect(found.count == 1)
        let (observation, waveform) = try #require(found.first)
        #expect(observation.code == .mdc("131330") && observation.unit == "mV")
        #expect(observation.eventTime == Samples.instant("2026-01-12T10:14:00Z"))
        #expect(observation.source == "GW|WARD#1.7.6")
        #expect(observation.flags == .preliminary && observation.isUsable)
        #expect(waveform.samplesPerSecond == 500)
        #expect(values(waveform) == [0.4, -0.1, nil, nil, 0])
        // The rows of facets are no values of their own.
        let all = try #require(
            Samples.observations(
                Samples.message([Samples.row("70"), Self.array("1^2"), Self.rate, Self.steps])))
        #expect(all.map(\.number) == [70, nil])
    }

    @Test func `numbers with a unit are values, with all the digits that fit`() throws {
        let (observation, waveform) = try #require(
            try waveforms([
                Self.array(
                    "-0.53714565^1.5^+2^0.029039286658642516",
                    unit: "266418^MDC_DIM_MILLI_VOLT^MDC",
                    time: "20260112101401.5+0000"),
                Self.rate, Self.steps,
            ]).first)
        #expect(observation.eventTime == Samples.instant("2026-01-12T10:14:01.5Z"))
        #expect(observation.unit == "mV")
        #expect(values(waveform) == [-0.537145650, 1.5, 2, 0.029039287])
    }

    @Test func `two ranges give what a step is worth, and a period the rate`() throws {
        let (_, waveform) = try #require(
            try waveforms([
                Self.array("0^100^200^32767"),
                Self.facet(1, "0^MDC_ATTR_TIME_PD_SAMP^MDC", "8", "264338^MDC_DIM_MILLI_SEC^MDC"),
                Self.facet(2, "0^MDC_ATTR_DATA_RANGE^MDC", "0^200", "", type: "NR"),
                Self.facet(3, "0^MDC_ATTR_SCALE_RANGE^MDC", "-40^60", "266016^MDC_DIM_MMHG^MDC"),
                Self.facet(4, "262196^MDC_EVT_INOP^MDC", "32767", ""),
            ]).first)
        #expect(waveform.samplesPerSecond == 125)
        #expect(values(waveform) == [-40, 10, 60, nil])
    }

    @Test(arguments: [
        ([array("1^2")], "rate"),
        ([array("1^2"), facet(1, "0^MDC_ATTR_SAMP_RATE^MDC", "500", "")], "rate"),
        ([array("1^2"), facet(1, "0^MDC_ATTR_SAMP_RATE^MDC", "500", "mm[Hg]")], "rate"),
        ([array("1^2"), facet(1, "0^MDC_ATTR_SAMP_RATE^MDC", "0", "Hz")], "rate"),
        ([array("1^2", unit: "mV"), rate, steps], "steps, or values"),
        ([array("99999999999^2", unit: "mV"), rate], "out of bounds"),
        (
            [
                array("1^2", unit: "mV"), rate,
                facet(2, "2327^MDC_ATTR_NU_MSMT_RES^MDC", "0", "266418^MDC_DIM_MILLI_VOLT^MDC"),
            ], "steps, or values"
        ),
    ])
    func `what does not say how to read its samples waits, and the rest of its message is taken`(
        rows: [String], why: String
    ) {
        let message = Samples.message([Samples.row("70")] + rows)
        var room = IngestRoom(adapters: [HL7Adapter()])
        let departures = room.receive(
            .input(.hl7, bytes: message, from: Peer(connection: 1), receivedAt: Samples.receivedAt))
        var kept: [Refusal] = []
        for case .quarantine(let entry, _) in departures { kept.append(entry.reason) }
        #expect(kept.map(\.reason) == [.unsupported])
        #expect(kept.first?.detail.contains(why) == true, "\(kept)")
        #expect(Samples.observations(message)?.map(\.number) == [70])
        #expect(Samples.reply(message).contains("MSA|AA|ID1"))
    }

    @Test(arguments: ["1^x^3", "Lead II", "1,5^2", "1e3^2", "NaN", "--1", "1~2^3^"])
    func `a sample that is no number refuses the message`(samples: String) {
        let type = samples.contains("~") ? "MA" : "NA"
        let message = Samples.message([
            Samples.row("70"), Self.array(samples, unit: "mV", type: type), Self.rate,
        ])
        #expect(Samples.observations(message) == nil)
        #expect(Samples.reply(message).contains("MSA|AE|ID1"))
    }

    @Test func `units and codes that do not fit are flagged, and the samples kept`() throws {
        func flags(_ row: String) throws -> QualityFlags? {
            try waveforms([row, Self.rate]).first?.observation.flags
        }
        let wrong = "131330^MDC_PULS_OXIM_PLETH^MDC"
        #expect(
            try flags(Self.array("1^2^1", code: wrong, unit: "mV"))?.contains(.codeConflict) == true
        )
        #expect(try flags(Self.array("1^2^1"))?.contains(.unitMissing) == true)
        #expect(
            try flags(Self.array("1^2^1", code: "150036^MDC_PRESS_BLD_ART_ABP^MDC", unit: "mV"))?
                .contains(.unitUnknown) == true)
        #expect(
            try flags(Self.array("1^2^1", code: "X9^Strange^L"))?.contains(.codeUnknown) == true)
        let short = try waveforms([Self.array("1^2^1", code: "258^^MDC", unit: "mV"), Self.rate])
        #expect(short.map(\.observation.code) == [.mdc("131330")])
        let label = try waveforms([Self.array("1^2^1", code: "MLII^^L", unit: "mV"), Self.rate])
        #expect(label.map(\.observation.code.value) == ["ecg-mlii"])
    }

    /// Three channels of ORU^W01: times, channels, and samples that follow on.
    private static func recording(_ samples: [String], type: String) -> [String] {
        [
            "OBX|1|TS|5&TIM^^L|1|20260112101400.100+0000||||||F",
            "OBX|2|CD|5&CHN^^L|1|1&ONE^I^0.5&mV^2&-10^200^-2048&2047||||||F",
            "OBX|3|CD|5&CHN^^L|1|2&TWO^II||||||F", "OBX|4|CD|5&CHN^^L|1|3&THREE^PLETH^1&1||||||F",
        ] + samples.map { "OBX|5|\(type)|5&WAV^^L|1|\($0)||||||F" }
    }

    @Test func `multiplexed samples are one block a channel, and follow on in time`() throws {
        let found = try waveforms(
            Self.recording(["-10^0^5~10^20^7", "0^1^2~3^4"], type: "MA"),
            header: "||ORU^W01|ID1|P|2.3")
        #expect(
            found.map(\.observation.code.value) == [
                "131329", "131330", "150452", "131329", "131330", "150452",
            ])
        #expect(
            found.map { values($0.waveform) }[..<3] == [[0, 20], [10, 30], [5 + 10, 7 + 10]])
        #expect(values(found[5].waveform) == [2 + 10, nil])
        #expect(found.map(\.observation.unit) == ["mV", "mV", "1", "mV", "mV", "1"])
        #expect(Set(found.map(\.waveform.samplesPerSecond)) == [200])
        #expect(
            found.map(\.observation.eventTime.description) == Array(
                repeating: "2026-01-12T10:14:00.100Z", count: 3)
                + Array(repeating: "2026-01-12T10:14:00.110Z", count: 3))
    }

    @Test func `rows of samples are the channels in their order, or one signal`() throws {
        let block = try waveforms(
            Self.recording(["-10^10~0^20~5^7"], type: "NA"), header: "||ORU^W01|ID1|P|2.3")
        #expect(block.map { values($0.waveform) } == [[0, 20], [10, 30], [15, 17]])
        let one = try waveforms([Self.array("1^2~3", unit: "mV"), Self.rate])
        #expect(one.map { values($0.waveform) } == [[1, 2, 3]])
        let message = Samples.message(Self.recording(["1^2~3^4"], type: "NA"))
        #expect(Samples.observations(message) == nil)
        #expect(Samples.reply(message).contains("MSA|AA|ID1"))
    }

    @Test func `channels without definitions are numbered`() throws {
        let found = try waveforms([Self.array("1^9~2^8", unit: "mV", type: "MA"), Self.rate])
        #expect(found.map(\.observation.code.value) == ["131330", "131330-2"])
        #expect(found.map { values($0.waveform) } == [[1, 2], [9, 8]])
        #expect(found[1].observation.flags.contains(.codeUnknown))
    }

    @Test func `a correction takes the place of a block, a withdrawal takes it away`() throws {
        func take(_ samples: String, _ status: String) throws -> Observation {
            try #require(
                Samples.observations(
                    Samples.message([
                        Self.array(samples, unit: "mV", status: status), Self.rate,
                    ]))?.first)
        }
        let first = try take("1^2^3", "F")
        let corrected = try take("1^2^4", "C")
        #expect(first.isSuperseded(by: corrected) && !corrected.isSuperseded(by: first))
        for status in ["D", "W"] {
            for samples in ["", "\"\"", "1^2^4"] {
                let withdrawn = try take(samples, status)
                #expect(!withdrawn.isUsable && first.isSuperseded(by: withdrawn))
                #expect(corrected.isSuperseded(by: withdrawn))
            }
        }
        #expect(try !corrected.isSuperseded(by: take("7^7", "D")))
        #expect(try take("", "F").flags.contains(.empty))
    }

    @Test func `a request that lasted otherwise than its samples is irregular`() throws {
        func flags(_ end: String) throws -> QualityFlags? {
            var rows = [
                Self.array(Array(repeating: "1^2", count: 250).joined(separator: "^"), unit: "mV")
            ]
            rows.append(Self.rate)
            var text = String(decoding: Samples.message(rows), as: UTF8.self)
            text.replace("|||20260112101400+0000\r", with: "|||20260112101400+0000|\(end)\r")
            return Samples.observations(Array(text.utf8))?.first?.flags
        }
        #expect(try flags("20260112101401+0000")?.contains(.irregular) == false)
        #expect(try flags("20260112101403+0000")?.contains(.irregular) == true)
        #expect(try flags("20260112101359+0000")?.contains(.irregular) == true)
    }

    @Test func `many samples are taken, too many are not, and other fields stay bounded`() throws {
        func message(_ count: Int, type: String = "NA") -> [UInt8] {
            let samples = String(repeating: "1^2^", count: count / 2) + "3"
            return Samples.message([
                Samples.row("70"), Self.array(samples, unit: "mV", type: type), Self.rate,
            ])
        }
        let many = try #require(Samples.observations(message(131_070)))
        #expect(many.count == 2 && many[1].isUsable == true)
        let excess = message(131_072)
        #expect(Samples.observations(excess)?.map(\.number) == [70])
        #expect(Samples.reply(excess).contains("MSA|AA"))
        #expect(Samples.observations(message(200, type: "MA"))?.map(\.number) == [70])
        #expect(Samples.observations(message(2000, type: "ST")) == nil)
    }

    @Test func `damaged signals are refused or read`() {
        let samples = [
            Samples.message([
                Samples.row("70"), Self.array("80^-20^^7.25~1", status: "C"), Self.rate, Self.steps,
                Self.facet(3, "0^MDC_ATTR_DATA_RANGE^MDC", "0^200", "", type: "NR"),
            ]),
            Samples.message(
                Self.recording(["-10^0^5~10^20^7", "0^1^2~3^4"], type: "MA"),
                header: "||ORU^W01|ID1|P|2.3"),
        ]
        for sample in samples {
            let contract = AdapterContract(
                HL7Adapter(), sample: sample, receivedAt: Samples.receivedAt)
            #expect(contract.sampleIsRead() == [])
            #expect(contract.damageIsSurvived(count: 3000, seed: 8) == [])
            var room = IngestRoom(adapters: [HL7Adapter()])
            Mutations.random(of: [sample], count: 3000, seed: 9) { bytes in
                let arrival = IngestRoom.Arrival.input(
                    .hl7, bytes: bytes, from: Peer(connection: 1), receivedAt: Samples.receivedAt)
                #expect(!Samples.replies(&room, arrival).isEmpty)
            }
        }
    }
}
