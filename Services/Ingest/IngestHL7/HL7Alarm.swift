import IngestCore
import TwinCore

/// The events that alarms are, told whole: one observation for each, beside its rows.
///
/// Its code is the event's, of ``Code/alarmSystem``, so that the latest of each event speaks.
struct HL7Alarm {
    private var event: (code: [UInt8], words: [UInt8])?
    private var facets: [String: [UInt8]] = [:]
    private(set) var row: HL7Row

    private static let facets: [(number: String, reference: String, name: String)] = [
        ("68481", "MDC_ATTR_EVENT_PHASE", "phase"),
        ("68482", "MDC_ATTR_ALARM_STATE", "state"),
        ("68483", "MDC_ATTR_ALARM_INACTIVATION_STATE", "inactivation"),
        ("68484", "MDC_ATTR_ALARM_PRIORITY", "priority"),
        ("68485", "MDC_ATTR_ALARM_TYPE", "type"),
    ]
    /// Table 0078 as alarms use it.
    private static let words: [String: (name: String, words: String)] = [
        "PN": ("priority", "none"), "PL": ("priority", "low"), "PM": ("priority", "medium"),
        "PH": ("priority", "high"), "SP": ("type", "physiological"), "ST": ("type", "technical"),
        "SA": ("type", "advisory"),
    ]
    private static let byteCountMax = 256

    /// The alarms of a message, in the order of their first rows.
    static func all(of message: HL7Message) -> [HL7Alarm] {
        var alarms: [HL7Alarm] = []
        // The rows of one alarm have their place in common, less the last level.
        var indices: [ArraySlice<UInt8>: Int] = [:]
        message.forEachRow { row in
            let bytes = message.text[row.place.range]
            let place = bytes.lastIndex(of: 0x2E).map { bytes[..<$0] } ?? bytes[..<bytes.startIndex]
            let index = indices[place] ?? alarms.count
            if index == alarms.count {
                indices[place] = index
                alarms.append(HL7Alarm(row: row))
            }
            alarms[index].add(row, message)
        }
        return alarms.filter { $0.event != nil }
    }

    private init(row: HL7Row) { self.row = row }

    private mutating func add(_ row: HL7Row, _ message: HL7Message) {
        let code = message.codes(row.code).first
        let (number, reference) = (message.string(code.value), message.string(code.text))
        let value = message.codes(row.value).first
        let words = Array(
            message.text[(value.text.isEmpty ? value.value : value.text).range]
                .prefix(HL7Alarm.byteCountMax))
        if number == "196616" || reference == "MDC_EVT_ALARM" {
            self.row = row
            let own = Array(message.text[value.value.range].prefix(HL7Alarm.byteCountMax))
            event = (own.isEmpty ? words : own, words)
            // Every repetition of OBX-5 has the same letters beside it.
            guard row.repetitionNumber == 1 else { return }
            for repetition in message.repetitions(of: row.interpretation) {
                guard let word = HL7Alarm.words[message.string(repetition)],
                    facets[word.name] == nil
                else { continue }
                facets[word.name] = Array(word.words.utf8)
            }
        } else if let facet = HL7Alarm.facets.first(where: {
            $0.number == number || $0.reference == reference
        }), !words.isEmpty {
            // What a row of its own says goes before a letter of the event's.
            facets[facet.name] = words
        }
    }

    /// The event's code, and all that is told of it.
    var told: (code: [UInt8], words: [UInt8])? {
        guard let event, !event.code.isEmpty else { return nil }
        var words = event.words
        for name in ["phase", "state", "inactivation", "priority", "type"] {
            guard let facet = facets[name] else { continue }
            words += "; \(name) ".utf8 + facet
        }
        return (event.code, words)
    }
}

extension HL7Reader {
    /// Adds one observation for each alarm of the message.
    mutating func addAlarms() {
        for alarm in HL7Alarm.all(of: message) {
            guard let (code, words) = alarm.told else { continue }
            let start = text.count
            text += code
            let middle = text.count
            text += Code.alarmSystem.utf8
            let end = text.count
            text += words
            add(
                RawObservation(
                    code: RawCode(value: RawText(start..<middle), system: RawText(middle..<end)),
                    value: .text(RawText(end..<text.count)), time: time(alarm.row.time),
                    source: device(alarm.row.device)),
                at: alarm.row.place)
        }
    }
}
