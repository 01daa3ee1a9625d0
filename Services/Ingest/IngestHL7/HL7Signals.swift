import IngestCore

/// The signals of a message: its arrays of samples, with what other rows say of them.
///
/// Two ways of writing them are known. IHE's has the facets of an array (rate, resolution, ranges)
/// in rows below it in the tree of OBX-4; that of ORU^W01 has rows of times (TIM) and of channels
/// (CHN) with the same sub-id.
struct HL7Signals {
    /// One row of samples: NA or MA.
    struct SampleArray {
        var row: HL7Row
        var facets = HL7Facets()
        var channels: [HL7SignalChannel] = []
        /// The last row of time before it, of its own sub-id; arrays with the same follow on
        /// another.
        var timing: Timing?
    }

    struct Timing {
        var number: Int
        var start: HL7Place
    }

    private struct Key: Hashable {
        var requestNumber: Int
        var place: ArraySlice<UInt8>
    }

    private struct Group {
        var channels: [HL7SignalChannel] = []
        var timing: Timing?
    }

    /// The rows that are no values of their own, by the count of OBX segments.
    private(set) var rowNumbers: Set<Int> = []
    private var arrays: [SampleArray] = []
    private var groups: [Key: Group] = [:]
    private var facets: [Key: [HL7Row]] = [:]

    /// Nil where the message has no samples.
    static func all(of message: HL7Message) -> HL7Signals? {
        let hasSamples = message.segments.contains { segment in
            segment.name == HL7Segment.obx
                && HL7ValueType.isWaveform(
                    message.text.span.extracting(message.field(2, of: segment).range))
        }
        guard hasSamples else { return nil }
        var signals = HL7Signals()
        message.forEachRow { signals.add($0, message) }
        signals.join(message)
        return signals
    }

    func forEachArray(_ body: (SampleArray) -> Void) {
        for array in arrays { body(array) }
    }

    private mutating func add(_ row: HL7Row, _ message: HL7Message) {
        let type = message.text.span.extracting(row.type.range)
        let key = Key(requestNumber: row.requestNumber, place: message.text[row.place.range])
        if HL7ValueType.isWaveform(type) {
            let group = groups[key]
            arrays.append(
                SampleArray(
                    row: row, channels: group?.channels ?? [], timing: group?.timing))
            rowNumbers.insert(row.observationNumber)
        } else if HL7ValueType.isChannels(type) {
            let sent = message.repetitions(of: row.value).prefix(HL7SignalChannel.countMax + 1)
            for place in sent
            where groups[key, default: Group()].channels.count <= HL7SignalChannel.countMax {
                let first = groups[key]?.channels.first
                groups[key, default: Group()].channels.append(
                    HL7SignalChannel(place, message, like: first))
            }
            rowNumbers.insert(row.observationNumber)
        } else if HL7Signals.suffix(of: row, message) == "TIM" {
            groups[key, default: Group()].timing = Timing(
                number: row.observationNumber, start: message.component(1, of: row.value))
            rowNumbers.insert(row.observationNumber)
        } else if HL7Facets.kind(of: row, message) != nil {
            for place in HL7Signals.places(above: key.place) {
                let key = Key(requestNumber: row.requestNumber, place: place)
                facets[key, default: []].append(row)
            }
        }
    }

    /// The second part of OBX-3, which says what a row of a waveform is.
    private static func suffix(of row: HL7Row, _ message: HL7Message) -> String {
        message.string(message.subcomponent(2, of: message.component(1, of: row.code)))
    }

    /// A facet's own place, and the one above it.
    private static func places(above place: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        guard let stop = place.lastIndex(of: 0x2E) else { return [place] }
        return [place, place[..<stop]]
    }

    /// Gives each array the facets at its place and right below.
    private mutating func join(_ message: HL7Message) {
        for index in arrays.indices {
            let row = arrays[index].row
            let key = Key(requestNumber: row.requestNumber, place: message.text[row.place.range])
            for facet in facets[key] ?? [] {
                arrays[index].facets.add(facet, message)
                rowNumbers.insert(facet.observationNumber)
            }
        }
    }
}

/// What CD says of one channel of a waveform.
struct HL7SignalChannel {
    static let countMax = 64

    /// What it is of: its source, else its own name.
    var label: HL7Place
    var unit: HL7Place = .empty
    /// What a step is worth, and the step that stands for zero.
    var sensitivity: Double?
    var baseline: Double?
    var samplesPerSecond: Double?

    /// What a channel leaves out is as in the first of its kind.
    init(_ place: HL7Place, _ message: HL7Message, like first: HL7SignalChannel?) {
        func part(_ component: Int, _ number: Int) -> HL7Place {
            message.subcomponent(number, of: message.component(component, of: place))
                .trimmed(in: message.text.span)
        }
        func number(_ place: HL7Place) -> Double? {
            Decimal.number(message.text.span.extracting(place.range))
        }
        label = part(2, 1)
        if label.isEmpty { label = part(1, 2) }
        unit = part(3, 2)
        sensitivity = number(part(3, 1))
        // The correction multiplies what a step is worth.
        if let correction = number(part(4, 1)), sensitivity != nil || first != nil {
            sensitivity = (sensitivity ?? first?.sensitivity ?? 1) * correction
        }
        baseline = number(part(4, 2)) ?? first?.baseline
        samplesPerSecond = number(part(5, 1)) ?? first?.samplesPerSecond
        if sensitivity == nil {
            sensitivity = first?.sensitivity
            if unit.isEmpty { unit = first?.unit ?? .empty }
        }
    }
}
