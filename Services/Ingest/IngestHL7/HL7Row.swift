public import IngestCore

/// One repetition of one OBX segment: where its parts are.
public struct HL7Row: Hashable, Sendable {
    public enum TimeSource: Hashable, Sendable { case observation, request, none }

    /// Counts the OBR and OBX segments of the message, from 1; no OBR yet is 0.
    public var requestNumber: Int
    public var observationNumber: Int
    public var repetitionNumber: Int
    public var type: HL7Place
    /// OBX-3.
    public var code: HL7Place
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
    /// OBX-18.
    public var device: HL7Place
    /// Whether the segment ends before its status, without an end of its own.
    public var isCutOff: Bool
}

extension HL7Message {
    /// Calls back with every repetition of every OBX segment, in order.
    public func forEachRow(_ body: (HL7Row) -> Void) {
        var requestNumber = 0
        var observationNumber = 0
        var requestTime = HL7Place.empty
        for segment in segments {
            switch segment.name {
            case HL7Segment.obr:
                requestNumber += 1
                requestTime = component(1, of: field(7, of: segment))
            case HL7Segment.obx:
                observationNumber += 1
                var row = row(segment, requestNumber, observationNumber, requestTime)
                let value = field(5, of: segment)
                guard hasRepetitions(value) else {
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

    private func row(
        _ segment: HL7Segment, _ requestNumber: Int, _ observationNumber: Int,
        _ requestTime: HL7Place
    ) -> HL7Row {
        let status = field(11, of: segment)
        let own = component(1, of: field(14, of: segment))
        return HL7Row(
            requestNumber: requestNumber, observationNumber: observationNumber,
            repetitionNumber: 1, type: field(2, of: segment), code: field(3, of: segment),
            value: .empty, unit: field(6, of: segment), interpretation: field(8, of: segment),
            status: status, time: own.isEmpty ? requestTime : own,
            timeSource: own.isEmpty ? (requestTime.isEmpty ? .none : .request) : .observation,
            device: field(18, of: segment), isCutOff: !segment.isTerminated && status.isEmpty)
    }
}
