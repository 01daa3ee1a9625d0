import IngestCore
import IngestHL7
import TwinCore
import TwinTestKit

/// The shared HL7 samples, as the tests ask for them.
enum Samples {
    /// After every time of the samples but those that are meant to be in the future.
    static let receivedAt = instant("2026-12-31T00:00:00Z")

    static let files: [String] = {
        var names: [String] = []
        for row in SharedData.table("hl7/expected_messages.csv").rows {
            if let name = row["file"], names.last != name { names.append(name) }
        }
        return names
    }()

    static func bytes(_ file: String) -> [UInt8] { SharedData.bytes("hl7/messages/\(file)") ?? [] }

    static func instant(_ text: String) -> Instant {
        Instant(rfc3339: text) ?? Instant(microsecondsSinceEpoch: 0)
    }

    /// Some samples say that they are for training; nothing of theirs differs otherwise.
    static let channel = Channel(acceptsTestMessages: true)

    /// A small good message around some OBX segments.
    static func message(
        _ rows: [String], patient: String = "MRN9^^^H^MR", header: String = "||ORU^R01|ID1|P|2.6"
    ) -> [UInt8] {
        let segments =
            ["MSH|^~\\&|GW|WARD|||20260112101500+0000\(header)", "PID|||\(patient)"]
            + ["OBR|1|||V^V^L|||20260112101400+0000"] + rows
        return Array((segments.joined(separator: "\r") + "\r").utf8)
    }

    static func row(
        _ value: String, code: String = "8867-4^HR^LN", type: String = "NM", unit: String = "/min",
        status: String = "F", time: String = ""
    ) -> String {
        "OBX|1|\(type)|\(code)||\(value)|\(unit)|||||\(status)|||\(time)"
    }

    /// What a message becomes, cleaned; nil if it is refused.
    static func observations(
        _ bytes: [UInt8], channel: Channel = channel, receivedAt: Instant = receivedAt
    ) -> [Observation]? {
        var room = IngestRoom(
            adapters: [HL7Adapter()], settings: IngestRoom.Settings(channels: [channel]))
        let departures = room.receive(
            .input(.hl7, bytes: bytes, from: Peer(connection: 1), receivedAt: receivedAt))
        for case .append(let batch, _) in departures { return batch.observations }
        return nil
    }

    /// The text of the first reply to an input whose appends all succeed.
    static func reply(
        _ bytes: [UInt8], channel: Channel = Channel(), receivedAt: Instant = receivedAt
    ) -> String {
        var room = IngestRoom(
            adapters: [HL7Adapter()], settings: IngestRoom.Settings(channels: [channel]))
        let arrival = IngestRoom.Arrival.input(
            .hl7, bytes: bytes, from: Peer(connection: 1), receivedAt: receivedAt)
        return replies(&room, arrival).joined()
    }

    /// Every reply to an arrival when disk and quarantine keep everything.
    static func replies(_ room: inout IngestRoom, _ arrival: IngestRoom.Arrival) -> [String] {
        var texts: [String] = []
        var departures = room.receive(arrival)
        while !departures.isEmpty {
            switch departures.removeFirst() {
            case .append(_, let token): departures += room.receive(.appended(token))
            case .quarantine(_, let token):
                departures += room.receive(.quarantined(token, isKept: true))
            case .acknowledge(_, .bytes(let bytes)), .refuse(_, .bytes(let bytes)):
                texts.append(String(decoding: bytes, as: UTF8.self))
            case .acknowledge, .refuse: break
            }
        }
        return texts
    }
}
