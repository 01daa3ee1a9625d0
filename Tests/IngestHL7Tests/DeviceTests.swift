import IngestCore
import IngestHL7
import Testing
import TwinCore

/// The tree of a device: what names itself once speaks for all that hangs below it.
struct DeviceTests {
    private func row(_ place: String, _ value: String = "98", device: String = "") -> String {
        let code = value.isEmpty ? "69965^MDC_DEV_MDS^MDC" : "150456^MDC_PULS_OXIM_SAT_O2^MDC"
        let status = value.isEmpty ? "X" : "R"
        return "OBX|1|\(value.isEmpty ? "" : "NM")|\(code)|\(place)|\(value)|262688|||||\(status)"
            + "|||20260112101400+0000||||\(device)"
    }

    private func sources(_ rows: [String]) throws -> [String] {
        try #require(Samples.observations(Samples.message(rows))).map(\.source)
    }

    @Test func `a value has the device of the nearest row above, and its channel`() throws {
        let found = try sources([
            row("1.0.0.0", "", device: "EUI1^MON^EUI1^EUI-64"), row("1.3.1.150456"),
            row("1.3.0.0", "", device: "OXI^MON"), row("1.3.2.150456"),
            row("1.30.1.150456"), row("2.1.1.150456"),
            row("1.3.1.5", device: "OWN^MON"), row("1.0.1.2"),
        ])
        #expect(
            found == [
                "EUI1", "OXI#1.3.1", "OXI", "OXI#1.3.2", "EUI1#1.30.1", "GW|WARD#2.1.1",
                "OWN#1.3.1", "EUI1#1.0.1",
            ])
    }

    @Test func `the order of the rows does not matter`() throws {
        let rows = [row("1.3.1.150456"), row("1", "", device: "EUI1"), row("1.3.2.150456")]
        #expect(try sources(rows) == ["EUI1#1.3.1", "EUI1", "EUI1#1.3.2"])
        #expect(try sources(rows.reversed()) == ["EUI1#1.3.2", "EUI1", "EUI1#1.3.1"])
    }

    @Test(arguments: ["", "1", "7", "a.b.c.d", "1..2.3", ".1.2.3", "1.2.3.", "1.2.3"])
    func `what is no path of four levels leaves the source alone`(place: String) throws {
        #expect(try sources([row(place)]) == ["GW|WARD"])
        #expect(try sources([row(place, device: "EUI1^MON")]) == ["EUI1"])
        #expect(try sources([row(place, device: "^MON^EUI9^EUI-64")]) == ["EUI9"])
        #expect(try sources([row(place, device: "^MON")]) == ["MON"])
    }
}
