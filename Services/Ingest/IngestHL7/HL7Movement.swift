import IngestCore
import TwinCore

/// The trigger events of ADT that are taken.
enum HL7Movement: String, Hashable, Sendable {
    case admit = "A01"
    case transfer = "A02"
    case discharge = "A03"
    case update = "A08"
    case cancelAdmit = "A11"
    case cancelDischarge = "A13"
    case updatePerson = "A31"
    /// The undo of a merge.
    case unlink = "A37"
    case merge = "A40"

    /// What is said of the stay, if the event says anything of it.
    var status: String? {
        switch self {
        case .admit, .cancelDischarge: "admitted"
        case .discharge: "discharged"
        case .cancelAdmit: "admission cancelled"
        case .transfer, .update, .updatePerson, .unlink, .merge: nil
        }
    }

    /// The field of PV1 with the time of the event itself.
    var timeField: Int? {
        switch self {
        case .admit: 44
        case .discharge: 45
        default: nil
        }
    }

    var saysLocation: Bool {
        switch self {
        case .admit, .transfer, .update, .cancelDischarge: true
        default: false
        }
    }

    /// Whether it joins or parts two identifiers, and says nothing else.
    var isOfIdentity: Bool { self == .merge || self == .unlink }
}

/// What ADT messages say, as observations.
extension HL7Reader {
    /// Adds who the patient is and where.
    mutating func addMovement(_ movement: HL7Movement, _ header: HL7Header) {
        let place = eventTime(header)
        let recorded = time(place)
        if let person = message.segments.first(where: { $0.name == HL7Segment.pid }) {
            addPerson(person, place, recorded)
        }
        let visit = message.segments.first { $0.name == HL7Segment.pv1 }
        if let status = movement.status {
            var at = recorded
            if let visit, let number = movement.timeField {
                let own = message.component(1, of: message.field(number, of: visit))
                if case let time = time(own), time != .missing { at = time }
            }
            add(.encounterStatus, Array(status.utf8), at)
        }
        guard movement.saysLocation, let visit else { return }
        let location = location(message.field(3, of: visit))
        if !location.isEmpty { add(.location, location, recorded) }
    }

    /// The identifiers that are no longer used, and the one that goes on in their place.
    mutating func identity(
        _ movement: HL7Movement, _ header: HL7Header, _ channel: Channel
    ) throws(HL7Refusal) -> [[RawIdentifier]] {
        let persons = message.segments.filter { $0.name == HL7Segment.pid }
        let merged = message.segments.filter { $0.name == HL7Segment.mrg }
        let isMerge = movement == .merge
        guard persons.count == (isMerge ? 1 : 2), merged.count == (isMerge ? 1 : 0),
            let first = persons.first, let last = persons.last
        else {
            throw HL7Refusal(
                .error, .segmentSequence, .malformed,
                isMerge
                    ? "a merge needs one PID and one MRG" : "an unlink needs two PID segments")
        }
        let old = identifiers(
            isMerge ? message.field(1, of: merged[0]) : message.field(3, of: last))
        let twin: TwinID
        let retired: TwinID
        do {
            let other = identifiers(message.field(3, of: first))
            twin = try PatientNaming.twin(of: [other], in: text, channel: channel)
            retired = try PatientNaming.twin(of: [old], in: text, channel: channel)
        } catch { throw HL7Refusal(error) }
        guard twin != retired else {
            throw HL7Refusal(
                .error, .unknownKey, .ambiguousPatient, "a patient is not merged into itself")
        }
        let survivor = isMerge ? twin : retired
        add(.survivor, Array(survivor.text.utf8), time(eventTime(header)))
        return [old]
    }

    /// When it was recorded: EVN-2, or the message's own time.
    private func eventTime(_ header: HL7Header) -> HL7Place {
        guard let event = message.segments.first(where: { $0.name == HL7Segment.evn }) else {
            return header.time
        }
        let own = message.component(1, of: message.field(2, of: event))
        return own.isEmpty ? header.time : own
    }

    /// Age at the event, where the day of birth is known, and sex.
    private mutating func addPerson(
        _ person: HL7Segment, _ place: HL7Place, _ recorded: RawTime
    ) {
        let birth = message.component(1, of: message.field(7, of: person))
        if let born = HL7Time(text.span.extracting(birth.range)), born.precision >= .day,
            let now = HL7Time(text.span.extracting(place.range)), now.precision >= .day
        {
            let (born, now) = (born.civil, now.civil)
            let isBefore = (now.month, now.day) < (born.month, born.day)
            add(
                "30525-0", "LN", .number(Double(now.year - born.year - (isBefore ? 1 : 0)), .equal),
                unit: "a", recorded)
        }
        let sex = message.component(1, of: message.field(8, of: person)).trimmed(in: text.span)
        guard sex.range.count == 1, "MFmf".utf8.contains(text[sex.range.lowerBound]) else { return }
        add("46098-0", "LN", .text(sex), recorded)
    }

    /// PV1-3: point of care, room, bed and facility.
    mutating func location(_ field: HL7Place) -> [UInt8] {
        var parts: [[UInt8]] = []
        for number in 1...4 {
            let part = message.subcomponent(1, of: message.component(number, of: field))
            let bytes = Array(text[plain(part).trimmed(in: text.span).range])
            parts.append(bytes == [0x22, 0x22] ? [] : bytes)
        }
        while parts.last?.isEmpty == true { parts.removeLast() }
        return Array(parts.joined(separator: [0x2F]))
    }

    private mutating func add(_ statement: Statement, _ words: [UInt8], _ time: RawTime) {
        let value = RawValue.text(appended(words))
        add(statement.code.value, statement.code.system, value, time)
    }

    private mutating func add(
        _ code: String, _ system: String, _ value: RawValue, unit: String = "", _ time: RawTime
    ) {
        observations.append(
            RawObservation(
                code: RawCode(value: appended(code.utf8), system: appended(system.utf8)),
                value: value, unit: RawCode(value: appended(unit.utf8)), time: time))
    }

    private mutating func appended(_ bytes: some Collection<UInt8>) -> RawText {
        let start = text.count
        text += bytes
        return RawText(start..<text.count)
    }
}
