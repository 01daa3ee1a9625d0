import IngestCore
import TwinCore

/// What MSH says, checked.
struct HL7Header {
    let controlID: HL7Place
    let application: HL7Place
    let facility: HL7Place
    /// The zone of MSH-7: that of every time of the message that has none of its own.
    let offsetMinutes: Int?

    /// The trigger events of ORU whose values are taken: results, and alarms with their values.
    private static let events: Set<String> = ["", "R01", "R40"]

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
        let time = message.component(1, of: message.field(7, of: segment))
        offsetMinutes =
            time.isEmpty
            ? nil : HL7Time(message.text.span.extracting(time.range))?.offsetMinutes
        guard !controlID.isEmpty, controlID.range.count <= 256 else {
            throw HL7Refusal(
                .rejection, .requiredFieldMissing, .malformed, "MSH-10 is missing or too long")
        }
        guard text(9) == "ORU" else {
            throw HL7Refusal(
                .rejection, .unsupportedMessageType, .unsupported, "only ORU is taken")
        }
        guard HL7Header.events.contains(text(9, 2)) else {
            throw HL7Refusal(
                .rejection, .unsupportedEvent, .unsupported, "only ORU^R01 and ORU^R40 are taken")
        }
        let version = text(12)
        guard version.isEmpty || version.hasPrefix("2.") else {
            throw HL7Refusal(
                .rejection, .unsupportedVersion, .wrongVersion, "only version 2 is taken")
        }
        let processing = text(11)
        let isTest = processing == "T" || processing == "D"
        guard processing.isEmpty || processing == "P" || (isTest && channel.acceptsTestMessages)
        else {
            throw HL7Refusal(
                .rejection, .unsupportedProcessingID, .notProduction,
                "only production messages are taken")
        }
    }
}
