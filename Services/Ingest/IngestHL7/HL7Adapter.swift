public import IngestCore
public import TwinCore

extension Format {
    public static let hl7 = Format("hl7")
}

/// Reads HL7 version 2: unsolicited results (ORU) and movements of patients (ADT), of any version, separators and charset.
public struct HL7Adapter: Adapter {
    public let limits: HL7Limits
    /// What replies call this application where the message does not address one.
    public let applicationName: String

    public init(limits: HL7Limits = HL7Limits(), applicationName: String = "TWINLINE") {
        self.limits = limits
        self.applicationName = applicationName
    }

    public var format: Format { .hl7 }

    public func read(_ bytes: [UInt8], channel: Channel, receivedAt: Instant) -> [ReadMessage] {
        let input = bytes.span
        guard bytes.count <= limits.messageByteCountMax else {
            return [refused(bytes, 0..<bytes.count, HL7Adapter.oversized, receivedAt)]
        }
        let isASCII = HL7Adapter.isASCII(input)
        var messages: [ReadMessage] = []
        var start = HL7Adapter.byteOrderMarkCount(input)
        while let first = HL7Batch.nextMessage(in: input, from: start, isFirst: messages.isEmpty) {
            guard messages.count < limits.messageCountMax else {
                let rest = first..<bytes.count
                messages.append(refused(bytes, rest, HL7Adapter.oversized, receivedAt))
                break
            }
            let message = readMessage(bytes, at: first, isASCII: isASCII, channel, receivedAt)
            start = message.inputRange.upperBound
            messages.append(message)
        }
        guard messages.isEmpty else { return messages }
        return [refused(bytes, 0..<bytes.count, HL7Adapter.noHeader(bytes[start...]), receivedAt)]
    }

    /// Why what begins so is no message.
    private static func noHeader(_ bytes: ArraySlice<UInt8>) -> HL7Refusal {
        if bytes.starts(with: "MSH".utf8) {
            return HL7Refusal(
                .rejection, .dataType, .malformed, "MSH-1 is nothing that can part fields")
        }
        return HL7Refusal(
            .rejection, .segmentSequence, .malformed,
            bytes.isEmpty ? "the message is empty" : "the message does not start with MSH")
    }

    static let oversized = HL7Refusal(
        .error, .internalError, .tooLarge, "the message is too large")

    private func readMessage(
        _ bytes: [UInt8], at start: Int, isASCII: Bool, _ channel: Channel, _ receivedAt: Instant
    ) -> ReadMessage {
        do {
            let message: HL7Message
            let end: Int
            if isASCII {
                message = try HL7Scanner.message(in: bytes, at: start, limits)
                end = message.end
            } else {
                end = HL7Adapter.messageEnd(bytes.span, from: start)
                let charset = HL7Charset.declared(in: bytes.span, at: start)
                let text = try charset.decoded(bytes[start..<end], or: channel.charset)
                message = try HL7Scanner.message(in: text, at: 0, limits)
            }
            let header = try HL7Header(message, channel)
            return ReadMessage(
                inputRange: start..<end, replyContext: HL7Adapter.replyContext(bytes, start),
                identity: HL7Adapter.identity(message, header),
                fingerprint: Fingerprint.of(bytes.span.extracting(start..<end)),
                content: .observations(try HL7Reader.read(message, header, channel)))
        } catch {
            let end = HL7Adapter.messageEnd(bytes.span, from: start)
            return refused(bytes, start..<end, error, receivedAt)
        }
    }

    private func refused(
        _ bytes: [UInt8], _ range: Range<Int>, _ refusal: HL7Refusal, _ receivedAt: Instant
    ) -> ReadMessage {
        let context = HL7Adapter.replyContext(bytes, range.lowerBound)
        return ReadMessage(
            inputRange: range, replyContext: context, identity: nil,
            fingerprint: Fingerprint.of(bytes.span.extracting(range)),
            content: .refused(
                refusal.refusal,
                reply: HL7Acknowledgement(context, applicationName).bytes(refusal, receivedAt)))
    }

    public func reply(to context: [UInt8], refusal: Refusal?, at now: Instant) -> [UInt8] {
        HL7Acknowledgement(context, applicationName).bytes(refusal.map(HL7Refusal.init), now)
    }

    /// The first segment, as it was sent.
    private static func replyContext(_ bytes: [UInt8], _ start: Int) -> [UInt8] {
        let end = min(HL7Batch.lineEnd(in: bytes.span, from: start), start + 4096)
        return Array(bytes[start..<max(start, end)])
    }

    private static func identity(_ message: HL7Message, _ header: HL7Header) -> UInt64 {
        var fingerprint = Fingerprint(seed: 1)
        for place in [header.application, header.facility, header.controlID] {
            fingerprint.add(message.text.span.extracting(place.range))
        }
        return fingerprint.value
    }

    /// Where the message that starts at the place ends: before the next header, or with the input.
    private static func messageEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var line = start
        while true {
            line = HL7Batch.lineEnd(in: bytes, from: line) + 1
            guard line < bytes.count else { return bytes.count }
            if HL7Batch.header(in: bytes, at: line) != .none { return line }
        }
    }

    private static func isASCII(_ bytes: Span<UInt8>) -> Bool {
        var all: UInt8 = 0
        for index in bytes.indices { all |= bytes[index] }
        return all < 0x80
    }

    private static func byteOrderMarkCount(_ bytes: Span<UInt8>) -> Int {
        bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    }
}
