import IngestHL7
import TwinCore
import TwinTestKit
import TwinWaveform
import TwinWire

/// One measurement, by what no service may change of it.
struct Fact: Hashable {
    var twin: TwinID
    var code: Code
    var value: ObservedValue
    var eventTime: Instant

    init(_ observation: Observation) {
        twin = observation.twin
        code = observation.code
        value = observation.value
        eventTime = observation.eventTime
    }
}

/// One message of a device: what travels, and what it says.
struct DeviceMessage {
    /// As it travels: HL7, or the body of a submission.
    var bytes: [UInt8]
    var observations: [Observation]
    /// When the device has it, since the beginning.
    var dueMs: Int
    /// Nobody will ever take it.
    var isHopeless = false

    var facts: [Fact] { observations.map(Fact.init) }
}

/// What the devices of a house send: the same for the same seed.
enum Script {
    static let start = Instant(microsecondsSinceEpoch: 1_768_212_000_000_000)
    static let twinCount = 5
    private static let messageCount = 10

    private static let quantities: [(name: String, range: ClosedRange<Int>)] = [
        ("heart_rate", 60...140), ("resp_rate", 10...30), ("spo2", 84...100), ("sbp", 85...160),
        ("body_temp", 35...40), ("lactate", 1...9),
    ]

    static func twin(_ number: Int) -> TwinID {
        guard let id = TwinID("ADT|\(number)") else { preconditionFailure("a name of a twin") }
        return id
    }

    /// Messages of a monitor that speaks HL7.
    static func monitor(_ name: String, _ random: inout SplitMix64) -> [DeviceMessage] {
        let writer = HL7Writer(application: name, facility: "ICU")
        return (0..<messageCount).map { number in
            let isHopeless = random.happens(80)
            let observations = observations(&random)
            let rows = observations.map {
                HL7Writer.Row(
                    code: $0.code, text: "", value: $0.value, unit: $0.unit, time: $0.eventTime)
            }
            let patient = observations.first.map { String($0.twin.identifier) } ?? ""
            let bytes = writer.message(
                patient: isHopeless ? "" : patient, authority: "ADT", controlID: "\(number)",
                time: start, rows: rows)
            return DeviceMessage(
                bytes: bytes, observations: isHopeless ? [] : observations,
                dueMs: random.below(4000), isHopeless: isHopeless)
        }.sorted { $0.dueMs < $1.dueMs }
    }

    /// Batches of a device that speaks the house's own language.
    static func native(_ name: String, _ random: inout SplitMix64) -> [DeviceMessage] {
        (0..<messageCount).map { _ in
            var observations = observations(&random)
            if random.happens(300) { observations += Script.observations(&random) }
            if random.happens(400) { observations.append(waveform(&random)) }
            for index in observations.indices { observations[index].source = name }
            return DeviceMessage(
                bytes: ValueWire.encode(observations), observations: observations,
                dueMs: random.below(4000))
        }.sorted { $0.dueMs < $1.dueMs }
    }

    /// Half a second of one twin's ECG, measured within half a minute that is the same for all.
    private static func waveform(_ random: inout SplitMix64) -> Observation {
        let time = start.adding(seconds: -900 - Int64(random.below(30)))
        let height = Int32(20 + random.below(60))
        let samples = (0..<50).map { Int32($0 % 25 == 12 ? height : Int32($0 % 3)) }
        let waveform = Waveform(
            label: "II", unit: "mV", samplesPerSecond: 100, scale: .unscaled, samples: samples)
        guard let block = WaveformBlock(waveform, startedAt: time) else {
            preconditionFailure("a block")
        }
        return Observation(
            twin: twin(random.below(twinCount)), code: .mdc("131330"), value: .waveform(block),
            unit: "mV", eventTime: time, receiveTime: time, source: "")
    }

    /// One to four values of one twin, measured at one time in the past hours.
    private static func observations(_ random: inout SplitMix64) -> [Observation] {
        let twin = twin(random.below(twinCount))
        // Quarter hours, so that values of several devices share a moment.
        let time = start.adding(seconds: -900 * Int64(1 + random.below(24)))
        let first = random.below(quantities.count)
        return (0..<(1 + random.below(4))).compactMap { step in
            let quantity = quantities[(first + step) % quantities.count]
            guard let concept = Concept.named(quantity.name) else { return nil }
            var value = ObservedValue.number(
                Double(quantity.range.lowerBound + random.below(quantity.range.count)))
            if random.happens(40) { value = .number(-100) }
            if random.happens(30) { value = .absent }
            return Observation(
                twin: twin, code: concept.code, value: value, unit: concept.unit, eventTime: time,
                receiveTime: time, source: "")
        }
    }
}
