public import TwinCore

/// One record of a CSV text.
public struct CSVRecord: Hashable, Sendable {
    /// The line that it starts on, 1 for the first.
    public var line: Int
    /// Where it stands in the bytes, without its line end.
    public var byteRange: Range<Int>
    public var fields: Result<[String], Refusal>
}

/// Reads the records of a CSV text (RFC 4180), one at a time.
///
/// A byte order mark and both line ends are taken; blank lines are skipped. A quote inside a field
/// that does not start with one is an ordinary character. A record that can't be read is refused,
/// and reading goes on at the line after the one that it starts on, so one stray quote costs one
/// line.
public struct CSVReader: Sendable, Sequence, IteratorProtocol {
    public struct Limits: Hashable, Sendable {
        public var byteCountMax: Int
        public var fieldCountMax: Int
        public var fieldByteCountMax: Int

        public init(
            byteCountMax: Int = 256 << 20, fieldCountMax: Int = 1_024,
            fieldByteCountMax: Int = 65_536
        ) {
            self.byteCountMax = byteCountMax
            self.fieldCountMax = fieldCountMax
            self.fieldByteCountMax = fieldByteCountMax
        }
    }

    private let bytes: [UInt8]
    private let delimiter: UInt8
    private let limits: Limits
    private var position = 0
    private var line = 1

    public init(
        _ bytes: [UInt8], delimiter: UInt8 = UInt8(ascii: ","), limits: Limits = Limits()
    ) throws(Refusal) {
        guard bytes.count <= limits.byteCountMax else {
            throw Refusal(.tooLarge, "more than \(limits.byteCountMax) bytes")
        }
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
            throw Refusal(.unsupported, "UTF-16; save the table as UTF-8")
        }
        self.bytes = bytes
        self.delimiter = delimiter
        self.limits = limits
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    public mutating func next() -> CSVRecord? {
        skipBlankLines()
        guard position < bytes.count else { return nil }
        let (start, startLine) = (position, line)
        do {
            let fields = try record()
            let end = position
            skipLineEnd()
            return CSVRecord(line: startLine, byteRange: start..<end, fields: .success(fields))
        } catch {
            position = start
            line = startLine
            while let byte = peek(), byte != .lineFeed { position += 1 }
            let end = position
            skipLineEnd()
            return CSVRecord(line: startLine, byteRange: start..<end, fields: .failure(error))
        }
    }

    private mutating func record() throws(Refusal) -> [String] {
        var fields: [String] = []
        while true {
            guard fields.count < limits.fieldCountMax else {
                throw Refusal(.tooLarge, "more than \(limits.fieldCountMax) fields")
            }
            fields.append(try peek() == .quote ? quotedField() : plainField())
            guard peek() == delimiter else { return fields }
            position += 1
        }
    }

    private mutating func plainField() throws(Refusal) -> String {
        let start = position
        while let byte = peek(), byte != delimiter, !isLineEnd() { position += 1 }
        return try text(bytes[start..<position])
    }

    private mutating func quotedField() throws(Refusal) -> String {
        position += 1
        var content: [UInt8] = []
        while let byte = peek() {
            position += 1
            if byte == .quote {
                guard peek() == .quote else {
                    guard peek() == nil || peek() == delimiter || isLineEnd() else {
                        throw Refusal(.malformed, "text after a closing quote")
                    }
                    return try text(content[...])
                }
                position += 1
            }
            if byte == .lineFeed { line += 1 }
            content.append(byte)
            guard content.count <= limits.fieldByteCountMax else { break }
        }
        throw Refusal(.malformed, "a quote is not closed")
    }

    private func text(_ field: ArraySlice<UInt8>) throws(Refusal) -> String {
        guard field.count <= limits.fieldByteCountMax else {
            throw Refusal(.tooLarge, "a field of more than \(limits.fieldByteCountMax) bytes")
        }
        guard let text = String(validating: field, as: UTF8.self) else {
            throw Refusal(.malformed, "not UTF-8")
        }
        return text
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private func isLineEnd() -> Bool {
        guard let byte = peek() else { return false }
        if byte == .lineFeed { return true }
        return byte == .carriageReturn && position + 1 < bytes.count
            && bytes[position + 1] == .lineFeed
    }

    private mutating func skipLineEnd() {
        guard isLineEnd() else { return }
        position += bytes[position] == .lineFeed ? 1 : 2
        line += 1
    }

    private mutating func skipBlankLines() {
        while isLineEnd() { skipLineEnd() }
    }
}

extension UInt8 {
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
    fileprivate static let quote = UInt8(ascii: "\"")
}
