import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Patients come, move, turn out to be one, and don't; and a message finds its patient.
    struct MovementTests {
        private struct Twin: Decodable {
            struct Encounter: Decodable {
                let status: String?
                let location: String?
            }

            struct Feature: Decodable { let value: Double? }

            let encounter: Encounter?
            let mergedInto: String?
            let identifiers: [String]
            let features: [String: Feature]
        }

        /// An ADT message of patient 7 that was recorded at that minute of a morning.
        private func message(_ event: String, at minute: Int, _ rest: String) -> [UInt8] {
            let minute = String(minute)
            return Array(
                ("MSH|^~\\&|ADT|H|||20260112120000+0000||ADT^\(event)|\(event)-\(minute)|P|2.5\r"
                    + "EVN|\(event)|2026011210\(minute)00+0000\rPID|||7^^^H^MR||X||19600113|F\r"
                    + rest + "\r").utf8)
        }

        private func twin(_ id: String, in house: RunningHouse) async throws -> Twin {
            try await house.twinctl("twin", "show", id, "--json").document(Twin.self)
        }

        @Test func `where a patient is and who he is follows from what was said, in any order`()
            async throws
        {
            try await RunningHouse.open { house in
                let sender = try MLLPSender(port: house.mllpPort)
                // The transfer comes before the admission, and the merge after its undo.
                for bytes in [
                    message("A02", at: 20, "PV1||I|ICU^12^B"),
                    message("A01", at: 10, "PV1||I|WARD^3"),
                    message("A37", at: 40, "PID|||9^^^H^MR"),
                    message("A40", at: 50, "MRG|8^^^H^MR"),
                    message("A40", at: 30, "MRG|9^^^H^MR"),
                ] {
                    #expect(sender.send(bytes))
                    #expect(sender.reply()?.code == "AA")
                }
                // Two places, a status, three statements of merges, age and sex twice each, and
                // the note on 7 that it goes on for 8.
                try await house.awaitObservations(11)
                let seven = try await twin("H|7", in: house)
                #expect(seven.encounter?.status == "admitted")
                #expect(seven.encounter?.location == "ICU/12/B")
                #expect(seven.mergedInto == nil)
                #expect(try await twin("H|8", in: house).mergedInto == "H|7")
                #expect(try await twin("H|9", in: house).mergedInto == nil)
                #expect(try await house.history("H|9").map(\.text) == ["H|9", "H|7"])
                let (hl7, _) = HL7Text.time(second: 0)
                #expect(
                    sender.send(HL7Text.heartRate(88, of: "8", authority: "H", id: "V", time: hl7)))
                #expect(sender.reply()?.code == "AA")
                try await house.awaitObservations(13)
                let values = try await house.history("H|7").filter { $0.number == 88 }
                #expect(values.map(\.source) == ["SYSTEMTESTS|WARD of H|8"])
                #expect(try await twin("H|7", in: house).identifiers == ["7", "8"])
                #expect(try await house.history("H|8").map(\.number).contains(88))
                #expect(sender.send(message("A37", at: 55, "PID|||8^^^H^MR")))
                #expect(sender.reply()?.code == "AA")
                try await eventually("8 is itself again", within: 10) {
                    try await house.history("H|7").allSatisfy { $0.number != 88 }
                }
                #expect(try await twin("H|7", in: house).identifiers == ["7"])
            }
        }

        @Test func `a corrected value and a withdrawn one stay, marked, and count no more`()
            async throws
        {
            try await RunningHouse.open { house in
                let sender = try MLLPSender(port: house.mllpPort)
                let (hl7, _) = HL7Text.time(second: 0)
                // The correction comes before its original.
                for (rate, status) in [(72, "C"), (70, "F")] {
                    let text = String(
                        decoding: HL7Text.heartRate(
                            rate, of: "7", authority: "H", id: status, time: hl7), as: UTF8.self)
                    let bytes = Array(text.replacing("|F|||", with: "|\(status)|||").utf8)
                    #expect(sender.send(bytes))
                    #expect(sender.reply()?.code == "AA")
                }
                try await house.awaitObservations(2)
                try await eventually("it has features", within: 20) {
                    try await twin("H|7", in: house).features["heart_rate.count_1h"]?.value == 1
                }
                #expect(try await twin("H|7", in: house).features["heart_rate.last"]?.value == 72)
                let marks = try await house.history("H|7").map { ($0.number, $0.flags) }
                #expect(marks.map(\.0) == [72, 70])
                #expect(marks.map(\.1) == [["corrected"], ["superseded"]])
                let text = String(
                    decoding: HL7Text.heartRate(72, of: "7", authority: "H", id: "W", time: hl7),
                    as: UTF8.self)
                #expect(sender.send(Array(text.replacing("|F|||", with: "|W|||").utf8)))
                #expect(sender.reply()?.code == "AA")
                try await eventually("nothing is left of it", within: 20) {
                    try await twin("H|7", in: house).features["heart_rate.last"] == nil
                }
                #expect(try await house.history("H|7").allSatisfy { !$0.usable })
            }
        }

        @Test func `a message without a patient waits until an operator says whose it is`()
            async throws
        {
            try await RunningHouse.open { house in
                let sender = try MLLPSender(port: house.mllpPort)
                let (hl7, time) = HL7Text.time(second: 0)
                #expect(sender.send(HL7Text.heartRate(72, of: "", id: "N1", time: hl7)))
                #expect(sender.reply()?.code == "AE")
                try await eventually("it is in quarantine", within: 5) {
                    try await house.quarantine().map(\.reason) == ["no-patient"]
                }
                let replayed = try await house.twinctl(
                    "quarantine", "replay", "1", "--patient", "H|7", "--data", house.ingestFolder,
                    "--to", "127.0.0.1:\(house.mllpPort)")
                #expect(replayed.status == 0, "\(replayed)")
                try await house.awaitObservations(1)
                #expect(try await house.history("H|7").map(\.number) == [72])
                #expect(try await house.history("H|7").map(\.eventTime) == [time])
                #expect(try await house.quarantine().isEmpty)
            }
        }

        @Test func `an operator says whose a monitor is, and from when to when`() async throws {
            try await RunningHouse.open { house in
                let sender = try MLLPSender(port: house.mllpPort)
                func send(second: Int, _ id: String) -> String? {
                    let time = HL7Text.time(second: second).hl7
                    _ = sender.send(HL7Text.heartRate(70 + second, of: "", id: id, time: time))
                    return sender.reply()?.code
                }
                func device(_ arguments: String...) async throws -> Finished {
                    try await house.twinctl(
                        ["device"] + arguments + ["--data", house.ingestFolder])
                }
                #expect(send(second: 0, "U1") == "AE")
                let from = HL7Text.time(second: 0).rfc3339
                let bound = try await device(
                    "bind", "SYSTEMTESTS", "--patient", "H|7", "--from", from, "--by", "eve")
                #expect(bound.status == 0, "\(bound)")
                #expect(send(second: 1, "U2") == "AA")
                let again = try await device(
                    "bind", "SYSTEMTESTS", "--patient", "H|8", "--from", from)
                #expect(again.status == 1)
                let end = HL7Text.time(second: 2).rfc3339
                #expect(try await device("unbind", "SYSTEMTESTS", "--at", end).status == 0)
                #expect(send(second: 2, "U3") == "AE")
                #expect(try await device("list").output.contains("until \(end)  by eve"))
                // What waited is taken now, from the time when it was bound; the other still waits.
                let replayed = try await house.twinctl(
                    "quarantine", "replay", "1", "--data", house.ingestFolder,
                    "--to", "127.0.0.1:\(house.mllpPort)")
                #expect(replayed.status == 0, "\(replayed)")
                try await house.awaitObservations(2)
                let values = try await house.history("H|7")
                #expect(values.map(\.number) == [71, 70])
                #expect(
                    values.map(\.source)
                        == ["SYSTEMTESTS|WARD bound by eve", "SYSTEMTESTS|WARD bound by eve"])
                #expect(try await house.quarantine().map(\.reason) == ["no-patient"])
            }
        }

        @Test func `a file of several messages is sent whole, whatever answers each asks for`()
            async throws
        {
            try await RunningHouse.open { house in
                func message(_ id: String, _ wish: String) -> String {
                    let time = HL7Text.time(second: 0).hl7
                    let text = String(
                        decoding: HL7Text.heartRate(70, of: id, id: id, time: time), as: UTF8.self)
                    return text.replacing("|P|2.6\r", with: "|P|2.6\(wish)\r")
                }
                let file = house.scratch.path + "/batch.hl7"
                let text =
                    "FHS|^~\\&|X\rBHS|^~\\&|X\r" + message("A", "") + message("B", "|||AL|AL")
                    + message("C", "|||NE|NE") + message("D", "|||NE|AL") + "BTS|4\rFTS|1\r"
                try Data(text.utf8).write(to: URL(filePath: file))
                let sent = try await house.twinctl(
                    "send", "hl7", file, "--to", "127.0.0.1:\(house.mllpPort)", "--json")
                #expect(sent.status == 0, "\(sent)")
                struct Summary: Decodable {
                    let sent: Int
                    let accepted: Int
                }
                let summary = try sent.document(Summary.self)
                // B has two answers, C has none.
                #expect(summary.sent == 4 && summary.accepted == 4)
                try await house.awaitObservations(4)
                for id in ["A", "B", "C", "D"] {
                    #expect(try await house.history("SYSTEM|\(id)").map(\.number) == [70])
                }
            }
        }
    }
}
