import CTwinWire
import TwinCore

// Observations written out, one message each: the shorter form of a few.

extension Draft {
    func row(_ observation: Observation) -> Place<Wire.ObservationRow> {
        make(twinline__v1__observation_row__init) {
            $0.twin = text(observation.twin.text)
            $0.code = code(observation.code)
            switch observation.value {
            case .number(let number):
                $0.value_case = TWINLINE__V1__OBSERVATION_ROW__VALUE_NUMBER
                $0.number = number
            case .text(let string):
                $0.value_case = TWINLINE__V1__OBSERVATION_ROW__VALUE_TEXT
                $0.text = text(string)
            case .waveform(let block):
                $0.value_case = TWINLINE__V1__OBSERVATION_ROW__VALUE_WAVEFORM_BYTE_COUNT
                $0.waveform_byte_count = waveforms.append(block)
            case .absent: break
            }
            $0.comparator.rawValue = UInt32(observation.comparator.rawValue)
            $0.unit = text(observation.unit)
            $0.event_time_us = observation.eventTime.microsecondsSinceEpoch
            $0.received_case = TWINLINE__V1__OBSERVATION_ROW__RECEIVED_RECEIVE_TIME_US
            $0.receive_time_us = observation.receiveTime.microsecondsSinceEpoch
            $0.source = text(observation.source)
            $0.flags = observation.flags.rawValue
            ($0.n_reasons, $0.reasons) = list(observation.reasons) { reason($0) }
        }
    }

    func code(_ code: Code) -> Place<Wire.Code> {
        make(twinline__v1__code__init) {
            $0.system = text(code.system)
            $0.value = text(code.value)
        }
    }
}

extension Reader {
    func row(_ row: Wire.ObservationRow) throws(WireError) -> Observation {
        let eventTime = try Rule.instant(row.event_time_us)
        let isReceived =
            row.received_case == TWINLINE__V1__OBSERVATION_ROW__RECEIVED_RECEIVE_TIME_US
        return Observation(
            twin: try Rule.twin(text(row.twin)),
            code: try one(row.code, "an observation without a code", code),
            value: try value(row), comparator: try Reader.comparator(row.comparator.rawValue),
            unit: try Rule.word(text(row.unit)), eventTime: eventTime,
            receiveTime: isReceived ? try Rule.instant(row.receive_time_us) : eventTime,
            source: try Rule.word(text(row.source)), flags: QualityFlags(rawValue: row.flags),
            reasons: try list(row.reasons, row.n_reasons, reason))
    }

    func code(_ code: Wire.Code) throws(WireError) -> Code {
        try Rule.code(system: text(code.system), value: text(code.value))
    }

    static func comparator(_ number: UInt32) throws(WireError) -> Comparator {
        guard let comparator = UInt8(exactly: number).flatMap(Comparator.init(rawValue:)) else {
            throw .invalid("an unknown comparator")
        }
        return comparator
    }

    private func value(_ row: Wire.ObservationRow) throws(WireError) -> ObservedValue {
        switch row.value_case {
        case TWINLINE__V1__OBSERVATION_ROW__VALUE_NUMBER: .number(try Rule.finite(row.number))
        case TWINLINE__V1__OBSERVATION_ROW__VALUE_TEXT: .text(try Rule.text(text(row.text)))
        case TWINLINE__V1__OBSERVATION_ROW__VALUE_WAVEFORM_BYTE_COUNT:
            try waveform(byteCount: row.waveform_byte_count)
        default: .absent
        }
    }
}
