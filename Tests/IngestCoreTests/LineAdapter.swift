import IngestCore
import TwinCore

/// The smallest adapter that can work, for tests of the room: each line is a message of
/// `patient id value`, or of `bad`.
struct LineAdapter: Adapter {
    static let format = Format("line")
    var format: Format { LineAdapter.format }

    func read(_ bytes: [UInt8], channel: Channel, receivedAt: Instant) -> [ReadMessage] {
        var start = 0
        return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            defer { start += line.count + 1 }
            return message(Array(line), at: start, receivedAt)
        }
    }

    private func message(_ line: [UInt8], at start: Int, _ receivedAt: Instant) -> ReadMessage {
        var message = ReadMessage(
            inputRange: start..<(start + line.count), replyContext: line, identity: nil,
            fingerprint: Fingerprint.of(line.span),
            content: .refused(Refusal(.malformed, "bad"), reply: Array("no:".utf8) + line))
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return message }
        var places: [RawText] = []
        var offset = 0
        for part in parts {
            places.append(RawText(offset..<(offset + part.count)))
            offset += part.count + 1
        }
        message.identity = Fingerprint.of(Array(parts[1]).span)
        let code = RawText(line.count..<(line.count + 6))
        let system = RawText((line.count + 6)..<(line.count + 8))
        let unit = RawText((line.count + 8)..<(line.count + 12))
        // An empty value is one without a code: it can't be kept.
        let row = RawObservation(
            code: places[2].isEmpty ? .empty : RawCode(value: code, system: system),
            value: .text(places[2]), unit: RawCode(value: unit), time: .at(receivedAt))
        message.content = .observations(
            RawMessage(
                text: line + Array("8867-4LN/min".utf8),
                patients: [[RawIdentifier(value: places[0])]],
                source: "line", observations: [row]))
        return message
    }

    func reply(to context: [UInt8], refusal: Refusal?, at now: Instant) -> [UInt8] {
        Array((refusal.map { "\($0.reason.name):" } ?? "ok:").utf8) + context
    }
}
