public import TwinCore

extension HL7Writer {
    /// The same message, said of that patient: for one that names nobody, or two.
    ///
    /// Every PID segment gives way to one; nothing else changes. Nil where the bytes are not one
    /// message with usable separators.
    public static func readdressed(_ bytes: [UInt8], to twin: TwinID) -> [UInt8]? {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let start = hasMark ? 3 : 0
        let text = bytes.span
        guard HL7Batch.header(in: text, at: start) == .message,
            let separators = HL7Separators(mshAt: start, in: text)
        else { return nil }
        var result: [UInt8] = []
        var line = start
        while line < bytes.count {
            let end = HL7Batch.lineEnd(in: text, from: line)
            // The line with all that ends it.
            var next = end
            while next < bytes.count, HL7Batch.isLineEnd(bytes[next]) { next += 1 }
            if line > start, HL7Batch.header(in: text, at: line) != .none { return nil }
            let isPerson =
                bytes[line..<end].starts(with: [0x50, 0x49, 0x44])
                && (end == line + 3 || bytes[line + 3] == separators.field)
            if !isPerson { result += bytes[line..<next] }
            if line == start {
                if end == next { result.append(0x0D) }
                result += person(twin, separators) + [0x0D]
            }
            line = next
        }
        return result
    }

    /// `PID|||identifier^^^authority`.
    private static func person(_ twin: TwinID, _ separators: HL7Separators) -> [UInt8] {
        let escapes = HL7Escapes(separators: separators)
        let field = separators.field
        var segment = Array("PID".utf8) + [field, field, field]
        segment += escapes.done(String(twin.identifier).utf8)
        guard let authority = twin.authority else { return segment }
        segment += [UInt8](repeating: separators.component, count: 3)
        return segment + escapes.done(String(authority).utf8)
    }
}
