import Foundation
import Testing

extension SystemTests {
    /// What a door does with each kind of damaged or doubtful message, through the socket.
    struct MessageTableTests {
        /// One input and everything that comes of it.
        struct Row {
            let id: String
            let bytes: [UInt8]
            /// Code, id and ERR-3 of every reply.
            let replies: [String]
            var quarantined: [String] = []
            /// The flags of each value that is kept of the patient `H|id`.
            var kept: [[String]] = []
            var sends: Way = .frame

            enum Way { case frame, raw, byteByByte, rawAndEnd }
        }

        static func message(
            _ id: String, _ value: String = "70", type: String = "NM",
            code: String = "8867-4^HR^LN", unit: String = "/min", status: String = "F",
            time: String = "20260112101400+0000", set: String = "1", patient: String? = nil,
            header: String? = nil, ending: String = "\r"
        ) -> [UInt8] {
            let header = header ?? "ORU^R01|\(id)|P|2.6"
            let segments = [
                "MSH|^~\\&|TABLE|WARD|||20260112101500+0000||\(header)",
                "PID|||\(patient ?? "\(id)^^^H^MR")", "OBR|1|||V^V^L|||20260112101400",
                "OBX|\(set)|\(type)|\(code)||\(value)|\(unit)|||||\(status)|||\(time)",
            ]
            return Array((segments.joined(separator: ending) + ending).utf8)
        }

        private static func merge(_ id: String, _ retired: String, into survivor: String) -> [UInt8]
        {
            Array(
                ("MSH|^~\\&|ADT|H|||20260112101500+0000||ADT^A40|\(id)|P|2.5\r"
                    + "EVN|A40|20260112100000+0000\rPID|||\(survivor)^^^H^MR\r"
                    + "MRG|\(retired)^^^H^MR\r").utf8)
        }

        private static func replacing(
            _ text: String, in bytes: [UInt8], with new: [UInt8]
        ) -> [UInt8] {
            let place = Data(bytes).range(of: Data(text.utf8)) ?? 0..<0
            return Array(bytes[..<place.lowerBound]) + new + bytes[place.upperBound...]
        }

        private static let framing: [Row] = [
            Row(
                id: "H01", bytes: [0x0D, 0x0A] + MLLPSender.framed(message("H01")),
                replies: ["AA H01"], kept: [[]], sends: .raw),
            Row(
                id: "H02", bytes: [UInt8](repeating: 0x41, count: 1 << 20), replies: [],
                quarantined: ["malformed"], sends: .raw),
            Row(
                id: "H04", bytes: [0x0B] + message("H04").prefix(90), replies: [],
                quarantined: ["malformed"], sends: .rawAndEnd),
            Row(
                id: "H05",
                bytes: [0x0B] + message("H05") + [0x1C] + [UInt8](repeating: 0x41, count: 1 << 20),
                replies: ["AE H05 207"], quarantined: ["too-large"], sends: .raw),
            Row(
                id: "H07",
                bytes: MLLPSender.framed(message("H07")) + MLLPSender.framed(message("H07b")),
                replies: ["AA H07", "AA H07b"], kept: [[]], sends: .raw),
            Row(
                id: "H08", bytes: MLLPSender.framed(message("H08")), replies: ["AA H08"],
                kept: [[]], sends: .byteByByte),
            Row(id: "H10", bytes: [], replies: ["AR  100"], quarantined: ["malformed"]),
            Row(
                id: "H11", bytes: Array("PID|||H11^^^H^MR\r".utf8), replies: ["AR  100"],
                quarantined: ["malformed"]),
            Row(
                id: "H46",
                bytes: message("H46", String(repeating: "QUFB", count: 3 << 20), type: "ED"),
                replies: ["AE H46 207"], quarantined: ["too-large"]),
        ]

        private static let headers: [Row] =
            [
                Row(
                    id: "H13",
                    bytes: replacing("^~\\&", in: message("H13"), with: Array("||||".utf8)),
                    replies: ["AR  102"], quarantined: ["malformed"]),
                Row(
                    id: "H13b",
                    bytes: replacing("^~\\&", in: message("H13b"), with: Array("^~|&".utf8)),
                    replies: ["AR  102"], quarantined: ["malformed"]),
            ]
            + [0x41, 0x37, 0x00, 0x0D].map { separator in
                Row(
                    id: "H14-\(separator)",
                    bytes: message("H14").map { $0 == 0x7C ? separator : $0 },
                    replies: ["AR  102"], quarantined: ["malformed"])
            } + [
                Row(
                    id: "H16", bytes: message("H16", ending: "\n"), replies: ["AA H16"],
                    kept: [["irregular"]]),
                Row(
                    id: "H16b", bytes: message("H16b", ending: "\r\n"), replies: ["AA H16b"],
                    kept: [["irregular"]]),
                Row(
                    id: "H17", bytes: message("H17", header: "ORU^R01||P|2.6"),
                    replies: ["AR  101"],
                    quarantined: ["malformed"]),
                Row(
                    id: "H19",
                    bytes: MLLPSender.framed(message("H19"))
                        + MLLPSender.framed(message("H19"))
                        + MLLPSender.framed(message("H19", "71")),
                    replies: ["AA H19", "AA H19", "AE H19 205"], quarantined: ["conflict"],
                    kept: [[]], sends: .raw),
                Row(
                    id: "H20", bytes: message("H20", header: "ORU^Z99|H20|P|2.6"),
                    replies: ["AR H20 201"], quarantined: ["unsupported"]),
                Row(
                    id: "H22", bytes: message("H22", header: "ORU^R01|H22|P|9.9"),
                    replies: ["AR H22 203"], quarantined: ["wrong-version"]),
                Row(
                    id: "H22b", bytes: message("H22b", header: "ORU^R01|H22b|P|"),
                    replies: ["AA H22b"], kept: [["irregular"]]),
            ]

        /// A message that says it is UTF-8, with these bytes for its code's text.
        private static func utf8(_ id: String, _ bytes: [UInt8]) -> [UInt8] {
            let header = "ORU^R01|\(id)|P|2.6||||||UNICODE UTF-8"
            return replacing("^HR^", in: message(id, header: header), with: [0x5E] + bytes + [0x5E])
        }

        private static let texts: [Row] =
            [
                Row(
                    id: "H23", bytes: utf8("H23", [0x46, 0xFC, 0x68]), replies: ["AE H23 102"],
                    quarantined: ["malformed"])
            ]
            + [[0xC0, 0xAF], [0xED, 0xA0, 0x80], [0x41, 0xEF, 0xBB, 0xBF]].enumerated().map {
                Row(
                    id: "H25-\($0)", bytes: utf8("H25-\($0)", $1), replies: ["AE H25-\($0) 102"],
                    quarantined: ["malformed"])
            } + [
                Row(
                    id: "H26", bytes: message("H26", "7\u{0}0"), replies: ["AE H26 102"],
                    quarantined: ["malformed"]),
                Row(
                    id: "H28", bytes: message("H28", #"a\X0A0D1C0D\b"#, type: "ST", code: "T^T^L"),
                    replies: ["AA H28"], kept: [["code-unknown"]]),
                Row(
                    id: "H29", bytes: message("H29", #"a\Zxx\b"#, type: "ST", code: "T^T^L"),
                    replies: ["AA H29"], kept: [["code-unknown", "irregular"]]),
            ]

        private static let contents: [Row] =
            [
                Row(
                    id: "H31", bytes: message("H31", patient: "H31"), replies: ["AE H31 101"],
                    quarantined: ["no-patient"]),
                Row(
                    id: "H32", bytes: message("H32") + Array("PID|||OTHER^^^H^MR\r".utf8),
                    replies: ["AE H32 100"], quarantined: ["ambiguous-patient"]),
            ]
            + ["37,5", "NaN", "1e999", "++"].enumerated().map {
                Row(
                    id: "H34-\($0)", bytes: message("H34-\($0)", $1), replies: ["AE H34-\($0) 102"],
                    quarantined: ["malformed"])
            } + [
                Row(
                    id: "H35", bytes: message("H35", ">200"), replies: ["AA H35"], kept: [["bound"]]
                ),
                Row(
                    id: "H35b", bytes: message("H35b", "<^0.01", type: "SN"), replies: ["AA H35b"],
                    kept: [["out-of-range", "bound"]]),
                Row(
                    id: "H37",
                    bytes: message("H37", "90", code: "15074-8^Glucose^LN", unit: "mg/dl"),
                    replies: ["AA H37"], kept: [["converted"]]),
                Row(
                    id: "H37b",
                    bytes: message("H37b", "90", code: "15074-8^Glucose^LN", unit: "acre"),
                    replies: ["AA H37b"], kept: [["unit-unknown"]]),
                Row(
                    id: "H38", bytes: message("H38", "7200"), replies: ["AA H38"],
                    kept: [["out-of-range"]]),
                Row(
                    id: "H38b", bytes: message("H38b", "-5"), replies: ["AA H38b"],
                    kept: [["out-of-range"]]),
                Row(
                    id: "H40",
                    bytes: MLLPSender.framed(message("H40"))
                        + MLLPSender.framed(
                            message("H40", status: "W", header: "ORU^R01|H40b|P|2.6")),
                    replies: ["AA H40", "AA H40b"], kept: [["superseded"], ["wrong-patient"]],
                    sends: .raw),
                Row(
                    id: "H41", bytes: message("H41", time: "20990101000000+0000"),
                    replies: ["AA H41"], kept: [["future-time"]]),
                Row(
                    id: "H41b", bytes: message("H41b", time: "19000101000000+0000"),
                    replies: ["AA H41b"], kept: [["time-missing"]]),
                Row(
                    id: "H43",
                    bytes: replacing(
                        "101500+0000", in: message("H43", time: "20261025023000"),
                        with: Array("101500".utf8)), replies: ["AA H43"], kept: [["zone-unknown"]]),
                Row(
                    id: "H44", bytes: message("H44", set: "9999999999999999999"),
                    replies: ["AE H44 102"], quarantined: ["malformed"]),
                Row(
                    id: "H47", bytes: merge("H47", "M1", into: "M1"), replies: ["AE H47 204"],
                    quarantined: ["ambiguous-patient"]),
                Row(
                    id: "H47b",
                    bytes: MLLPSender.framed(merge("H47b", "M1", into: "M2"))
                        + MLLPSender.framed(merge("H47c", "M2", into: "M3"))
                        + MLLPSender.framed(merge("H47d", "M3", into: "M1")),
                    replies: ["AA H47b", "AA H47c", "AE H47d 204"],
                    quarantined: ["ambiguous-patient"], sends: .raw),
            ]

        @Test func `every row of the table has its exact outcome`() async throws {
            var plan = RunningHouse.Plan()
            plan.ingest = ["--reused-ids", "refuse", "--missing-authority", "refuse"]
            try await RunningHouse.open(plan) { house in
                let process = try #require(house.services["ingest"]?.identifier)
                var reasons: [String] = []
                let rows = Self.framing + Self.headers + Self.texts + Self.contents
                for row in rows {
                    try await check(row, in: house, &reasons)
                }
                for row in rows where !row.kept.isEmpty {
                    try await eventually("\(row.id) is stored", within: 20) {
                        let kept = try? await house.history("H|\(row.id)").map(\.flags)
                        return kept == row.kept
                    }
                }
                #expect(house.services["ingest"]?.identifier == process)
                #expect(house.services["ingest"]?.isRunning == true)
            }
        }

        private func check(
            _ row: Row, in house: RunningHouse, _ reasons: inout [String]
        ) async throws {
            let sender = try MLLPSender(port: house.mllpPort)
            switch row.sends {
            case .frame: _ = sender.send(row.bytes)
            case .raw: _ = sender.send(raw: row.bytes)
            case .byteByByte: for byte in row.bytes { _ = sender.send(raw: [byte]) }
            case .rawAndEnd:
                _ = sender.send(raw: row.bytes)
                sender.endSending()
            }
            var replies: [HL7Reply] = []
            while replies.count < row.replies.count, let reply = sender.reply() {
                replies.append(reply)
            }
            replies += sender.replies(untilSilentFor: 0.1)
            #expect(replies.map(\.summary) == row.replies, "\(row.id): \(replies)")
            reasons += row.quarantined
            let expected = reasons
            try await eventually("\(row.id) is in quarantine", within: 10) {
                try await house.quarantine().map(\.reason) == expected
            }
        }
    }
}

extension HL7Reply {
    /// Code, id, and the number of ERR-3 where there is one.
    fileprivate var summary: String {
        let error = description.split(separator: "/").first { $0.hasPrefix("ERR") }
        let fields = error?.split(separator: "|", omittingEmptySubsequences: false) ?? []
        guard fields.count > 3 else { return "\(code) \(controlID)" }
        return "\(code) \(controlID) \(fields[3].prefix { $0 != "^" })"
    }
}
