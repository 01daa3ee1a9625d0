public import IngestCore

/// One repetition of one OBX segment: where its parts are.
public struct HL7Row: Hashable, Sendable {
    public enum TimeSource: Hashable, Sendable { case observation, request, none }

    /// Counts the OBR and OBX segments of the message, from 1; no OBR yet is 0.
    public var requestNumber: Int
    public var observationNumber: Int
    public var repetitionNumber: Int
    /// OBX-1.
    public var setID: HL7Place
    public var type: HL7Place
    /// OBX-3.
    public var code: HL7Place
    /// OBX-4: which of several of the kind, or the place in a device as `MDS.VMD.channel.metric`.
    public var place: HL7Place
    /// This repetition of OBX-5.
    public var value: HL7Place
    /// OBX-6.
    public var unit: HL7Place
    /// OBX-8.
    public var interpretation: HL7Place
    /// OBX-11.
    public var status: HL7Place
    /// OBX-14, or OBR-7 where that is empty.
    public var time: HL7Place
    public var timeSource: TimeSource
    /// OBR-8: when what began at OBR-7 was over.
    public var requestEnd: HL7Place
    /// OBX-18.
    public var device: HL7Place
    /// Whether the segment ends before its status, without an end of its own.
    public var isCutOff: Bool
    /// Whether its request was cancelled: ORC-1 or OBR-25 say so.
    public var isCancelled: Bool
}

extension HL7Message {
    /// Calls back with every repetition of every OBX segment, in order.
    public func forEachRow(_ body: (HL7Row) -> Void) {
        var requestNumber = 0
        var observationNumber = 0
        var requestTime = HL7Place.empty
        var requestEnd = HL7Place.empty
        var isOrderCancelled = false
        var isCancelled = false
        for segment in segments {
            switch segment.name {
            case HL7Segment.orc:
                isOrderCancelled = isCancellation(field(1, of: segment))
                isCancelled = isOrderCancelled
            case HL7Segment.obr:
                requestNumber += 1
                requestTime = component(1, of: field(7, of: segment))
                requestEnd = component(1, of: field(8, of: segment))
                // X: cancelled, whatever results it had before.
                isCancelled = isOrderCancelled || text[field(25, of: segment).range] == [0x58]
                isOrderCancelled = false
            case HL7Segment.obx:
                observationNumber += 1
                var row = row(segment, requestNumber, observationNumber, requestTime)
                row.isCancelled = isCancelled
                row.requestEnd = requestEnd
                let value = field(5, of: segment)
                // The repetitions of samples are parts of one signal, not values of their own.
                guard !isOfSignal(row), hasRepetitions(value) else {
                    row.value = value
                    body(row)
                    break
                }
                for (index, repetition) in repetitions(of: value).enumerated() {
                    row.repetitionNumber = index + 1
                    row.value = repetition
                    body(row)
                }
            default: break
            }
        }
    }

    /// Whether its value is the samples of a signal, or defines its channels.
    func isOfSignal(_ row: HL7Row) -> Bool {
        let type = text.span.extracting(row.type.range)
        return HL7ValueType.isWaveform(type) || HL7ValueType.isChannels(type)
    }

    /// ORC-1: to be cancelled, cancelled as asked, cancelled by its filler, or discontinued so.
    private func isCancellation(_ place: HL7Place) -> Bool {
        ["CA", "OC", "CR"].contains(string(place))
    }

    private func row(
        _ segment: HL7Segment, _ requestNumber: Int, _ observationNumber: Int,
        _ requestTime: HL7Place
    ) -> HL7Row {
        let status = field(11, of: segment)
        let own = component(1, of: field(14, of: segment))
        return HL7Row(
            requestNumber: requestNumber, observationNumber: observationNumber,
            repetitionNumber: 1, setID: field(1, of: segment), type: field(2, of: segment),
            code: field(3, of: segment), place: field(4, of: segment), value: .empty,
            unit: field(6, of: segment), interpretation: field(8, of: segment),
            status: status, time: own.isEmpty ? requestTime : own,
            timeSource: own.isEmpty ? (requestTime.isEmpty ? .none : .request) : .observation,
            requestEnd: .empty,
            device: field(18, of: segment), isCutOff: !segment.isTerminated && status.isEmpty,
            isCancelled: false)
    }
}
