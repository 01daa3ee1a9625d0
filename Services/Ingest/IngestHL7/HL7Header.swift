import IngestCore
import TwinCore

/// What MSH says, checked.
struct HL7Header {
    let controlID: HL7Place
    let application: HL7Place
    let facility: HL7Place
    /// The zone of MSH-7: that of every time of the message that has none of its own.
    let offsetMinutes: Int?

    /// Whether the message tells of alarms.
    let isAlarm: Bool
    /// Whether MSH-12 is empty.
    let lacksVersion: Bool
    /// MSH-7.
    let time: HL7Place
    /// What an ADT message tells; nil for results.
    let movement: HL7Movement?

    /// The trigger events of ORU whose values are taken: results, those of point of care devices,
    /// alarms with their values, and waveforms.
    private static let events: Set<String> = ["", "R01", "R30", "R31", "R32", "R40", "W01"]

    init(_ message: HL7Message, _ channel: Channel) throws(HL7Refusal) {
        guard let segment = message.segments.first else {
            throw HL7Refusal(.rejection, .segmentSequence, .malformed, "no MSH segment")
        }
        func text(_ number: Int, _ component: Int = 1) -> String {
            let place = message.component(component, of: message.field(number, of: segment))
            return message.string(place.trimmed(in: message.text.span))
        }
        controlID = message.field(10, of: segment)
        application = message.component(1, of: message.field(3, of: segment))
        facility = message.component(1, of: message.field(4, of: segment))
        time = message.component(1, of: message.field(7, of: segment))
        offsetMinutes =
            time.isEmpty
            ? nil : HL7Time(message.text.span.extracting(time.range))?.offsetMinutes
        guard !controlID.isEmpty, controlID.range.count <= 256 else {
            throw HL7Refusal(
                .rejection, .requiredFieldMissing, .malformed, "MSH-10 is missing or too long")
        }
        movement = try HL7Header.movement(text(9), event: text(9, 2))
        isAlarm = text(9, 2) == "R40"
        let version = text(12)
        guard version.isEmpty || version.hasPrefix("2.") else {
            throw HL7Refusal(
                .rejection, .unsupportedVersion, .wrongVersion, "only version 2 is taken")
        }
        lacksVersion = version.isEmpty
        let processing = text(11)
        let isTest = processing == "T" || processing == "D"
        guard processing.isEmpty || processing == "P" || (isTest && channel.acceptsTestMessages)
        else {
            throw HL7Refusal(
                .rejection, .unsupportedProcessingID, .notProduction,
                "only production messages are taken")
        }
    }

    private static func movement(
        _ type: String, event: String
    ) throws(HL7Refusal) -> HL7Movement? {
        if type == "ORU", events.contains(event) { return nil }
        if type == "ADT", let movement = HL7Movement(rawValue: event) { return movement }
        guard type == "ORU" || type == "ADT" else {
            throw HL7Refusal(
                .rejection, .unsupportedMessageType, .unsupported, "only ORU and ADT are taken")
        }
        throw HL7Refusal(
            .rejection, .unsupportedEvent, .unsupported,
            type == "ORU"
                ? "of ORU, R01, R30 to R32, R40 and W01 are taken, not \(event)"
                : "of ADT, A01, A02, A03, A08, A11, A13, A31, A37 and A40 are taken, not \(event)")
    }
}
