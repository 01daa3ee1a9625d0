import Foundation
import Testing

extension SystemTests {
    /// Patients come, move, turn out to be one, and don't; and a message finds its patient.
    struct MovementTests {
        private struct Twin: Decodable {
            struct Encounter: Decodable {
                let status: String?
                let location: String?
            }

            let encounter: Encounter?
            let mergedInto: String?
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
                // Two places, a status, three statements of merges, age and sex twice each.
                try await house.awaitObservations(10)
                let seven = try await twin("H|7", in: house)
                #expect(seven.encounter?.status == "admitted")
                #expect(seven.encounter?.location == "ICU/12/B")
                #expect(seven.mergedInto == nil)
                #expect(try await twin("H|8", in: house).mergedInto == "H|7")
                #expect(try await twin("H|9", in: house).mergedInto == nil)
                #expect(try await house.history("H|9").map(\.text) == ["H|9", "H|7"])
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
    }
}
