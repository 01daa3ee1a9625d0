import IngestCore
import TwinCore

/// Turns the rows of one message into raw observations.
struct HL7Reader {
    let message: HL7Message
    private let escapes: HL7Escapes
    private let offsetMinutes: Int?
    /// The message's text, and behind it what escape sequences stood for.
    var text: [UInt8]
    var observations: [RawObservation] = []
    var refusedRows: [Refusal] = []
    /// Most rows of a message repeat its time.
    private var lastTime: (text: HL7Place, time: RawTime)?
    private var devices = HL7Devices()
    /// Why the whole message is refused after all.
    private(set) var refusal: HL7Refusal?
    /// What departs from the standard and touches no value.
    private(set) var messageFlags: QualityFlags = []
    private var hasUnknownEscape = false

    static func read(
        _ message: HL7Message, _ header: HL7Header, _ channel: Channel
    ) throws(HL7Refusal) -> RawMessage {
        var reader = HL7Reader(message, header)
        reader.observations.reserveCapacity(message.segments.count)
        var patients: [[RawIdentifier]] = []
        if let movement = header.movement, movement.isOfIdentity {
            patients = try reader.identity(movement, header, channel)
        } else {
            reader.addRows()
            if let refusal = reader.refusal { throw refusal }
            if header.isAlarm { reader.addAlarms() }
            reader.nameDevices(header)
            for segment in message.segments where segment.name == HL7Segment.pid {
                patients.append(reader.identifiers(message.field(3, of: segment)))
            }
            try reader.checkOne(patients, channel)
            if let movement = header.movement { reader.addMovement(movement, header) }
        }
        let source = reader.source(header)
        let things =
            patients.allSatisfy { $0.allSatisfy { $0.value.isEmpty } } ? reader.things() : []
        var raw = RawMessage(
            text: reader.text, patients: patients, source: source,
            observations: reader.observations, refusedRows: reader.refusedRows)
        raw.things = things
        return raw
    }

    private init(_ message: HL7Message, _ header: HL7Header) {
        self.message = message
        escapes = HL7Escapes(separators: message.separators)
        offsetMinutes = header.offsetMinutes
        text = message.text
        if message.hasLineFeeds || header.lacksVersion { messageFlags = .irregular }
    }

    /// Two PID segments of two patients make nonsense of the whole message.
    private func checkOne(
        _ patients: [[RawIdentifier]], _ channel: Channel
    ) throws(HL7Refusal) {
        guard patients.count > 1 else { return }
        let twins = Set(
            patients.compactMap { try? PatientNaming.twin(of: [$0], in: text, channel: channel) })
        guard twins.count > 1 else { return }
        throw HL7Refusal(
            .error, .segmentSequence, .ambiguousPatient, "two-patients: PID segments that differ")
    }

    /// Adds every row, and the signals that some of them make together.
    private mutating func addRows() {
        guard let signals = HL7Signals.all(of: message) else {
            return message.forEachRow { add($0) }
        }
        message.forEachRow { row in
            if !signals.rowNumbers.contains(row.observationNumber) { add(row) }
        }
        var starts: [Int: RawTime] = [:]
        signals.forEachArray { addSignals($0, &starts) }
    }

    private mutating func add(_ row: HL7Row) {
        guard refusal == nil, isReadable(row) else { return }
        let (code, alternate) = message.codes(row.code)
        hasUnknownEscape = false
        var flags = flags(of: row)
        var observation = RawObservation(
            code: plain(code), alternateCode: alternate.isEmpty ? .empty : plain(alternate),
            value: value(row, &flags),
            unit: row.unit.isEmpty ? .empty : plain(message.codes(row.unit).first),
            time: time(row.time), source: device(row.device))
        if hasUnknownEscape { flags.insert(.irregular) }
        observation.flags = flags
        add(observation, at: row.place)
    }

    /// Whether the row is whole; if it is not, it or its message is refused.
    mutating func isReadable(_ row: HL7Row) -> Bool {
        guard row.setID.range.count <= HL7Reader.setIDByteCountMax else {
            refuse(row, "OBX-1 is too long for a number")
            return false
        }
        guard !row.isCutOff else {
            refusedRows.append(
                Refusal(.malformed, "OBX \(row.observationNumber) is cut off"))
            return false
        }
        return true
    }

    /// What the sender says of a row's value.
    func flags(of row: HL7Row) -> QualityFlags {
        var flags = HL7Status.flags(message, status: row.status).union(messageFlags)
        if row.isCancelled { flags.insert(.deleted) }
        if !row.interpretation.isEmpty {
            flags.formUnion(HL7Status.flags(message, interpretation: row.interpretation))
        }
        return flags
    }

    /// Adds an observation with its place in the tree of its device.
    mutating func add(_ observation: RawObservation, at place: HL7Place) {
        let sent = message.text
        devices.add(place, device: observation.source, in: sent.span)
        observations.append(observation)
    }

    /// Everything but a patient that the message names: devices, and where they stand.
    private mutating func things() -> [Binding.Thing] {
        var names: [RawText] = []
        for segment in message.segments {
            switch segment.name {
            case HL7Segment.msh:
                let application = message.field(3, of: segment)
                names += [1, 2].map { plain(message.component($0, of: application)) }
            case HL7Segment.obx: names.append(device(message.field(18, of: segment)))
            default: break
            }
        }
        var things = names.filter { !$0.isEmpty }.map {
            Binding.Thing.device(String(decoding: text[$0.range], as: UTF8.self))
        }
        if let visit = message.segments.first(where: { $0.name == HL7Segment.pv1 }) {
            let place = location(message.field(3, of: visit))
            if !place.isEmpty { things.append(.place(String(decoding: place, as: UTF8.self))) }
        }
        // In order, each once: a message may repeat its device in every row.
        return Set(things).sorted { "\($0)" < "\($1)" }
    }

    /// Longer than any count of segments.
    private static let setIDByteCountMax = 9

    /// Refuses the message because of a row that can't be read.
    mutating func refuse(_ row: HL7Row, _ why: String) {
        refusal = HL7Refusal(
            .error, .dataType, .malformed, "OBX \(row.observationNumber): \(why)")
    }

    /// OBX-18: the device's own number, or the name that stands in its place.
    mutating func device(_ place: HL7Place) -> RawText {
        guard !place.isEmpty else { return .empty }
        for number in [1, 3, 2] {
            let part = message.component(number, of: place).trimmed(in: message.text.span)
            if !part.isEmpty { return plain(part) }
        }
        return .empty
    }

    /// Gives each value of a device's tree the device that it hangs on, and its place there.
    private mutating func nameDevices(_ header: HL7Header) {
        guard devices.isNeeded else { return }
        let sender = Array(source(header).utf8)
        let devices = devices
        devices.name(&observations, in: &text, sender: sender)
    }

    private mutating func value(_ row: HL7Row, _ flags: inout QualityFlags) -> RawValue {
        let sent = message.text
        let value = row.value.trimmed(in: sent.span)
        guard !value.isEmpty else { return .empty }
        let bytes = sent.span.extracting(value.range)
        if bytes.count == 2, bytes[0] == 0x22, bytes[1] == 0x22 {
            // HL7's own word for "there is none".
            flags.insert(.noResult)
            return .empty
        }
        switch HL7ValueType(sent.span.extracting(row.type.range)) {
        case .number:
            if let (number, comparator) = Decimal.comparison(bytes) {
                return .number(number, comparator)
            }
            // Where the sender itself says that it is none, it need not read as one.
            if flags.isDisjoint(with: [.noResult, .deleted, .wrongPatient]) {
                let hasComma = message.contains(0x2C, value)
                refuse(row, hasComma ? "decimal-comma in OBX-5" : "OBX-5 is no number")
            }
            return .text(plain(value))
        case .structured: return structured(value)
        case .coded:
            let code = message.codes(value).first
            return .text(plain(code.value.isEmpty ? code.text : code.value))
        case .text: return .text(plain(value))
        }
    }

    /// SN: comparator, number, separator, second number.
    private mutating func structured(_ value: HL7Place) -> RawValue {
        let comparator = message.component(1, of: value)
        let first = message.component(2, of: value).trimmed(in: text.span)
        let separator = message.component(3, of: value)
        let second = message.component(4, of: value)
        guard separator.isEmpty, second.isEmpty,
            let meaning = HL7Reader.comparator(text.span.extracting(comparator.range)),
            let number = Decimal.number(text.span.extracting(first.range))
        else {
            // A ratio, a range, "not equal": no number, kept as it reads.
            let start = text.count
            for part in [comparator, first, separator, second] { text += text[part.range] }
            return .text(HL7Place(start..<text.count))
        }
        return .number(number, meaning)
    }

    private static func comparator(_ text: Span<UInt8>) -> Comparator? {
        if text.isEmpty { return .equal }
        let isOrEqual = text.count == 2 && text[1] == 0x3D
        guard text.count == 1 || isOrEqual else { return nil }
        switch text[0] {
        case 0x3D where !isOrEqual: return .equal
        case 0x3C: return isOrEqual ? .lessOrEqual : .less
        case 0x3E: return isOrEqual ? .greaterOrEqual : .greater
        default: return nil
        }
    }

    mutating func time(_ place: HL7Place) -> RawTime {
        guard !place.isEmpty else { return .missing }
        if let last = lastTime, areEqual(last.text, place) { return last.time }
        var result = RawTime.missing
        // A month is no time of measurement; a day is its beginning, never later than it was.
        if let time = HL7Time(text.span.extracting(place.range)), time.precision >= .day {
            result =
                time.instant(messageOffsetMinutes: offsetMinutes).map { .at($0) }
                ?? .local(time.civil.instant())
        }
        lastTime = (place, result)
        return result
    }

    private func areEqual(_ one: HL7Place, _ other: HL7Place) -> Bool {
        guard one.range.count == other.range.count else { return false }
        let text = text.span
        for offset in 0..<one.range.count
        where text[Int(one.start) + offset] != text[Int(other.start) + offset] { return false }
        return true
    }

    mutating func identifiers(_ field: HL7Place) -> [RawIdentifier] {
        message.repetitions(of: field).map { repetition in
            let authority = message.component(4, of: repetition)
            let namespace = message.subcomponent(1, of: authority)
            return RawIdentifier(
                value: plain(message.component(1, of: repetition)).trimmed(in: text.span),
                authority: plain(
                    namespace.isEmpty ? message.subcomponent(2, of: authority) : namespace
                ).trimmed(in: text.span),
                kind: message.component(5, of: repetition))
        }
    }

    /// The sending application and facility.
    private mutating func source(_ header: HL7Header) -> Source {
        let parts = [plain(header.application), plain(header.facility)].filter { !$0.isEmpty }
        guard !parts.isEmpty else { return "hl7" }
        return parts.map { String(decoding: text[$0.range].prefix(127), as: UTF8.self) }
            .joined(separator: "|")
    }

    mutating func plain(_ code: RawCode) -> RawCode {
        RawCode(
            value: plain(code.value).trimmed(in: text.span), text: plain(code.text),
            system: plain(code.system).trimmed(in: text.span))
    }

    /// The place of the same text without escape sequences.
    mutating func plain(_ place: HL7Place) -> RawText {
        guard message.hasEscapes, message.contains(message.separators.escape, place) else {
            return place
        }
        let start = text.count
        var hasUnknown = false
        text += escapes.undone(
            message.text.span.extracting(place.range), hasUnknown: &hasUnknown)
        if hasUnknown { hasUnknownEscape = true }
        return RawText(start..<text.count)
    }
}

/// How OBX-5 is to be read.
enum HL7ValueType {
    case number, structured, coded, text

    /// NA and MA: numbers in a row, of a signal.
    static func isWaveform(_ type: Span<UInt8>) -> Bool {
        type.count == 2 && type[1] == 0x41 && (type[0] == 0x4E || type[0] == 0x4D)
    }

    /// CD: what the channels of a signal are.
    static func isChannels(_ type: Span<UInt8>) -> Bool {
        type.count == 2 && type[0] == 0x43 && type[1] == 0x44
    }

    init(_ type: Span<UInt8>) {
        switch type.count {
        case 2:
            switch (type[0], type[1]) {
            case (0x4E, 0x4D): self = .number  // NM
            case (0x53, 0x4E): self = .structured  // SN
            // CE CF IS ID
            case (0x43, 0x45), (0x43, 0x46), (0x49, 0x53), (0x49, 0x44): self = .coded
            default: self = .text
            }
        case 3 where type[0] == 0x43: self = .coded  // CWE CNE
        default: self = .text
        }
    }
}

/// What OBX-11 and OBX-8 mean.
enum HL7Status {
    static func flags(_ message: HL7Message, status: HL7Place) -> QualityFlags {
        guard let letter = message.text[status.range].first else { return [] }
        switch letter {
        case 0x46, 0x55: return []  // F final, U
        case 0x43: return .corrected  // C
        case 0x44: return .deleted  // D
        case 0x57: return .wrongPatient  // W
        case 0x49, 0x4E, 0x4F, 0x58: return .noResult  // I pending, N not asked, O order only, X
        default: return .preliminary  // P, R, S and what is not known
        }
    }

    /// IHE's words for a value that its device does not stand by.
    private static let words: [String: QualityFlags] = [
        "INV": .deviceInvalid, "QUES": .deviceInvalid, "CALIB": .deviceInvalid,
        "TEST": .deviceInvalid, "DEMO": .deviceInvalid, "OFF": .noResult, "NAV": .noResult,
        "MSSG": .noResult,
    ]

    static func flags(_ message: HL7Message, interpretation: HL7Place) -> QualityFlags {
        // Nearly always one letter: normal, high, low.
        guard interpretation.range.count > 2 else { return [] }
        var flags: QualityFlags = []
        for repetition in message.repetitions(of: interpretation) {
            flags.formUnion(words[message.string(message.component(1, of: repetition))] ?? [])
        }
        return flags
    }
}
