import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Every broken stream and message of the shared table, into a real door.
    @Suite(
        .enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    struct MalformedInputTests {
        struct Input {
            let file: String
            /// Code and id of every reply.
            let replies: [String]
            /// The reasons of what is in quarantine because of it.
            var quarantined: [String] = []
        }

        static let inputs = [
            Input(file: "mllp/01_good.bin", replies: ["AA G1"]),
            Input(file: "mllp/03_no_start_block.bin", replies: []),
            Input(file: "mllp/05_fs_without_cr.bin", replies: [], quarantined: ["malformed"]),
            Input(file: "mllp/07_nested_start.bin", replies: ["AA G7b"]),
            Input(
                file: "mllp/09_empty_frame.bin", replies: ["AR ", "AA G9"],
                quarantined: ["malformed"]),
            Input(file: "mllp/11_crlf_after_frame.bin", replies: ["AA G11a", "AA G11b"]),
            Input(file: "mllp/13_http_request.bin", replies: []),
            Input(file: "mllp/15_utf16.bin", replies: ["AR "], quarantined: ["malformed"]),
            Input(file: "mllp/17_start_only_flood.bin", replies: [], quarantined: ["malformed"]),
            Input(file: "hl7/01_empty.hl7", replies: ["AR "], quarantined: ["malformed"]),
            Input(file: "hl7/03_msh_pipe.hl7", replies: ["AR "], quarantined: ["malformed"]),
            Input(
                file: "hl7/05_msh2_three_chars.hl7", replies: ["AR 72313573"],
                quarantined: ["malformed"]),
            Input(file: "hl7/07_lowercase.hl7", replies: ["AR "], quarantined: ["malformed"]),
            Input(
                file: "hl7/09_truncated_in_obx.hl7", replies: ["AA T9"], quarantined: ["malformed"]),
            Input(
                file: "hl7/11_wrong_type.hl7", replies: ["AR T11"], quarantined: ["unsupported"]),
            Input(
                file: "hl7/13_processing_id_debug.hl7", replies: ["AR T13"],
                quarantined: ["not-production"]),
            Input(
                file: "hl7/15_component_bomb.hl7", replies: ["AE T15"], quarantined: ["too-large"]),
            Input(file: "hl7/17_long_segment_name.hl7", replies: ["AA T17"]),
            Input(
                file: "hl7/19_nul_in_field.hl7", replies: ["AE T19"], quarantined: ["malformed"]),
            Input(file: "hl7/21_sql_and_path.hl7", replies: ["AA T21"]),
            Input(file: "hl7/23_future_1000y.hl7", replies: ["AA T23"]),
            Input(
                file: "hl7/25_other_patient_merge.hl7", replies: ["AE T25"],
                quarantined: ["ambiguous-patient"]),
        ]

        @Test func `no broken input ends the process, and each is answered or kept`() async throws {
            let named = SharedData.table("malformed/expected.csv").rows.compactMap { $0["file"] }
            #expect(
                named.filter { $0.hasPrefix("mllp/") || $0.hasPrefix("hl7/") }
                    == Self.inputs.map(\.file))
            try await RunningHouse.open { house in
                let process = try #require(house.services["ingest"]?.identifier)
                let names = try namesBeside(house)
                for input in Self.inputs { try await check(input, in: house) }
                #expect(house.services["ingest"]?.identifier == process)
                #expect(house.services["ingest"]?.isRunning == true)
                #expect(try namesBeside(house) == names)
                let sender = try MLLPSender(port: house.mllpPort)
                let (hl7, time) = HL7Text.time(second: 0)
                #expect(
                    sender.send(HL7Text.heartRate(61, of: "GOOD", id: "AFTER", time: hl7)))
                #expect(sender.reply()?.code == "AA")
                try await checkTwins(house, goodTime: time)
            }
        }

        /// The files and folders beside the services' own.
        private func namesBeside(_ house: RunningHouse) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: house.scratch.path)
                .filter { !$0.hasPrefix("command-") }.sorted()
        }

        private func check(_ input: Input, in house: RunningHouse) async throws {
            let bytes = try #require(SharedData.bytes("malformed/" + input.file))
            let sender = try MLLPSender(port: house.mllpPort)
            if input.file.hasPrefix("mllp/") {
                _ = sender.send(raw: bytes)
                sender.endSending()
            } else {
                #expect(sender.send(bytes))
            }
            var replies: [String] = []
            while replies.count < input.replies.count, let reply = sender.reply() {
                replies.append("\(reply.code) \(reply.controlID)")
            }
            replies += sender.replies(untilSilentFor: 0.1).map { "\($0.code) \($0.controlID)" }
            #expect(replies == input.replies, "\(input.file)")
            let count = entryCount(input)
            try await eventually("\(input.file) is in quarantine", within: 5) {
                try await house.quarantine().count >= count
            }
        }

        /// How many entries there are once an input was handled.
        private func entryCount(_ input: Input) -> Int {
            let place = Self.inputs.firstIndex { $0.file == input.file } ?? 0
            return Self.inputs[...place].reduce(0) { $0 + $1.quarantined.count }
        }

        private func checkTwins(_ house: RunningHouse, goodTime: String) async throws {
            #expect(
                try await house.quarantine().map(\.reason)
                    == Self.inputs.flatMap(\.quarantined))
            // G1, G7b, G9, G11a, G11b, T17, T21, T23 and the last one hold a value each.
            try await house.awaitObservations(9)
            #expect(try await house.status().observations == 9)
            #expect(try await house.history("SYSTEM|GOOD").map(\.eventTime) == [goodTime])
            let text = try await house.history("H|../../x'; DROP TABLE p;--")
            #expect(text.map(\.number) == [70])
            let values = try await house.history("H|MRN9")
            #expect(values.count == 7)
            #expect(values.allSatisfy { $0.number == 70 })
            let late = values.filter { $0.eventTime.hasPrefix("3026") }
            #expect(late.map(\.usable) == [false])
            #expect(late.first?.flags.contains("future-time") == true)
            let shown = try await house.twinctl("twin", "show", "H|MRN9", "--json")
            #expect(shown.status == 0 && !shown.output.contains("3026-"), "\(shown)")
        }
    }
}
