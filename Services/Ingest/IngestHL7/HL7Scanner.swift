import IngestCore
import TwinCore

/// Splits one message into segments and fields, in one pass.
struct HL7Scanner {
    private let limits: HL7Limits
    private var segments: [HL7Segment] = []
    private var fields: [HL7Place] = []
    private var segmentStart = 0
    private var firstField = 0
    private var fieldStart = 0
    private var componentCount = 0
    private var repetitionCount = 0
    private var escapeCount = 0
    private var hasLineFeeds = false

    init(_ limits: HL7Limits) { self.limits = limits }

    /// Splits the message whose MSH segment is at `start`; it ends before the next header or
    /// trailer, or with the text.
    static func message(
        in text: [UInt8], at start: Int, _ limits: HL7Limits
    ) throws(HL7Refusal) -> HL7Message {
        guard let separators = HL7Separators(mshAt: start, in: text.span) else {
            throw HL7Refusal(.rejection, .dataType, .malformed, "MSH-1 or MSH-2 is unusable")
        }
        var scanner = HL7Scanner(limits)
        scanner.fields.reserveCapacity(min(text.count - start, 1 << 16) / 6)
        scanner.segments.reserveCapacity(24)
        let end = try scanner.scan(text.span, from: start, separators.classes.table.span)
        return HL7Message(
            text: text, separators: separators, segments: scanner.segments,
            fields: scanner.fields, end: end,
            // MSH-2 has one of its own.
            hasEscapes: scanner.escapeCount > 1, hasLineFeeds: scanner.hasLineFeeds)
    }

    private mutating func scan(
        _ text: Span<UInt8>, from start: Int, _ classes: Span<UInt8>
    ) throws(HL7Refusal) -> Int {
        begin(start)
        var index = start
        while true {
            // Most bytes part nothing: this is where the time goes.
            while index < text.count, classes[Int(text[index])] == HL7Classes.ordinary {
                index &+= 1
            }
            guard index < text.count else { break }
            switch classes[Int(text[index])] {
            case HL7Classes.component:
                componentCount &+= 1
            case HL7Classes.field:
                try endField(index, text)
            case HL7Classes.segmentEnd:
                if text[index] == 0x0A { hasLineFeeds = true }
                try endSegment(index, text, isTerminated: true)
                begin(index &+ 1)
                if HL7Batch.header(in: text, at: index &+ 1) != .none { return index &+ 1 }
            case HL7Classes.repetition:
                try endRepetition(text)
            case HL7Classes.escape:
                escapeCount &+= 1
            default:
                throw HL7Refusal(.error, .dataType, .malformed, "a NUL byte")
            }
            index &+= 1
        }
        try endSegment(index, text, isTerminated: false)
        return index
    }

    private mutating func begin(_ start: Int) {
        segmentStart = start
        fieldStart = start
        firstField = fields.count
        componentCount = 0
        repetitionCount = 0
    }

    private mutating func endRepetition(_ text: Span<UInt8>) throws(HL7Refusal) {
        repetitionCount &+= 1
        guard
            (componentCount < limits.componentCountMax
                && repetitionCount < limits.repetitionCountMax) || isInsideSamples(text)
        else { throw tooLarge("a field has too many repetitions or components") }
        componentCount = 0
    }

    /// Whether the field is of the samples of a signal, which are as many as they are.
    private func isInsideSamples(_ text: Span<UInt8>) -> Bool {
        guard fields.count - firstField == 5 else { return false }
        let (name, type) = (fields[firstField].range, fields[firstField + 2].range)
        return name.count == 3
            && HL7Segment.packed(
                text[name.lowerBound], text[name.lowerBound + 1], text[name.lowerBound + 2])
                == HL7Segment.obx
            && HL7ValueType.isWaveform(text.extracting(type))
    }

    private mutating func endField(
        _ index: Int, _ text: Span<UInt8>
    ) throws(HL7Refusal) {
        guard componentCount < limits.componentCountMax || isInsideSamples(text) else {
            throw tooLarge("a field has too many components")
        }
        fields.append(HL7Place(fieldStart..<index))
        guard fields.count &- firstField <= limits.fieldCountMax else {
            throw tooLarge("a segment has too many fields")
        }
        fieldStart = index &+ 1
        componentCount = 0
        repetitionCount = 0
    }

    private mutating func endSegment(
        _ index: Int, _ text: Span<UInt8>, isTerminated: Bool
    ) throws(HL7Refusal) {
        guard index > segmentStart else { return }
        try endField(index, text)
        let name = fields[firstField].range
        segments.append(
            HL7Segment(
                name: name.count == 3
                    ? HL7Segment.packed(
                        text[name.lowerBound], text[name.lowerBound + 1],
                        text[name.lowerBound + 2]) : 0,
                firstField: firstField, fieldCount: fields.count - firstField,
                isTerminated: isTerminated))
        guard segments.count <= limits.segmentCountMax else {
            throw tooLarge("too many segments")
        }
    }

    private func tooLarge(_ detail: String) -> HL7Refusal {
        HL7Refusal(.error, .internalError, .tooLarge, detail)
    }
}

/// Finds the messages of an input, which may be a batch or a file of batches.
enum HL7Batch {
    enum Header { case none, message, envelope }

    /// What kind of header or trailer starts at the place, if one does.
    static func header(in text: Span<UInt8>, at start: Int) -> Header {
        guard start &+ 3 < text.count, HL7Separators.canPart(text[start &+ 3]) else {
            return .none
        }
        switch HL7Segment.packed(text[start], text[start &+ 1], text[start &+ 2]) {
        case HL7Segment.msh: return .message
        case 0x464853, 0x424853, 0x425453, 0x465453: return .envelope  // FHS BHS BTS FTS
        default: return .none
        }
    }

    /// The next message's start at or after `start`.
    ///
    /// Only envelope segments and empty lines may come before the first message.
    static func nextMessage(in text: Span<UInt8>, from start: Int, isFirst: Bool) -> Int? {
        var line = start
        while line < text.count {
            switch header(in: text, at: line) {
            case .message: return line
            case .envelope: break
            case .none where isFirst && !isLineEnd(text[line]): return nil
            case .none: break
            }
            while line < text.count, !isLineEnd(text[line]) { line += 1 }
            line += 1
        }
        return nil
    }

    static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A }

    /// Where the first line that starts at the place ends.
    static func lineEnd(in text: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < text.count, !isLineEnd(text[end]) { end += 1 }
        return end
    }
}
