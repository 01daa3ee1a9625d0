import IngestCore
import IngestHL7
import Testing
import TwinCore
import TwinTestKit

/// What alarms become.
struct AlarmTests {
    private static let header = "||ORU^R40^ORU_R40|AL1|P|2.6"

    private func rows(
        _ place: String, _ event: String, _ facets: [(String, String)], flags: String = ""
    ) -> [String] {
        let time = "20260112101400+0000"
        let first =
            "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|\(place).1|\(event)^MDC|||\(flags)|||R|||\(time)"
        return [first]
            + facets.enumerated().map { index, facet in
                "OBX|\(index + 2)|ST|\(facet.0)^MDC|\(place).\(index + 2)|\(facet.1)||||||R"
            }
    }

    private func alarms(_ rows: [String]) throws -> [Observation] {
        let found = try #require(
            Samples.observations(Samples.message(rows, header: Self.header)))
        return found.filter { $0.code.system == Code.alarmSystem }
    }

    @Test func `an alarm is one event with everything that is told of it`() throws {
        let found = try alarms(
            rows(
                "1.7.0.196680", "196680^MDC_EVT_LEAD_OFF",
                [
                    ("68481^MDC_ATTR_EVENT_PHASE", "start"),
                    ("68482^MDC_ATTR_ALARM_STATE", "active"),
                    ("68483^MDC_ATTR_ALARM_INACTIVATION_STATE", "audio-paused"),
                ], flags: "A~PL~ST"))
        let alarm = try #require(found.first)
        #expect(found.count == 1)
        #expect(alarm.code.value == "196680")
        #expect(
            alarm.value
                == .text(
                    "MDC_EVT_LEAD_OFF; phase start; state active; inactivation audio-paused; "
                        + "priority low; type technical"))
        #expect(alarm.flags == [] && !alarm.isUsable)
        #expect(alarm.eventTime.description == "2026-01-12T10:14:00Z")
        #expect(alarm.source == "GW|WARD#1.7.0")
    }

    @Test func `two alarms of a message are two, and a row's own word goes before a letter`() throws
    {
        let found = try alarms(
            rows("1.7.0.1", "196680^MDC_EVT_LEAD_OFF", [("68481^X", "end")], flags: "PH~PL")
                + rows(
                    "1.7.0.2", "196652^MDC_EVT_HI_GT_LIM",
                    [("^MDC_ATTR_ALARM_PRIORITY", "medium"), ("68481^X", "")], flags: "PH"))
        #expect(found.map(\.code.value) == ["196680", "196652"])
        #expect(
            found.map(\.value) == [
                .text("MDC_EVT_LEAD_OFF; phase end; priority high"),
                .text("MDC_EVT_HI_GT_LIM; priority medium"),
            ])
    }

    @Test func `what is no alarm makes none, and damage is survived`() throws {
        let rows = rows("1.7.0.1", "196680^MDC_EVT_LEAD_OFF", [("68481^X", "start")])
        let result = try #require(Samples.observations(Samples.message(rows)))
        #expect(result.allSatisfy { $0.code.system != Code.alarmSystem })
        #expect(try alarms([Samples.row("70")]).isEmpty)
        let nameless = rows.map { $0.replacing("196680^MDC_EVT_LEAD_OFF^MDC", with: "") }
        #expect(try alarms(nameless).isEmpty)
        let contract = AdapterContract(
            HL7Adapter(), sample: Samples.message(rows, header: Self.header),
            receivedAt: Samples.receivedAt)
        #expect(contract.sampleIsRead() == [])
        #expect(contract.damageIsSurvived(count: 2000, seed: 40) == [])
    }
}
