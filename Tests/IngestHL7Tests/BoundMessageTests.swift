import IngestCore
import IngestHL7
import Testing
import TwinCore

/// Messages that name no patient, and the operator's word on whose they are.
struct BoundMessageTests {
    private static func bytes(
        patient: String = "", time: String = "20260112101400+0000", device: String = ""
    ) -> [UInt8] {
        let segments = [
            "MSH|^~\\&|GW^00AA^EUI-64|W|||20260112101500||ORU^R01|B1|P|2.6", "PID|||\(patient)",
            "PV1||I|ICU^12^B", "OBR|1|||V^V^L",
            "OBX|1|NM|8867-4^HR^LN||70|/min|||||F|||\(time)||||\(device)",
        ]
        return Array((segments.joined(separator: "\r") + "\r").utf8)
    }

    private func room(_ things: [(Binding.Thing, String)]) throws -> IngestRoom {
        var list = BindingList()
        for (thing, name) in things {
            try list.bind(
                Binding(
                    thing, to: try #require(TwinID(name)),
                    from: Samples.instant("2026-01-12T00:00:00Z"),
                    until: Samples.instant("2026-01-13T00:00:00Z"), operatorName: "eve"))
        }
        var room = IngestRoom(adapters: [HL7Adapter()])
        _ = room.receive(.bindings(list))
        return room
    }

    private func taken(_ room: inout IngestRoom, _ bytes: [UInt8]) -> [Observation]? {
        let departures = room.receive(
            .input(.hl7, bytes: bytes, from: Peer(connection: 1), receivedAt: Samples.receivedAt))
        for case .append(let batch, _) in departures { return batch.observations }
        return nil
    }

    @Test(arguments: [
        Binding.Thing.device("GW"), .device("00AA"), .device("EUI9"), .place("ICU/12/B"),
    ])
    func `a device or place that is bound says whose it is, and who said so`(
        thing: Binding.Thing
    ) throws {
        var room = try room([(thing, "H|7")])
        let found = try #require(taken(&room, Self.bytes(device: "EUI9^MON")))
        #expect(found.map(\.twin.text) == ["H|7"])
        #expect(found.map(\.source) == ["EUI9 bound by eve"])
        // A patient that is named goes before any binding.
        let named = try #require(taken(&room, Self.bytes(patient: "8^^^H^MR")))
        #expect(named.map(\.twin.text) == ["H|8"])
        #expect(named.map(\.source) == ["GW|W"])
    }

    @Test func `out of its time, of doubtful time, unbound or bound twice it is nobody's`() throws {
        var room = try room([(.device("GW"), "H|7")])
        for time in ["20260113000000+0000", "20260111235959+0000", "20260112101400", ""] {
            #expect(taken(&room, Self.bytes(time: time)) == nil)
        }
        // An identifier that can't be one is not the same as none.
        #expect(taken(&room, Self.bytes(patient: "a\\F\\b")) == nil)
        var nobody = try self.room([(.device("OTHER"), "H|7")])
        #expect(taken(&nobody, Self.bytes()) == nil)
        var two = try self.room([(.device("GW"), "H|7"), (.place("ICU/12/B"), "H|8")])
        let arrival = IngestRoom.Arrival.input(
            .hl7, bytes: Self.bytes(), from: Peer(connection: 1), receivedAt: Samples.receivedAt)
        #expect(Samples.replies(&two, arrival).joined().contains("ERR|||204^"))
    }
}
