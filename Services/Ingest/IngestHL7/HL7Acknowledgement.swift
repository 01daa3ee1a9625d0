import TwinCore

/// Writes the reply to one message, in its own separators.
struct HL7Acknowledgement {
    /// No field of the message that a reply repeats may be longer.
    private static let fieldByteCountMax = 256

    private let separators: HL7Separators
    /// The fields of the message's MSH, from 1 (the separator, left empty here).
    private let fields: [ArraySlice<UInt8>]
    private let applicationName: String

    init(_ context: [UInt8], _ applicationName: String) {
        self.applicationName = applicationName
        let isHeader = HL7Batch.header(in: context.span, at: 0) == .message
        let declared = isHeader ? HL7Separators(mshAt: 0, in: context.span) : nil
        separators = declared ?? .standard
        guard isHeader, let separator = declared?.field ?? context.dropFirst(3).first else {
            fields = []
            return
        }
        let end = HL7Batch.lineEnd(in: context.span, from: 0)
        let all = context[4..<max(4, end)].split(
            separator: separator, maxSplits: 20, omittingEmptySubsequences: false)
        // Without usable separators only the message's id is safe to repeat, if it is plain.
        fields =
            declared != nil
            ? [[], []] + all.dropFirst()
            : HL7Acknowledgement.onlyID(all)
    }

    private static func onlyID(_ all: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
        guard all.count > 8, all[8].allSatisfy({ HL7Acknowledgement.isPlain($0) }) else {
            return []
        }
        return Array(repeating: [], count: 9) + [all[8]]
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// The message's field of that number, as it was sent.
    private func field(_ number: Int) -> ArraySlice<UInt8> {
        guard number - 1 < fields.count else { return [] }
        let field = fields[number - 1]
        return field.count <= HL7Acknowledgement.fieldByteCountMax ? field : []
    }

    /// The reply that the message asks for; empty where it asks for none.
    ///
    /// Without MSH-15 and MSH-16 that is the original `AA`, or the refusal with its ERR segment.
    /// MSH-15 asks for the fast one that says only that it is kept (`CA`, `CE`, `CR`), MSH-16 for
    /// the other; asked for both, they are two frames. Either is made when the message is on disk.
    func bytes(_ refusal: HL7Refusal?, _ now: Instant) -> [UInt8] {
        let kind = refusal?.kind.rawValue ?? "AA"
        guard !field(15).isEmpty || !field(16).isEmpty else { return bytes(kind, refusal, now) }
        var replies: [[UInt8]] = []
        if isAsked(15, refusal) { replies.append(bytes("C" + kind.dropFirst(), refusal, now)) }
        if isAsked(16, refusal) { replies.append(bytes(kind, refusal, now)) }
        return Array(replies.joined(separator: MLLPFramer.boundary))
    }

    /// What the field says of table 0155: always, never, on errors or on success only.
    private func isAsked(_ number: Int, _ refusal: HL7Refusal?) -> Bool {
        switch String(decoding: field(number), as: UTF8.self) {
        case "", "NE": false
        case "ER": refusal != nil
        case "SU": refusal == nil
        default: true
        }
    }

    private func bytes(_ kind: String, _ refusal: HL7Refusal?, _ now: Instant) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        addHeader(now, &bytes)
        let escapes = HL7Escapes(separators: separators)
        var acknowledgement: [ArraySlice<UInt8>] = [
            ArraySlice("MSA".utf8), ArraySlice(kind.utf8), field(10),
        ]
        if let refusal {
            acknowledgement.append(ArraySlice(escapes.done(refusal.refusal.detail.utf8)))
        }
        add(acknowledgement, &bytes)
        if let refusal { add(error(refusal, escapes), &bytes) }
        return bytes
    }

    private func addHeader(_ now: Instant, _ bytes: inout [UInt8]) {
        let version =
            field(12).split(
                separator: separators.component, maxSplits: 1, omittingEmptySubsequences: false
            ).first ?? []
        let application = field(5)
        let name = ArraySlice(HL7Escapes(separators: separators).done(applicationName.utf8))
        bytes += "MSH".utf8
        bytes.append(separators.field)
        bytes += [
            separators.component, separators.repetition, separators.escape,
            separators.subcomponent, separators.field,
        ]
        var fields: [ArraySlice<UInt8>] = [
            application.isEmpty ? name : application, field(6), field(3), field(4),
            ArraySlice(HL7Writer.time(now)), [], messageType(), field(10),
            field(11).isEmpty ? [0x50] : field(11),
            version.isEmpty ? ArraySlice("2.6".utf8) : version,
        ]
        let charset = field(18)
        if !charset.isEmpty { fields += [[], [], [], [], [], charset] }
        add(fields, &bytes)
    }

    /// `ACK^R01^ACK`, or `ACK` to a message without trigger event.
    private func messageType() -> ArraySlice<UInt8> {
        let parts = field(9).split(
            separator: separators.component, omittingEmptySubsequences: false)
        guard parts.count > 1, !parts[1].isEmpty else { return ArraySlice("ACK".utf8) }
        // What answers a point of care device has an event of its own.
        let isPointOfCare = ["R30", "R31", "R32"].contains { parts[1].elementsEqual($0.utf8) }
        let event = isPointOfCare ? ArraySlice("R33".utf8) : parts[1]
        let middle = [separators.component] + event + [separators.component]
        return ArraySlice("ACK".utf8) + middle + ArraySlice("ACK".utf8)
    }

    /// ERR: code of table 0357, severity, text.
    private func error(_ refusal: HL7Refusal, _ escapes: HL7Escapes) -> [ArraySlice<UInt8>] {
        var code = Array(String(refusal.code.rawValue).utf8)
        code.append(separators.component)
        code += refusal.code.text.utf8
        code.append(separators.component)
        code += "HL70357".utf8
        return [
            ArraySlice("ERR".utf8), [], [], ArraySlice(code), [0x45], [], [], [],
            ArraySlice(escapes.done(refusal.refusal.detail.utf8)),
        ]
    }

    private func add(_ fields: [ArraySlice<UInt8>], _ bytes: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(separators.field) }
            bytes += field
        }
        bytes.append(0x0D)
    }
}
